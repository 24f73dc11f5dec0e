"""One spelling for one syllable."""

from unicodedata import normalize

import pytest
from casefiles import by_name, cases
from hypothesis import given
from hypothesis import strategies as st

from analyzers.normalise import newer_school, normalise, settle_tone
from analyzers.tables import rows

VIETNAMESE = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵbcdđghklmnpqrstvx"
vietnamese = st.text(VIETNAMESE + VIETNAMESE.upper(), max_size=8)


@pytest.mark.parametrize("case", cases("tone"), ids=by_name)
def test_syllables_get_one_spelling(case):
    """Each case's syllable comes out in the main layer's spelling."""
    assert normalise(case["input"]) == case["expect"]


@given(st.text(max_size=20) | vietnamese)
def test_normalising_twice_changes_nothing(text):
    """A term is its own normal form, so that a query may be analysed again."""
    assert normalise(normalise(text)) == normalise(text)


@given(vietnamese)
def test_unicode_form_does_not_matter(text):
    """Composed and decomposed text are one term."""
    assert normalise(normalize("NFD", text)) == normalise(text)


@given(vietnamese)
def test_letter_case_does_not_matter(text):
    """Capitals and small letters are one term."""
    assert normalise(text.upper()) == normalise(text.lower())


@given(vietnamese)
def test_settling_keeps_length_and_letters(text):
    """Only the place of the tone mark changes: letters and marks are the same ones."""
    settled = settle_tone(text)
    assert len(settled) == len(text)
    assert sorted(normalize("NFD", settled)) == sorted(normalize("NFD", text))


@given(vietnamese)
def test_both_schools_lead_to_each_other(text):
    """Writing a syllable in the newer school changes nothing but what settling restores."""
    assert settle_tone(newer_school(settle_tone(text))) == settle_tone(text)
    assert newer_school(settle_tone(newer_school(text))) == newer_school(text)


def test_lookalikes_are_single_letters_with_a_source():
    """Each row of the table exchanges one character for one and says where it was seen."""
    for found, meant, source in rows("analyzers", "lookalikes.tsv"):
        assert (len(found), len(meant)) == (1, 1)
        assert source
