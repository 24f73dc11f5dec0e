"""How a run of a DOCX is set, font and capitals: as it says, its character style, its paragraph style, the document's default.

Source: ISO/IEC 29500-1, 17.7.2 (style hierarchy), 17.7.3 (toggle properties), 17.3.2.5 (caps), 17.3.2.26 (rFonts).
"""

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OFF = ("0", "false", "off")
_CHAIN = 32  # styles based on styles; a hostile circle ends here


class FontTable:
    """Answers for one document; reads styles.xml once."""

    def __init__(self, styles: etree._Element | None) -> None:
        self._own: dict[str, str] = {}
        self._capitals: dict[str, bool] = {}
        self._default_capitals = False
        self._base: dict[str, str] = {}
        self._default = ""
        self._default_paragraph = ""
        if styles is not None:
            self._read(styles)

    def _read(self, styles: etree._Element) -> None:
        self._default = named_font(styles.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")) or ""
        self._default_capitals = _named_capitals(styles.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")) or False
        for style in styles.iter(W + "style"):
            name = style.get(W + "styleId", "")
            if font := named_font(style.find(W + "rPr")):
                self._own[name] = font
            if (capitals := _named_capitals(style.find(W + "rPr"))) is not None:
                self._capitals[name] = capitals
            if (based := style.find(W + "basedOn")) is not None:
                self._base[name] = based.get(W + "val", "")
            if style.get(W + "type") == "paragraph" and style.get(W + "default") in ("1", "true", "on"):
                self._default_paragraph = name

    def font_of(self, run: etree._Element) -> str:
        """Return the font name for `run` (w:r); "" where only the theme names one."""
        properties = run.find(W + "rPr")
        return (
            named_font(properties)
            or self._style_font(value_of(properties, "rStyle"))
            or self.font_of_paragraph(next(run.iterancestors(W + "p"), None))
        )

    def font_of_paragraph(self, paragraph: etree._Element | None) -> str:
        """Return the font of a run in `paragraph` (w:p) that names none."""
        properties = None if paragraph is None else paragraph.find(W + "pPr")
        return self._style_font(value_of(properties, "pStyle") or self._default_paragraph) or self._default

    def shows_capitals(self, run: etree._Element) -> bool:
        """Tell whether `run` is shown in capitals; a character style turns round what its paragraph's style says."""
        properties = run.find(W + "rPr")
        own = _named_capitals(properties)
        if own is not None:
            return own
        paragraph = next(run.iterancestors(W + "p"), None)
        style = value_of(None if paragraph is None else paragraph.find(W + "pPr"), "pStyle") or self._default_paragraph
        return self._style_capitals(value_of(properties, "rStyle")) != self._style_capitals(style) or self._default_capitals

    def _style_capitals(self, style: str) -> bool:
        for _ in range(_CHAIN):
            if style in self._capitals:
                return self._capitals[style]
            style = self._base.get(style, "")
        return False

    def _style_font(self, style: str) -> str:
        for _ in range(_CHAIN):
            if style in self._own:
                return self._own[style]
            style = self._base.get(style, "")
        return ""


def named_font(properties: etree._Element | None) -> str:
    """Return the font that run properties (w:rPr) name themselves."""
    fonts = None if properties is None else properties.find(W + "rFonts")
    return "" if fonts is None else fonts.get(W + "ascii") or fonts.get(W + "hAnsi") or ""


def _named_capitals(properties: etree._Element | None) -> bool | None:
    """Return whether run properties ask for capitals, full or small; None where they don't say."""
    if properties is None:
        return None
    said = [
        element.get(W + "val", "") not in _OFF for name in ("caps", "smallCaps") for element in properties.iterchildren(W + name)
    ]
    return any(said) if said else None


def value_of(properties: etree._Element | None, name: str) -> str:
    """Return the w:val of the child `name`; "" where there is none."""
    element = None if properties is None else properties.find(W + name)
    return "" if element is None else element.get(W + "val", "")
