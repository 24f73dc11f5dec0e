"""Names in normal Vietnamese capitals: "ỦY BAN NHÂN DÂN TỈNH LẠNG SƠN" is written "Ủy ban nhân dân tỉnh Lạng Sơn".

Letters stay as printed (hoá or hóa); only their case changes and abbreviations of a letterhead are written out.
"""

import re
from collections.abc import Mapping

from analyzers.accents import fold
from analyzers.normalise import normalise
from analyzers.tables import rows
from indexer.legal.wording import capital_share, syllables, tight

_WORD = re.compile(r"[^\W_]+")
_ABBREVIATION = re.compile(r"[^\s,;()]+")
IN_EVERY_PLACE = "uy-ban-nhan-dan"  # the parent, in issuers.tsv, of bodies of which every province has one
_PLACE_HEADS = ("tỉnh", "thành phố", "huyện", "quận", "thị xã", "thị trấn", "xã", "phường", "đặc khu")
_SMALL = frozenset(("và", "của", "các", "về", "cho", "với", "tại", "thuộc", "trực"))

# In every province there is one of each department: their names begin as the words of `unit` rows say
_ISSUERS = [(name, codes) for _, name, codes, _, _, parent, _ in rows("indexer.legal", "issuers.tsv") if parent != IN_EVERY_PLACE]
_PLACE_NAMES = [
    name for _, _, own, others, *_ in rows("indexer.legal", "places.tsv") for name in (own, *others.split("; ")) if name
]
_ROWS = (
    *(("body", name, codes, "") for name, codes in _ISSUERS),
    *rows("indexer.legal", "issuer_words.tsv"),
    *(("place", name, "", "") for name in _PLACE_NAMES),
)


def _phrases() -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """Map the syllables of each known phrase to its words in normal capitals."""
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    for kind, name, _, _ in _ROWS:
        words = tuple(_WORD.findall(name))
        if kind in ("body", "field", "place"):
            known[syllables(name)] = words
        if kind == "body" and len(words) > 2 and words[1][0].isupper():  # Bộ Tài chính → Sở Tài chính
            known.setdefault(syllables(" ".join(words[1:])), words[1:])
    return known


_PHRASES = _phrases()
_LONGEST_PHRASE = max(len(phrase) for phrase in _PHRASES)
_SHORT = {code.upper(): name for kind, name, code, _ in _ROWS if kind == "short"}
_PLACES = {syllables(name) for kind, name, _, _ in _ROWS if kind == "place"}
_HEADS = {syllables(name) for kind, name, _, _ in _ROWS if kind in ("head", "unit")}
_UNITS = {syllables(name) for kind, name, _, _ in _ROWS if kind == "unit"}
_LONGEST_HEAD = max(len(head) for head in _HEADS)
_BODIES = {syllables(name): name for kind, name, _, _ in _ROWS if kind == "body"}
_BODIES_UNSPACED = {tight(name): name for name in _BODIES.values()}
_LONGEST_BEGINNING = 160  # characters of a name that are looked at
_LEAST_RESPELLED = 4  # syllables: shorter names have neighbours that differ in accents alone
_FOLDED_BODIES = {tuple(map(fold, body)): name for body, name in _BODIES.items()}
_DEPARTMENTS = [name for _, name, *_, parent, _ in reversed(rows("indexer.legal", "issuers.tsv")) if parent == IN_EVERY_PLACE]
_DEPARTMENTS += [f"Sở {name.removeprefix('Bộ ')}" for name, _ in _ISSUERS if name.startswith("Bộ ")]
_DEPARTMENT_OF_CODE = {
    "".join(word[0] for word in _WORD.findall(name) if word != "và").upper(): name for name in reversed(_DEPARTMENTS)
}
_BODY_OF_CODE = {code: name for name, codes in reversed(_ISSUERS) for code in codes.split("; ") if code}


