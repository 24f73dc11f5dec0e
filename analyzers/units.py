"""Units: the pieces in which underthesea's model sees a text, the same that `underthesea.word_tokenize` cuts.

No unit crosses white space, so a text's units are those of its chunks (what stands between white space), one after the other.
underthesea's own pattern needs exponential time on some chunks. This one has the same alternatives in the same order, each
written so that little can be tried twice; it differs on hosts and mailboxes over 64 characters and addresses with brackets.
"""

import re
from typing import Final

_UPPER: Final = "A-ZÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬĐÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ"
_LETTER: Final = _UPPER + _UPPER.lower()
_UNIT: Final = re.compile(
    rf"""
      =>|==>|->|\.{{2,}}|-{{2,}}|>>|\d+x\d+|v\.v\.\.\.|v\.v\.|v\.v|°[CF]            # 3x4, v.v.
    | [A-ZĐ]+&[A-ZĐ]+|T\.Ư|[{_UPPER}]+(?:\.[{_LETTER}]+)+\.?|[{_LETTER}]+['’][{_LETTER}]+  # H&M, TP.HCM, N’Thôn
    | [A-ZĐ]+\.(?!$)|Tp\.|Mrs?\.|Ms\.|Dr\.|ThS\.|Th\S[Ss]                          # UBND. before more text
    | e-mail|\d+[A-Z]+\d*-\d+|NĐ-CP                                                # 43H-0530
    | (?:(?:ftp|http)s?:(?:/{{1,3}}|[a-z0-9%])|[a-z0-9.\-]{{1,64}}[.][a-z]{{2,13}}/)  # https://x.vn/a
      [^\s()<>{{}}\[\]]+[^\s`!()\[\]{{}};:'".,<>?«»“”‘’]
    | (?<!@)[a-z0-9]{{1,64}}(?:[.\-][a-z0-9]{{1,64}}){{0,8}}[.][a-z]{{2,13}}\b/?(?!@)   # congbao.chinhphu.vn, theo.docx
    | [a-zA-Z0-9_.+-]{{1,64}}@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+
    | \d{{2,}}-\d{{3,}}-\d{{3,}}                                                   # 03-5730-2357
    | \d{{1,2}}/\d{{1,2}}/\d+|\d{{1,2}}/\d{{1,4}}|\d{{1,2}}-\d{{1,2}}-\d+|\d{{1,2}}-\d{{1,4}}
    | \d{{1,2}}\.\d{{1,2}}\.\d+|\d{{4}}/\d{{1,2}}/\d{{1,2}}|\d{{2}}:\d{{2}}:\d{{2}}
    | \d+[A-Z]+\d*                                                                 # 4K
    | \d+(?:\.\d+)+,\d+|\d+(?:\.\d+)+|\d+(?:,\d+)+|\d+(?:[.,_]\d+)?                # 60.542.000
    | :\)+|=\){{2,}}|♥‿♥|:D+(?=\s|$)|<3
    | [.,()ʺ]
    | \b\w+-[\w+-]*\w                                                              # mô-đun, QĐ-UBND
    | \w+
    | [+×\-÷%$><=^_]|:+
    | [^\w\s]
    """,
    re.VERBOSE,
)


def units(chunk: str, *, last: bool = False) -> list[str]:
    """Return the units of `chunk`, which holds no white space; put together they are the chunk.

    The `last` chunk of a text keeps its full stop apart from capitals: the pattern asks whether more text follows.

    >>> units("(QĐ-UBND)."), units("UBND."), units("UBND.", last=True)
    (['(', 'QĐ-UBND', ')', '.'], ['UBND.'], ['UBND', '.'])
    """
    return _UNIT.findall(chunk if last else chunk + " ")
