"""A sample document as it is written in content/*.toml: the parts of Decree 30/2020's layout, and a body of marked lines.

Each line of a body is one paragraph. Its first characters say what it is: `= ` centred and bold, `~ ` centred and italic,
`> ` right and italic, `|` a table row, `@` the letterhead again, `---` a new page; any other line speaks for itself.
The signature block stands before the first `---`, or at the end.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

COUNTRY = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"


class Kind(StrEnum):
    """What a block of the body is."""

    RECITAL = "recital"
    CENTRED = "centred"
    NOTE = "note"
    RIGHT = "right"
    ARTICLE = "article"
    SECTION = "section"
    PARAGRAPH = "paragraph"
    TABLE = "table"
    LETTERHEAD = "letterhead"
    SIGNATURE = "signature"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of the body; `rows` is filled for tables alone, `text` for what holds words."""

    kind: Kind
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def parts(self) -> tuple[str, str]:
        """The bold beginning and the plain rest: an article's label, or its whole line where it is only a heading."""
        if self.kind in (Kind.SECTION, Kind.CENTRED):
            return self.text, ""
        label = re.match(r"Điều \d+\. ?", self.text)
        if self.kind is not Kind.ARTICLE or label is None:
            return "", self.text
        return (self.text[: label.end()], self.text[label.end() :]) if self.text[-1] in ".:;" else (self.text, "")


@dataclass(frozen=True, slots=True)
class SampleText:
    """The content of one sample, without a format. Lists hold one printed line each."""

    file: str
    issuer: tuple[str, ...]
    number: str
    place: str
    date: date
    body: tuple[Block, ...]
    signature: tuple[str, ...]
    signer: str
    receivers: tuple[str, ...]
    parent: tuple[str, ...] = ()
    type: str = ""
    title: tuple[str, ...] = ()  # trích yếu, under the type or, in an official letter, under the number
    addressees: tuple[str, ...] = ()
    authority: tuple[str, ...] = ()  # who decides, centred under the title
    mark: str = ""  # độ mật
    stamp: tuple[str, ...] = ()  # what signing software prints over the page
    encoding: str = "unicode"  # or tcvn3 (DOCX), vni (text)
    look: str = ""  # "word": HTML as Word saves it; "cut": the first third of the file alone

    @property
    def dated(self) -> str:
        """Place and date as printed: Decree 30/2020 asks for a zero before days below 10 and months below 3."""
        month = f"{self.date.month:02d}" if self.date.month < 3 else str(self.date.month)
        return f"{self.place}, ngày {self.date.day:02d} tháng {month} năm {self.date.year}"

    @property
    def is_letter(self) -> bool:
        """Whether it is a công văn, which has no type."""
        return not self.type


def read_sample(path: Path) -> SampleText:
    """Read one content file. Raises TypeError for a key that is none of SampleText's."""
    with path.open("rb") as file:
        fields: dict[str, Any] = tomllib.load(file)
    blocks = _blocks(fields.pop("body"))
    return SampleText(body=tuple(blocks), **{name: _frozen(value) for name, value in fields.items()})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _blocks(body: str) -> list[Block]:
    blocks: list[Block] = []
    for line in filter(None, map(str.strip, body.splitlines())):
        if line.startswith("|"):
            row = tuple(cell.strip() for cell in line.strip("|").split("|"))
            before = blocks.pop().rows if blocks and blocks[-1].kind is Kind.TABLE else ()
            blocks.append(Block(Kind.TABLE, rows=(*before, row)))
        elif line == "---":
            blocks.append(Block(Kind.PAGE))
        elif line == "@":
            blocks.append(Block(Kind.LETTERHEAD))
        else:
            blocks.append(_line(line))
    first_page_end = next((i for i, block in enumerate(blocks) if block.kind is Kind.PAGE), len(blocks))
    blocks.insert(first_page_end, Block(Kind.SIGNATURE))
    return blocks


def _line(line: str) -> Block:
    marked = {"= ": Kind.CENTRED, "~ ": Kind.NOTE, "> ": Kind.RIGHT}
    if line[:2] in marked:
        return Block(marked[line[:2]], line[2:])
    if re.match(r"(Căn cứ|Theo đề nghị|Xét) ", line):
        return Block(Kind.RECITAL, line)
    if re.match(r"Điều \d+\.", line):
        return Block(Kind.ARTICLE, line)
    return Block(Kind.SECTION if re.match(r"[IVX]+\. \w", line) else Kind.PARAGRAPH, line)
