"""Unicode to the two encodings that Vietnamese offices used before 2001, one byte a character, shown here as windows-1252.

Written from the code charts and apart from `indexer.decoding`, so that the samples test its tables instead of repeating them.
"""

import unicodedata

# TCVN 5712:1993, table VN3: 0x20 apart from ASCII; capitals exist only without a tone.
_TCVN3_CAPITALS = dict(zip("ĂÂÊÔƠƯĐ", range(0xA1, 0xA8), strict=True))
_TCVN3_LETTERS = dict(zip("ăâêôơưđ", range(0xA8, 0xAF), strict=True))
_TCVN3_TONES = {
    **dict(zip("àảãáạ", range(0xB5, 0xBA), strict=True)),
    **dict(zip("ằẳẵắ", range(0xBB, 0xBF), strict=True)),
    **dict(zip("ặầẩẫấậè", range(0xC6, 0xCD), strict=True)),
    **dict(zip("ẻẽéẹềểễếệìỉ", range(0xCE, 0xD9), strict=True)),
    **dict(zip("ĩíịò", range(0xDC, 0xE0), strict=True)),
    **dict(zip("ỏõóọồổỗốộờởỡớợù", range(0xE1, 0xF0), strict=True)),
    **dict(zip("ủũúụừửữứựỳỷỹýỵ", range(0xF1, 0xFF), strict=True)),
}
_TCVN3 = {**_TCVN3_CAPITALS, **_TCVN3_LETTERS, **_TCVN3_TONES}

# VNI-Windows writes most letters as a base and a mark; i, and ỵ, ơ, ư, đ have characters of their own.
_VNI_WHOLE = {"ì": "ì", "í": "í", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "ỵ": "î", "đ": "ñ", "ơ": "ô", "ư": "ö"}
_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT = "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"
_CIRCUMFLEX, _BREVE, _HORN = "\u0302", "\u0306", "\u031b"
_VNI_MARKS = {
    "": {_GRAVE: "ø", _ACUTE: "ù", _HOOK: "û", _TILDE: "õ", _DOT: "ï"},
    _CIRCUMFLEX: {"": "â", _GRAVE: "à", _ACUTE: "á", _HOOK: "å", _TILDE: "ã", _DOT: "ä"},
    _BREVE: {"": "ê", _GRAVE: "è", _ACUTE: "é", _HOOK: "ú", _TILDE: "ü", _DOT: "ë"},
    _HORN: {_GRAVE: "ø", _ACUTE: "ù", _HOOK: "û", _TILDE: "õ", _DOT: "ï"},  # after ô for ơ or ö for ư
}


def tcvn3(text: str) -> str:
    """Return `text` as a `.VnTime` font needs it. Raises ValueError for a letter that TCVN3 lacks (a capital with a tone)."""
    coded = "".join(chr(_TCVN3[char]) if char in _TCVN3 else char for char in unicodedata.normalize("NFC", text))
    if any(ord(char) > 0xFF for char in coded):
        raise ValueError(f"not in TCVN3: {text!r}")
    return coded


def vni(text: str) -> str:
    """Return `text` as a `VNI-Times` font needs it; punctuation beyond windows-1252 is left to the caller."""
    return "".join(_vni_letter(char) for char in unicodedata.normalize("NFC", text))


def _vni_letter(char: str) -> str:
    lower = char.lower()
    if lower in _VNI_WHOLE:
        coded = _VNI_WHOLE[lower]
    else:
        base, *marks = unicodedata.normalize("NFD", lower)
        shape = next((mark for mark in marks if mark in (_CIRCUMFLEX, _BREVE, _HORN)), "")
        tone = next((mark for mark in marks if mark != shape), "")
        if shape == _HORN:
            base = _VNI_WHOLE[unicodedata.normalize("NFC", base + shape)]
        coded = base + _VNI_MARKS[shape].get(tone, "")
    return coded if char == lower else coded.upper()
