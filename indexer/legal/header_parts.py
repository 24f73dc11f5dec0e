"""What a line of a header holds beside a secrecy mark: issuer, type, number, place and date.

Marks are stamped wherever there is room, so that reading a page from left to right puts them on a line with these.
"""

import re
from functools import cache

from analyzers.accents import fold
from analyzers.tables import rows

_BODIES = (
    "ỦY BAN|UBND|UB|HỘI ĐỒNG|HĐND|BỘ|CÔNG AN|SỞ|TỈNH|THÀNH|HUYỆN|QUẬN|THỊ XÃ|XÃ|PHƯỜNG|ĐẢNG|VĂN PHÒNG|PHÒNG|TỔNG|CHI CỤC|CỤC|VỤ"
    "|BAN(?! HÀNH)|THANH TRA|VIỆN|TÒA ÁN|QUÂN|CHÍNH PHỦ|THỦ TƯỚNG|QUỐC HỘI|CHỦ TỊCH|KIỂM TOÁN|NGÂN HÀNG|KHO BẠC|TRUNG TÂM|TRƯỜNG"
    "|BỆNH VIỆN|TẬP ĐOÀN|CÔNG TY"
)
# up to a word in small letters, or a number
_ISSUER = rf"(?:{fold(_BODIES)})(?![^\W_])(?:(?![A-Z][a-z]|SO\s{{0,3}}[:.]?\s{{0,3}}\d)[^a-z]){{0,120}}+"
_NUMBER = r"[Ss][Oo]\s{0,3}[:.]?\s{0,12}(?=\S{0,12}[\d.…_]|/)\S{1,40}+(?:\s?[-/]\s?\S{1,40}+|\s?\([^()]{1,20}\)){0,3}+"
_BLANK = r"\s{0,3}[\d.…_]{0,12}\s{0,3}"
_PLACE_AND_DATE = rf"(?:[A-Z][^\d:;]{{0,40}}?[\s,]n|N)gay{_BLANK}thang{_BLANK}nam{_BLANK}"
_TITLE = "(?i:CONG HOA XA HOI CHU NGHIA VIET NAM|DOC LAP ?[-–] ?TU DO ?[-–] ?HANH PHUC)"
_AROUND = " \t-–—*|[](){}.,;:_"
_GAP = r"[\W_]{0,9}+"
_OTHER_WORD = re.compile(
    r"(?<![^\W_])(?:BÍ|BẢO|ĐỘ|VÀ|HOẶC|CƠ|CHẾ|SƠ|LIỆU|DẤU|LOẠI|BI|BAO|DO|VA|CO|CHE|LIEU|DAU|LOAI)$"
)  # BÍ MẬT, ĐỘ MẬT
_SECRET = re.compile(r"(?<![^\W_])M[AÂẬ]T(?![^\W_])")


def is_part(text: str) -> bool:
    """Tell whether `text` is what a header says beside a mark, one part or several in their order.

    >>> is_part("UBND TỈNH LẠNG SƠN"), is_part("Số: 15/KH-UBND Lạng Sơn, ngày 5 tháng 8 năm 2024"), is_part("BẢO VỆ BÍ")
    (True, True, False)
    """
    text = text.strip(_AROUND)
    return bool(text) and not speaks_of_secrets(text) and _parts().fullmatch(fold(text)) is not None


def speaks_of_secrets(text: str) -> bool:
    """Tell whether a secret word after `text` belongs to it, or it holds another: BẢO VỆ BÍ, đóng dấu, ĐỘ TỐI MẬT VÀ."""
    text = text.rstrip(_AROUND).upper()
    return bool(_OTHER_WORD.search(text) or _SECRET.search(text))


@cache
def _parts() -> re.Pattern[str]:
    names = ["Công văn", *(name for name, _, _ in rows("indexer.legal", "document_types.tsv"))]
    types = "|".join(fold(name).upper() for name in sorted(names, key=len, reverse=True))
    first = rf"{_TITLE}|(?:{types})(?![^\W_])|{_ISSUER}"
    return re.compile(rf"(?:{first})?{_GAP}(?:{_NUMBER})?{_GAP}(?:{_PLACE_AND_DATE})?{_GAP}(?:{_TITLE})?{_GAP}")
