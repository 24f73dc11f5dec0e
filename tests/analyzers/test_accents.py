"""Accents off, offsets kept."""

from unicodedata import category, normalize

from hypothesis import given
from hypothesis import strategies as st

from analyzers.accents import fold, has_accents
from analyzers.normalise import normalise

INITIALS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
RHYMES = (
    "a ac ai am an ang anh ao ay ă ăn âu e en ê ên i ia in o oa oai oan oe oi on ô ôn ơ ơn u ua uân uê ui uy uyên ư ưa ươn y yên"
)
TONES = ["", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"]


def test_every_vietnamese_letter_becomes_ascii():
    """All 134 accented letters, small and capital, lose every mark."""
    vowels = [base + tone for base in "aăâeêioôơuưy" for tone in TONES]
    letters = {normalize("NFC", vowel) for vowel in vowels} | {"đ"}
    accented = {letter for letter in letters | {letter.upper() for letter in letters} if not letter.isascii()}
    assert len(accented) == 134
    assert all(fold(letter).isascii() and fold(letter).isalpha() for letter in accented)


@given(st.text())
def test_offsets_stay(text):
    """One character in, one character out, for any text; what is no letter with marks is untouched."""
    folded = fold(text)
    assert len(folded) == len(text)
    assert all(after == before or category(before)[0] == "L" for before, after in zip(text, folded, strict=True))


@given(st.text())
def test_folding_twice_changes_nothing(text):
    """Folded text is its own fold, and has no accents."""
    assert fold(fold(text)) == fold(text)
    assert not has_accents(fold(normalize("NFC", text)))


@given(st.text("hòađấtở đường", min_size=1))
def test_accents_are_seen_in_any_normal_form(text):
    """Whether text has accents does not depend on how it is stored."""
    assert has_accents(text) == has_accents(normalize("NFD", text)) == (fold(text) != text)


def test_typed_without_accents_is_the_same_term():
    """For every syllable: folding what is typed before or after normalising gives one term."""
    for initial in ["", *INITIALS.split()]:
        for rhyme in RHYMES.split():
            for vowel in range(len(rhyme)):
                for tone in TONES:
                    syllable = normalize("NFC", initial + rhyme[: vowel + 1] + tone + rhyme[vowel + 1 :])
                    assert fold(normalise(fold(syllable))) == fold(normalise(syllable)), syllable
