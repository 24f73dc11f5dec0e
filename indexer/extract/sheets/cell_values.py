"""Numbers of a spreadsheet as text: a day as its format writes it, any other number in plain figures.

Signs that part thousands are left out: which they are depends on who looks. Names of months and days become numbers, or nothing,
for the same reason.
Source: ISO/IEC 29500-1, 18.8.30 and 18.8.31 (numFmts), and 18.17.4 (dates).
"""

import re
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import takewhile
from math import isfinite

_BUILT_IN = {
    14: "dd/mm/yyyy",  # the reader's own short date
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "dd/mm/yyyy h:mm",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss",
}
_TOKEN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|AM/PM|A/P|y+|m+|d+|h+|s+|.', re.IGNORECASE | re.DOTALL)
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_FORMAT = 255  # characters; Excel itself takes no more
_DAYS = 2_958_466  # the first day of the year 10000
_1900, _1904 = datetime(1899, 12, 31), datetime(1904, 1, 1)  # noqa: DTZ001  the first day; a spreadsheet has no time zone
_LEAP = 60  # 29 February 1900, which never was
_PLAIN = 1e15  # whole numbers up to here have all their figures
_SECONDS = {"h": 3600, "m": 60, "s": 1}


def shown(value: float, format_number: int, format_code: str | None, *, from_1904: bool = False) -> str:
    """Return `value` as text; a format's code is None where it is built in.

    >>> shown(38718.0, 14, None), shown(1234567.5, 4, None), shown(12.0, 0, None)
    ('01/01/2006', '1234567.5', '12')
    """
    code = _BUILT_IN.get(format_number, "") if format_code is None else format_code
    tokens = _date_tokens(code[:_FORMAT])
    if tokens and 0 <= value < _DAYS:
        return _write_date(value, tokens, from_1904=from_1904)
    if not isfinite(value):
        return ""
    return str(int(value)) if value == int(value) and abs(value) < _PLAIN else f"{value:.10g}"


@lru_cache(maxsize=1000)
def _date_tokens(code: str) -> tuple[str, ...]:
    """Return what the first section of a format for dates is made of; nothing of another format."""
    tokens = [
        token
        for token in takewhile(";".__ne__, _TOKEN.findall(code))
        if not token.startswith(("[", "_", "*")) or _ELAPSED.fullmatch(token)
    ]
    dated = any(token[0].lower() in "ymdhs" or _ELAPSED.fullmatch(token) for token in tokens)
    return tuple(tokens) if dated and "general" not in code.lower() else ()


def _write_date(value: float, tokens: tuple[str, ...], *, from_1904: bool) -> str:
    seconds = round(value * 86400)
    start = _1904 if from_1904 else _1900 if value < _LEAP else _1900 - timedelta(days=1)
    try:
        moment = start + timedelta(seconds=seconds)
    except OverflowError:
        return f"{value:.10g}"
    half_days = any(token.upper() in ("AM/PM", "A/P") for token in tokens)
    written = []
    before = ""
    for index, token in enumerate(tokens):
        kind = token[0].lower()
        if kind == "m" and (before == "h" or _next_kind(tokens, index) == "s"):
            kind = "minute"
        written.append(_write_token(token, kind, moment, seconds, half_days=half_days))
        if kind in "ymdhs" or kind == "minute":
            before = kind
        elif elapsed := _ELAPSED.fullmatch(token):
            before = elapsed[1][0].lower()
    return "".join(written).strip()


def _next_kind(tokens: tuple[str, ...], index: int) -> str:
    return next((token[0].lower() for token in tokens[index + 1 :] if token[0].lower() in "ymdhs"), "")


def _write_token(token: str, kind: str, moment: datetime, seconds: int, *, half_days: bool) -> str:
    if elapsed := _ELAPSED.fullmatch(token):
        return f"{seconds // _SECONDS[elapsed[1][0].lower()]:0{len(elapsed[1])}}"
    if token.upper() in ("AM/PM", "A/P"):
        return "AM" if moment.hour < 12 else "PM"
    digits = min(len(token), 2)
    match kind:
        case "y":
            return f"{moment.year:04}" if len(token) > 2 else f"{moment.year % 100:02}"
        case "m":
            return f"{moment.month:0{digits}}"
        case "d":
            return f"{moment.day:0{digits}}" if len(token) < 3 else ""
        case "h":
            return f"{((moment.hour - 1) % 12 + 1) if half_days else moment.hour:0{digits}}"
        case "minute":
            return f"{moment.minute:0{digits}}"
        case "s":
            return f"{moment.second:0{digits}}"
        case '"':
            return token[1:-1]
        case "\\":
            return token[1:]
        case _:
            return token
