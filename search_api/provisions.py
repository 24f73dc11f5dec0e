"""What people call a provision, from its anchor: `quy-dinh.dieu-5` is Điều 5 of the regulation attached to the document."""

import re

from analyzers.tables import rows

_ORDINALS = dict(
    zip(
        ("nhat", "hai", "ba", "tu", "nam", "sau", "bay", "tam", "chin", "muoi"),
        ("nhất", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười"),
        strict=True,
    )
)
_PROVISION = re.compile(
    r"(?:^|-)(diem|khoan|dieu|tieu-muc|muc|chuong|phan|phu-luc)"
    rf"-([0-9]+[a-z]{{0,2}}|[a-z]{{1,2}}[0-9]?|[ivxlc]{{1,7}}|thu-(?:{'|'.join(_ORDINALS)}))(?=-|$)"
)
_LEVELS = {
    "diem": "điểm",
    "khoan": "khoản",
    "dieu": "Điều",
    "tieu-muc": "Tiểu mục",
    "muc": "Mục",
    "chuong": "Chương",
    "phan": "Phần",
    "phu-luc": "Phụ lục",
}
_LARGE = ("tieu-muc", "muc", "chuong", "phan", "phu-luc")  # numbered in capitals
_ATTACHED = {slug: name.capitalize() for name, slug, *_ in reversed(rows("indexer.legal", "parts.tsv"))}  # the first name counts
_NUMBERED = "phu-luc"  # by what is printed; of others the number says which of several it is


def attachment_words(anchor: str) -> str:
    """Return what people call the attached part that a provision lies in, "" for one of the document itself.

    >>> attachment_words("quy-dinh.dieu-5"), attachment_words("phu-luc-ii.dieu-1"), attachment_words("dieu-5")
    ('Quy định kèm theo', 'Phụ lục II kèm theo', '')
    """
    part = anchor.rpartition(".")[0]
    if not part:
        return ""
    slug = next((slug for slug in sorted(_ATTACHED, key=len, reverse=True) if f"{part}-".startswith(f"{slug}-")), None)
    if slug is None:  # what nothing announces
        return "văn bản kèm theo"
    number = part[len(slug) + 1 :].upper()
    shown = f" {'' if slug == _NUMBERED else 'thứ '}{number}" if number else ""
    return f"{_ATTACHED[slug]}{shown} kèm theo"


def provision_words(anchor: str) -> str:
    """Return what people call a provision, "" where its name is not known.

    >>> provision_words("dieu-103-khoan-2-diem-dd"), provision_words("quy-dinh.dieu-5a")
    ('điểm đ khoản 2 Điều 103', 'Điều 5a Quy định kèm theo')
    >>> provision_words("phan-thu-hai-chuong-i-muc-1-tieu-muc-2"), provision_words("phan-i")
    ('Tiểu mục 2 Mục 1 Chương I Phần thứ hai', 'Phần I')
    """
    own = anchor.rpartition(".")[2]
    words = [f"{_LEVELS[level]} {_label_words(level, label)}" for level, label in reversed(_PROVISION.findall(own))]
    return " ".join([*words, attachment_words(anchor)]).strip() if words else ""


def _label_words(level: str, label: str) -> str:
    if label.startswith("thu-"):
        return f"thứ {_ORDINALS[label.removeprefix('thu-')]}"
    return label.upper() if level in _LARGE else label.replace("dd", "đ")