def _respelled(text: str) -> str:
    """Give long known names their accents back where OCR has others: HỘI ĐÒNG NHÂN DÂN is Hội đồng nhân dân."""
    spans = [match.span() for match in _WORD.finditer(text)]
    plain = [normalise(text[start:end]) for start, end in spans]
    folded = [fold(word) for word in plain]
    for at in range(len(spans)):
        for count in range(min(_LONGEST_PHRASE, len(spans) - at), _LEAST_RESPELLED - 1, -1):
            name = _FOLDED_BODIES.get(tuple(folded[at : at + count]))
            if name is not None and tuple(plain[at : at + count]) not in _BODIES:
                return f"{text[: spans[at][0]]}{name}{text[spans[at + count - 1][1] :]}"
    return text


def known_body(text: str) -> str | None:
    """Return the known body whose whole name `text` is."""
    return _BODIES_UNSPACED.get(tight(text)) if len(text) < 200 else None


def begins_known_body(text: str) -> bool:
    """Say whether `text` is a body's name cut short: "ỦY BAN THƯỜNG VỤ", "NGÂN HÀNG NHÀ NƯỚC"."""
    words = syllables(text)
    return any(body[: len(words)] == words and len(body) > len(words) for body in _BODIES)


def leading_known_body(text: str) -> int:
    """Return how many syllables of `text` are a known body's whole name with which it begins, 0 where none is."""
    words = syllables(text[:_LONGEST_BEGINNING])
    return next((count for count in range(min(_LONGEST_PHRASE, len(words)), 0, -1) if words[:count] in _BODIES), 0)


def body_of_code(code: str) -> str | None:
    """Return the body that an abbreviation in a document number stands for: Bộ Tài chính for BTC."""
    return _BODY_OF_CODE.get(code)


def department_of_code(code: str) -> str | None:
    """Return the department, of which every province has one, whose initials these are.

    >>> department_of_code("SYT"), department_of_code("SGDĐT"), department_of_code("SX")
    ('Sở Y tế', 'Sở Giáo dục và Đào tạo', None)
    """
    return _DEPARTMENT_OF_CODE.get(code)


def is_place_name(text: str) -> bool:
    """Say whether `text` is a province's name."""
    return syllables(text) in _PLACES


def names_field(text: str) -> bool:
    """Say whether `text` begins with a body's name or what a body looks after, in two syllables or more: VĂN PHÒNG, ĐƯỜNG BỘ.

    >>> names_field("AN TOÀN THỰC PHẨM"), names_field("AN THỊ THU")
    (True, False)
    """
    words = syllables(text[:_LONGEST_BEGINNING])
    leading = (words[:count] for count in range(2, min(_LONGEST_PHRASE, len(words)) + 1))
    return any(phrase in _HEADS or (phrase in _PHRASES and phrase not in _PLACES) for phrase in leading)


def head_length(text: str) -> int:
    """Return how many syllables of `text` are the word with which a body's name begins, 0 where it begins otherwise.

    >>> head_length("TỔNG CỤC THUẾ"), head_length("VIỆT NAM")
    (2, 0)
    """
    words = syllables(text[:60])
    return next((count for count in range(min(_LONGEST_HEAD, len(words)), 0, -1) if words[:count] in _HEADS), 0)


def is_unit(text: str) -> bool:
    """Say whether a body's name begins as those of units do that are known by their parent's place: Sở, Phòng, Trung tâm."""
    return syllables(text[:60])[: head_length(text)] in _UNITS


def place_head(text: str) -> str | None:
    """Return the word for a unit of administration with which `text` begins: tỉnh, thành phố, ..."""
    words = syllables(text[:60])
    if words[:2] == ("xã", "hội") or words[1:2] == ("ủy",):
        return None
    return next((head for head in _PLACE_HEADS if words[: head.count(" ") + 1] == tuple(head.split())), None)


