"""A sample as plain text with two columns drawn by spaces, as old systems export one."""

import textwrap

from .content import COUNTRY, MOTTO, Block, Kind, SampleText
from .legacy import vni

_LEFT, _RIGHT = 32, 46
_WIDTH = _LEFT + _RIGHT


def to_text(sample: SampleText) -> bytes:
    """Write `sample` with CRLF line ends: UTF-8 with a byte order mark, or VNI bytes with `encoding = "vni"`."""
    lines = _letterhead(sample)
    lines += ["", *_centred(sample.type, *sample.title), ""] if sample.type else [""]
    lines += [*_centred(*sample.authority), ""] if sample.authority else []
    lines += [*_centred("Kính gửi: " + "; ".join(sample.addressees)), ""] if sample.addressees else []
    for block in sample.body:
        lines += [*_block(block, sample), ""]
    text = "\r\n".join(line.rstrip() for line in lines).rstrip() + "\r\n"
    return vni(text).encode("cp1252") if sample.encoding == "vni" else text.encode("utf-8-sig")


def _side_by_side(left: list[str], right: list[str]) -> list[str]:
    height = max(len(left), len(right))
    pairs = zip(left + [""] * (height - len(left)), right + [""] * (height - len(right)), strict=True)
    return [first.center(_LEFT) + second.center(_RIGHT) for first, second in pairs]


def _letterhead(sample: SampleText) -> list[str]:
    head = _side_by_side([*sample.parent, *sample.issuer, "-" * 12], [COUNTRY, MOTTO, "-" * 26])
    subject = sample.title if sample.is_letter else ()
    return head + _side_by_side([f"Số: {sample.number}", *subject], [sample.dated])


def _centred(*lines: str) -> list[str]:
    return [part.center(_WIDTH) for line in lines for part in textwrap.wrap(line, _WIDTH - 8)]


def _block(block: Block, sample: SampleText) -> list[str]:
    match block.kind:
        case Kind.PAGE:
            return ["-" * _WIDTH]
        case Kind.SIGNATURE:
            receivers = ["Nơi nhận:", *(f"- {line}" for line in sample.receivers)]
            return _side_by_side([line.ljust(_LEFT) for line in receivers], [*sample.signature, "", "", sample.signer])
        case Kind.TABLE:
            widths = [max(map(len, column)) for column in zip(*block.rows, strict=True)]
            return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in block.rows]
        case Kind.NOTE | Kind.CENTRED:
            return _centred(block.text)
        case Kind.RIGHT:
            return [block.text.rjust(_WIDTH)]
    return textwrap.wrap(block.text, _WIDTH, initial_indent="    ", break_on_hyphens=False)
