"""A sample as HTML: as a page of a portal, or (`look = "word"`) as Word saves one, which is then often called .doc."""

from html import escape

from .content import COUNTRY, MOTTO, Block, Kind, SampleText

_PORTAL = """<!DOCTYPE html>
<html lang="vi">
<head>
<meta charset="utf-8">
<title>{name} | Công báo tỉnh Bình Lâm</title>
<style>body {{ font-family: "Times New Roman", serif; max-width: 48rem; margin: auto }}</style>
<script>window.dataLayer = window.dataLayer || [];</script>
</head>
<body>
<nav><a href="/">Trang chủ</a> | <a href="/cong-bao">Công báo</a> | <a href="/van-ban">Văn bản</a></nav>
<main>
{body}
</main>
<footer>Trung tâm Tin học - Công báo, Văn phòng Ủy ban nhân dân tỉnh Bình Lâm</footer>
</body>
</html>
"""
_WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">
<head>
<meta http-equiv=Content-Type content="text/html; charset=utf-8">
<meta name=Generator content="Microsoft Word 11">
<title>{name}</title>
<!--[if gte mso 9]><xml><w:WordDocument><w:View>Print</w:View></w:WordDocument></xml><![endif]-->
<style><!-- p.MsoNormal {{ margin: 0cm; font-size: 14.0pt; font-family: "Times New Roman" }} --></style>
</head>
<body lang=VI>
<div class=Section1>
{body}
</div>
</body>
</html>
"""


def to_html(sample: SampleText) -> bytes:
    """Write `sample` as one page, UTF-8."""
    parts = [_letterhead(sample, numbered=True)]
    if sample.type:
        parts += [_p(sample.type, "centre", "b"), _p("<br>\n".join(map(escape, sample.title)), "centre", "b", raw=True)]
    parts += [_p(line, "centre", "b") for line in sample.authority]
    if sample.addressees:
        parts.append(_p("Kính gửi: " + "<br>\n".join(map(escape, sample.addressees)), "centre", raw=True))
    parts += [_block(block, sample) for block in sample.body]
    name = f"{sample.type.capitalize()} {sample.number}".strip()
    return (_WORD if sample.look == "word" else _PORTAL).format(name=escape(name), body="\n".join(parts)).encode()


def _p(text: str, align: str = "justify", tags: str = "", *, raw: bool = False) -> str:
    words = text if raw else escape(text, quote=False)
    for tag in tags:
        words = f"<{tag}>{words}</{tag}>"
    return f'<p class="MsoNormal" style="text-align: {align.replace("centre", "center")}">{words}</p>'


def _letterhead(sample: SampleText, *, numbered: bool) -> str:
    issuer = "".join([*(_p(line, "centre") for line in sample.parent), *(_p(line, "centre", "b") for line in sample.issuer)])
    country = _p(COUNTRY, "centre", "b") + _p(MOTTO, "centre", "b")
    rows = [(issuer, country)]
    if numbered:
        subject = "".join(_p(line, "centre") for line in sample.title) if sample.is_letter else ""
        rows.append((_p(f"Số: {sample.number}", "centre") + subject, _p(sample.dated, "centre", "i")))
    return _columns(rows)


def _columns(rows: list[tuple[str, str]]) -> str:
    lines = [
        f'<tr>\n<td width="40%" valign="top">{left}</td>\n<td width="60%" valign="top">{right}</td>\n</tr>'
        for left, right in rows
    ]
    return '<table width="100%" border="0">\n' + "\n".join(lines) + "\n</table>"


def _block(block: Block, sample: SampleText) -> str:
    match block.kind:
        case Kind.PAGE:
            return "<hr>"
        case Kind.LETTERHEAD:
            return _letterhead(sample, numbered=False)
        case Kind.SIGNATURE:
            receivers = "<br>\n".join(escape(f"- {line}") for line in sample.receivers)
            signer = [_p(line, "centre", "b") for line in (*sample.signature, "", sample.signer)]
            return _columns([(_p("Nơi nhận:", "left", "ib") + _p(receivers, "left", raw=True), "".join(signer))])
        case Kind.TABLE:
            rows = ["".join(f"<td>{escape(cell, quote=False)}</td>" for cell in row) for row in block.rows]
            return (
                '<table class="grid" border="1" cellspacing="0">\n' + "\n".join(f"<tr>{row}</tr>" for row in rows) + "\n</table>"
            )
        case Kind.NOTE:
            return _p(block.text, "centre", "i")
        case Kind.CENTRED:
            return _p(block.text, "centre", "b")
        case Kind.RIGHT:
            return _p(block.text, "right", "i")
    bold, rest = block.parts
    words = (f"<b>{escape(bold, quote=False)}</b>" if bold else "") + escape(rest, quote=False)
    return _p(words, tags="i" if block.kind is Kind.RECITAL else "", raw=True)
