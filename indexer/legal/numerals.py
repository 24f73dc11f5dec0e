"""Numbers written otherwise than in figures: Roman ones, and ordinals in words ("Điều II", "Điều thứ hai mươi mốt")."""

import re

_ROMAN = re.compile(r"(?P<tens>XL|L?X{0,3})(?P<units>IX|IV|V?I{0,3})")
_LETTERS = {"I": 1, "V": 5, "X": 10, "L": 50}
_WORDS = {
    word: number
    for number, words in enumerate(
        ("nhất một mốt", "hai nhì", "ba", "tư bốn", "năm lăm nhăm", "sáu", "bảy bẩy", "tám", "chín", "mười"), start=1
    )
    for word in words.split()
}


def numeral(text: str) -> int | None:
    """Return the number from 1 to 99 that `text` is.

    >>> numeral("XIV"), numeral("IIII"), numeral("hai mươi mốt"), numeral("mười lăm"), numeral("nhất")
    (14, None, 21, 15, 1)
    """
    if text and _ROMAN.fullmatch(text):
        values = [_LETTERS[letter] for letter in text]
        return sum(-value if value < max(values[place:]) else value for place, value in enumerate(values))
    match text.casefold().split():
        case ["mười"]:
            return 10
        case ["mười", last]:
            tens, units = 10, _WORDS.get(last, 10)
        case [first, "mươi"]:
            tens, units = 10 * _WORDS.get(first, 10), 0
        case [first, "mươi", last]:
            tens, units = 10 * _WORDS.get(first, 10), _WORDS.get(last, 10)
        case [last]:
            tens, units = 0, _WORDS.get(last, 10)
        case _:
            return None
    return tens + units if units < 10 and tens < 100 else None
