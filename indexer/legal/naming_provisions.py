"""Where a text names provisions: điểm a, b khoản 2 Điều 103 Mục 5 Chương XII, khoản này; each label is one mention.

What belongs to what is judged in `citations`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from indexer.model import Level

_LEVELS = {
    "điểm": Level.POINT,
    "khoản": Level.CLAUSE,
    "điều": Level.ARTICLE,
    "tiểu mục": Level.SUBSECTION,
    "mục": Level.SECTION,
    "chương": Level.CHAPTER,
    "phần": Level.PART,
    "phụ lục": Level.ATTACHMENT,
}
_ROMAN_OR_FIGURES = r"[IVXLC]{1,7}|\d{1,3}"
_LABELS = {
    Level.POINT: r"[a-zđ]\d?",
    Level.CLAUSE: r"\d{1,3}[a-zđ]?",
    Level.ARTICLE: r"\d{1,4}[a-zđ]?",
    Level.SUBSECTION: _ROMAN_OR_FIGURES,
    Level.SECTION: rf"{_ROMAN_OR_FIGURES}|[A-HĐ]",
    Level.CHAPTER: _ROMAN_OR_FIGURES,
    Level.PART: rf"thứ\s{{1,2}}[^\W\d_]{{2,4}}|{_ROMAN_OR_FIGURES}",
    Level.ATTACHMENT: r"(?:số\s{1,2})?(?:[IVXL]{1,7}|\d{1,3}[A-Z]?)",
}
_SIGN = re.compile(
    r"(?<![^\W_])(?:[đĐ](?:iểm|ỂM|iều|IỀU)|[kK](?:hoản|HOẢN)|(?:[tT]iểu\s)?[mM](?:ục|ỤC)|[cC](?:hương|HƯƠNG)|[pP]hần|PHẦN|[pP]hụ\s[lL]ục|PHỤ\sLỤC)"
    r"\s{1,3}(?=[\da-zđA-HĐIVXLCnNts]|số\s)"
)
_THIS = re.compile(r"(?:này|NÀY)(?![^\W_])")
# what no label goes on with: 5.000, 24/7, 12 tháng, 10%, "2. Tổ chức" on a new line
_LABEL_END = r"(?![^\W_]|[./]\d|%|\s{1,2}(?:ngày|tháng|năm|người|đồng|lần|giờ|triệu|tỷ|tỉ|nghìn|phút|km|kg|ha|m2|tấn)\b)"
_FIRST = {level: re.compile(f"(?P<label>{labels}){_LABEL_END}") for level, labels in _LABELS.items()}
_NEXT = {
    level: re.compile(rf"\s{{0,2}}(?:,|,?\s{{1,2}}(?:và|hoặc|đến))\s{{1,2}}(?P<label>{labels}){_LABEL_END}")
    for level, labels in _LABELS.items()
}
_CLAUSE_AT_LINE_START = re.compile(r"\n\s{0,2}[^\s]{1,4}[.)]\s")
_OPENS_CLAUSE = re.compile(r"[^\s]{1,4}[.)]\s")
_MOST_LABELS = 60  # of one list


@dataclass(frozen=True, slots=True)
class Mention:
    """One provision named at text[start:end]; `label` is as an anchor writes it, "" for khoản này."""

    start: int
    end: int
    level: Level
    label: str


def find_mentions(text: str) -> Iterator[Mention]:
    """Yield the provisions that `text` names, in order; of a list (khoản 1, 2 và 3) each label for itself."""
    for sign in _SIGN.finditer(text):
        level = _LEVELS[" ".join(sign.group().lower().split())]
        if this := _THIS.match(text, sign.end()):
            yield Mention(sign.start(), this.end(), level, "")
            continue
        if "\n" in sign.group() and _OPENS_CLAUSE.match(text, sign.end()):
            continue  # bảo vệ đê điều ⏎ 1. Tổ chức
        found = _FIRST[level].match(text, sign.end())
        start = sign.start()
        for _ in range(_MOST_LABELS):
            if found is None:
                break
            yield Mention(start, found.end(), level, _label(found["label"]))
            found = _NEXT[level].match(text, found.end())
            if found:
                if _CLAUSE_AT_LINE_START.match(text, found.start("label") - 1):
                    break  # Điều 5, ⏎ 2. Tổ chức: the next clause opens
                start = found.start("label")


def _label(printed: str) -> str:
    return "-".join(printed.lower().removeprefix("số").split()).replace("đ", "dd")
