"""The authority line under a title, which says who issues the document: "THỦ TƯỚNG CHÍNH PHỦ", "BỘ TRƯỞNG BỘ TÀI CHÍNH"."""

from collections.abc import Sequence

from analyzers.accents import fold
from indexer.legal.cells import Cell, join
from indexer.legal.issuer import Issuer, read_issuer_phrase
from indexer.legal.naming import head_length, known_body, write_out
from indexer.legal.offices import leading_offices
from indexer.legal.wording import goes_on, in_capitals, syllables

_SESSION = 8  # "HỘI ĐỒNG NHÂN DÂN TỈNH X KHÓA XVIII, KỲ HỌP THỨ 8": syllables that may follow the body's name
_NATION = ("nước", "cộng", "hòa")


def is_authority_line(text: str, issuer: Issuer | None) -> bool:
    """Say whether a line names who issues the document, in full or cut short by a line end."""
    if len(text) > 160:
        return False
    words = syllables(write_out(text))
    if known_body(text) or words[2:5] == _NATION:
        return True
    for name in issuer.names if issuer else ():
        own = syllables(name)
        if words[: len(own)] == own and len(words) <= len(own) + _SESSION:
            return in_capitals(text) or len(words) == len(own)
        if len(words) >= 4 and own[: len(words)] == words:
            return True
        if in_capitals(text) and fold(" ".join(words)) == fold(" ".join(own)):
            return True  # "TĨNH PHÚ THỌ" in the letterhead of a scan, "TỈNH PHÚ THỌ" here
        if any(own == words[office:] for office in leading_offices(text)):
            return True  # "bộ trưởng bộ tài chính" in a font of capitals that the text does not show
    return in_capitals(text) and any(_names_body(words[office:]) for office in leading_offices(text))


def _names_body(rest: tuple[str, ...]) -> bool:
    """Say whether what follows an office names the body in which it is held, or is cut short by a line end."""
    return len(rest) < 2 or rest[:2] == ("việt", "nam") or head_length(" ".join(rest)) > 0


def read_authority(cells: Sequence[Cell], issuer: Issuer | None) -> Issuer | None:
    """Return the body that the authority line names, which two cells may share."""
    for index, cell in enumerate(cells):
        if is_authority_line(cell.text, issuer) and not (index and goes_on(cells[index - 1].text)):
            following = cells[index + 1 : index + 2]
            whole = join([cell, *following]) if following and in_capitals(following[0].text) and in_capitals(cell.text) else cell
            return read_issuer_phrase(whole, 0.8) or read_issuer_phrase(cell, 0.8)
    return None
