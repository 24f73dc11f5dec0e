"""The boxes of a letterhead, as Decree 30/2020/NĐ-CP, annex I numbers them."""

from enum import StrEnum


class Box(StrEnum):
    """What a letterhead cell is."""

    NATION = "nation"  # quốc hiệu, motto, or a part of one
    NUMBER = "number"
    DATE = "date"
    ABOUT = "about"  # V/v
    RUNNING_HEAD = "running head"
    BODY_NAME = "body"  # the issuing body, its parent, or something unknown