def write_out(text: str) -> str:
    """Return `text` with its abbreviations written out: "UBND TP. HÀ NỘI" is "Ủy ban nhân dân thành phố HÀ NỘI"."""
    whole = _ABBREVIATION.sub(lambda match: _SHORT.get(match.group().upper(), match.group()), text.replace("TP.", "TP. "))
    return _respelled(whole)


def settle_name(text: str) -> str:
    """Return a body's name in normal capitals, abbreviations written out.

    >>> settle_name("UBND TỈNH LẠNG SƠN"), settle_name("BỘ VĂN HOÁ, THỂ THAO VÀ DU LỊCH")
    ('Ủy ban nhân dân tỉnh Lạng Sơn', 'Bộ Văn hoá, Thể thao và Du lịch')
    """
    mixed = 0.05 < capital_share(text) < 0.7
    text = " ".join(write_out(text).split())
    spans = [match.span() for match in _WORD.finditer(text)]
    words = [text[start:end] for start, end in spans]
    written = _in_normal_case(words, keep=mixed)
    pieces, last = [], 0
    for (start, end), word in zip(spans, written, strict=True):
        pieces += [text[last:start], word]
        last = end
    return re.sub(r" ?- ?", " - ", "".join([*pieces, text[last:]])).strip(" -–—,.;:=|_'\"“”()")


def _in_normal_case(words: list[str], *, keep: bool) -> list[str]:
    """Give each word its case; `keep` leaves the words alone that no table knows."""
    plain = [normalise(word) for word in words]
    written: list[str] = []
    after_head = in_place = False
    while len(written) < len(words):
        at = len(written)
        count, cased = _known_phrase(plain, at)
        if count:
            written += [_cased_like(word, like) for word, like in zip(words[at : at + count], cased, strict=True)]
            after_head = in_place = False
            continue
        place = next((head for head in _PLACE_HEADS if plain[at : at + head.count(" ") + 1] == head.split()), None)
        if place is None and [fold(word) for word in plain[at : at + 2]] == ["thanh", "pho"]:
            place, words[at], words[at + 1] = "thành phố", "thành", "phố"  # THÀNH PHÓ of OCR
        if place and at:
            written += [word.lower() for word in words[at : at + place.count(" ") + 1]]
            after_head, in_place = False, True
            continue
        head = next((n for n in range(_LONGEST_HEAD, 0, -1) if tuple(plain[at : at + n]) in _HEADS), 0)
        if head and not in_place:
            written += [words[at].capitalize(), *(word.lower() for word in words[at + 1 : at + head])]
            after_head = at == 0  # "Cục Sở hữu trí tuệ": a word that begins other names, in the middle of one
            in_place = plain[at + 1 : at + head] == ["ủy"] and plain[at] != "đảng"  # Huyện ủy Cao Lộc
            continue
        written.append(
            words[at] if keep else _guess(words[at], first=at == 0, capital=after_head or in_place, small=plain[at] in _SMALL)
        )
        after_head = after_head and plain[at] in _SMALL
    return written


def _guess(word: str, *, first: bool, capital: bool, small: bool) -> str:
    if first:
        return word.capitalize()
    if any(letter.isdigit() for letter in word):
        return word
    return word.capitalize() if capital and not small else word.lower()


def _known_phrase(plain: list[str], at: int) -> tuple[int, tuple[str, ...]]:
    for count in range(min(_LONGEST_PHRASE, len(plain) - at), 0, -1):
        cased = _PHRASES.get(tuple(plain[at : at + count]))
        if cased is not None:
            return count, cased
    return 0, ()


def _cased_like(word: str, like: str) -> str:
    """Return `word` with the case pattern of `like`, its letters kept: HOÁ like hóa is hoá."""
    if len(word) != len(like):
        return word.capitalize() if like[:1].isupper() else word.lower()
    return "".join(letter.upper() if sample.isupper() else letter.lower() for letter, sample in zip(word, like, strict=True))
