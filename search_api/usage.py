"""What is wrong with a command line, in Vietnamese: typer says it in English and takes no translation."""

import re

import typer
from pydantic import ValidationError

from indexer.config import in_words

UsageError: type[Exception] = typer.BadParameter.__mro__[1]  # typer brings its own click, under a private name
# What typer says, by the beginning of a message or of what follows "Invalid value for 'X': ".
_MESSAGES = tuple(
    (re.compile(pattern, re.DOTALL), told)
    for pattern, told in (
        (r"No such command '(.*?)'\.?(?: Did you mean (.*?)\?|.*)", "Không có lệnh `{0}`{1}."),
        (
            r"No such option:? '?(--?[^ ]*?)'?\.?(?: Did you mean (.*?)\?| \(Possible options: (.*)\))?",
            "Không có tùy chọn `{0}`{1}. Giá trị bắt đầu bằng dấu - đặt sau `--`.",
        ),
        (r"Missing command.*", "Thiếu lệnh."),
        (r"Missing argument '?(.*?)'?\.(?: .*)?", "Thiếu {0}."),
        (r"Missing option '?(.*?)'?\.(?: .*)?", "Thiếu tùy chọn `{0}`."),
        (r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", "Thừa `{0}`. Giá trị có dấu cách phải đặt trong ngoặc kép."),
        (r"Option '(.*?)' requires .*", "Tùy chọn `{0}` cần một giá trị."),
        (r"Option '(.*?)' does not take a value.*", "Tùy chọn `{0}` không nhận giá trị."),
        (r"\w+ '(.*)' does not exist\.", "không có `{0}`."),
        (r"\w+ '(.*)' is a file\.", "`{0}` là tệp, cần một thư mục."),
        (r"\w+ '(.*)' is a directory\.", "`{0}` là thư mục, cần một tệp."),
        (r"\w+ '(.*)' is not readable\.", "không được quyền đọc `{0}`."),
        (r"(?:Value error, )?'(.*?)' is not one of (.*)\.", "`{0}` không dùng được, chọn một trong {1}."),
    )
)
_VALUE = re.compile(r"Invalid value(?: for (.*?))?: (.*)", re.DOTALL)


def told(error: Exception) -> str:
    """Return what a UsageError says, in one sentence; a message that is not known stays as it is."""
    message: str = error.format_message()  # type: ignore[attr-defined]  # as all of them have
    value = _VALUE.fullmatch(message)
    if value is None:
        return _translated(message)
    cause = error.__cause__
    wrong = in_words(cause.errors()[0]) if isinstance(cause, ValidationError) else value[2]
    return f"{(value[1] or 'Giá trị').replace(chr(39), '`')} không đúng: {_translated(wrong).rstrip('.')}."


def _translated(message: str) -> str:
    for pattern, sentence in _MESSAGES:
        if found := pattern.fullmatch(message):
            first, *rest = (group for group in found.groups() if group is not None) if found.groups() else ("",)
            hint = next(iter(rest), "").replace("'", "")
            return sentence.format(first, hint if "trong {1}" in sentence else f" (hay là {hint}?)" if hint else "")
    return message
