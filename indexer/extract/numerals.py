"""Numbers as lists of a word processor write them: 5, e, V.

Source: ISO/IEC 29500-1, 17.18.59 (ST_NumberFormat).
"""

_ROMAN = {
    1000: "m",
    900: "cm",
    500: "d",
    400: "cd",
    100: "c",
    90: "xc",
    50: "l",
    40: "xl",
    10: "x",
    9: "ix",
    5: "v",
    4: "iv",
    1: "i",
}
_LETTERS = 26


def write_number(number: int, style: str) -> str:
    """Write `number` in `style` (lowerLetter, upperRoman, decimalZero ...); an unknown style is decimal.

    >>> write_number(5, "upperRoman"), write_number(28, "lowerLetter"), write_number(7, "decimalZero")
    ('V', 'bb', '07')
    """
    match style:
        case "lowerLetter" | "upperLetter":
            repeats, letter = divmod(number - 1, _LETTERS)
            written = chr(ord("a") + letter) * min(repeats + 1, 9) if number > 0 else ""
        case "lowerRoman" | "upperRoman":
            written = _roman(number)
        case "decimalZero":
            written = f"{number:02}"
        case _:
            written = str(number)
    return written.upper() if style.startswith("upper") else written


def _roman(number: int) -> str:
    written = ""
    for value, letters in _ROMAN.items():
        repeats, number = divmod(number, value)
        written += letters * min(repeats, 9)
    return written
