"""Issuers over time: cases that a clerk could add, and what holds for the tables."""

from datetime import date
from typing import Any

import pytest
from casefiles import by_name, cases
from hypothesis import given
from hypothesis import strategies as st

from analyzers.tables import rows
from indexer.legal.identity import body_of_group, group_name, group_of, identity_of, predecessors, successors

_BODIES, _PLACES = rows("indexer.legal", "issuers.tsv"), rows("indexer.legal", "places.tsv")
_IN_EVERY_PROVINCE = "uy-ban-nhan-dan"
_COUNCILS = [f"{council} {kind} {name}" for council in ("UBND", "HĐND") for _, kind, name, *_ in _PLACES]
_NAMES = [name for _, name, *_, parent, _ in _BODIES if parent != _IN_EVERY_PROVINCE] + _COUNCILS
_DAYS = st.one_of(st.none(), st.dates(date(1945, 9, 2), date(2030, 1, 1)))


@pytest.mark.parametrize("case", cases("issuers_over_time"), ids=by_name)
def test_a_name_means_the_body_of_its_day(case: dict[str, Any]) -> None:
    """Each case's identity is the one that its `expect` says, with the neighbours that it names."""
    found = identity_of(case["issuer"], date.fromisoformat(case["day"]) if case["day"] else None)
    stated = {
        "key": found and found.key,
        "name": found and found.name,
        "since": found and found.since and found.since.isoformat(),
        "until": found and found.until and found.until.isoformat(),
        "parent": found and found.parent,
        "before": [body.name for body in predecessors(found)] if found else [],
        "after": [body.name for body in successors(found)] if found else [],
    }
    assert {name: stated[name] for name in case["expect"]} == case["expect"]


@given(st.sampled_from(_NAMES), _DAYS)
def test_every_listed_body_has_an_identity_that_lived(name: str, day: date | None) -> None:
    """On whatever day a listed name is asked for, it means a body, which began before it ended."""
    found = identity_of(name, day)
    assert found is not None
    assert (found.since or date.min) < (found.until or date.max)


@given(st.sampled_from(_NAMES), _DAYS)
def test_who_took_over_is_the_reverse_of_from_whom(name: str, day: date | None) -> None:
    """A body is among the predecessors of each of its successors, and the other way round."""
    found = identity_of(name, day)
    assert found is not None
    assert all(found in predecessors(after) for after in successors(found))
    assert all(found in successors(before) for before in predecessors(found))


@pytest.mark.parametrize(
    ("printed", "day", "group"),
    [
        ("HỘI ĐỒNG BỘ TRƯỞNG", date(1985, 6, 14), "Chính phủ"),
        ("Uỷ ban nhân dân tỉnh Hoà Bình", date(2020, 1, 1), "Ủy ban nhân dân tỉnh Hòa Bình"),
        ("UBND THÀNH PHỐ HUẾ", date(2020, 1, 1), "Ủy ban nhân dân thành phố Huế (thuộc tỉnh)"),
        ("UBND THÀNH PHỐ HUẾ", date(2025, 2, 1), "Ủy ban nhân dân thành phố Huế"),
        ("UBND huyện Cao Lộc", date(2020, 1, 1), "Ủy ban nhân dân huyện Cao Lộc"),
        ("UBND tỉnh Hà Giang", date(2020, 1, 1), "Ủy ban nhân dân tỉnh Hà Giang"),
        ("BỘ NỘI VỤ; Bộ  Tài chính", date(1990, 5, 1), "Bộ Công an; Bộ Tài chính"),
        ("Bộ Nội vụ (1945–1975)", None, "Bộ Nội vụ (1945–1975)"),
        ("Hội Người  cao tuổi", None, "Hội Người cao tuổi"),
        (" ; ", None, ""),
        ("Ngân hàng Nhà nước", None, "Ngân hàng Nhà nước Việt Nam"),
        ("Hội Nông dân", None, "Hội Nông dân"),  # of which there are local ones
        ("B\xf4\u0323 c\xf4ng th\u01b0\u01a1ng", None, "Bộ Công Thương"),
        ("BỘ Y TẾ VÀ BỘ TÀI CHÍNH", None, "Bộ Y tế; Bộ Tài chính"),
        (
            "Bộ Y tế, Bộ Nông nghiệp và Phát triển nông thôn và Bộ công thương",
            None,
            "Bộ Y tế; Bộ Nông nghiệp và Phát triển nông thôn; Bộ Công Thương",
        ),
        ("HĐND tỉnh Lạng Sơn, UBND tỉnh Lạng Sơn", None, "Hội đồng nhân dân tỉnh Lạng Sơn; Ủy ban nhân dân tỉnh Lạng Sơn"),
        ("UBND huyện Cao Lộc và UBND huyện Lộc Bình", None, "Ủy ban nhân dân huyện Cao Lộc; Ủy ban nhân dân huyện Lộc Bình"),
        ("Văn phòng Quốc hội và Chủ tịch nước", None, "Văn phòng Quốc hội và Chủ tịch nước"),
        ("Bộ Văn hóa, Thể thao và Du lịch", None, "Bộ Văn hóa, Thể thao và Du lịch"),
        ("Bộ Y tế và Hội X", None, "Bộ Y tế và Hội X"),
    ],
)
def test_documents_are_grouped_by_body(printed: str, day: date | None, group: str) -> None:
    """Under its last name, with what tells it apart from another of that name; the merged province stays by itself."""
    assert group_name(printed, day) == group


def test_a_group_is_one_body() -> None:
    """Of all listed names, every five years: no two bodies share a group's name, and it leads back to the body and to itself."""
    days = (None, *(date(year, 6, 2) for year in range(1946, 2027, 5)), date(2025, 8, 2))
    keys: dict[str, set[str]] = {}
    for name in _NAMES:
        for day in days:
            found = identity_of(name, day)
            assert found is not None
            group = group_name(name, day)
            assert group == group_of(found) == group_name(group, None)
            back = body_of_group(group)
            assert back == found or (back is None and group.endswith("(thuộc tỉnh)"))
            keys.setdefault(group, set()).add(found.key)
    assert [group for group, bodies in keys.items() if len(bodies) > 1] == []


@given(st.text(max_size=60), _DAYS)
def test_any_text_is_grouped(text: str, day: date | None) -> None:
    """Whatever was printed has a group, which is its own group, and names a body or none."""
    group = group_name(text, day)
    assert group_name(group, None) == group
    body = body_of_group(group)
    assert body is None or group_of(body) == group


@given(st.text(max_size=60), _DAYS)
def test_any_text_is_survived(text: str, day: date | None) -> None:
    """Whatever a letterhead printed, the answer is an identity with a key and a name, or none."""
    found = identity_of(text, day)
    assert found is None or (found.key and found.name)


def test_tables_name_only_what_they_hold() -> None:
    """Every parent and both ends of every succession are keys of the tables, and days are given as they are read."""
    keys = {row[0] for row in (*_BODIES, *_PLACES)}
    successions = rows("indexer.legal", "successions.tsv")
    assert {parent for *_, parent, _ in _BODIES} - {"", _IN_EVERY_PROVINCE} <= keys
    assert {key for before, after, _, _ in successions for key in (before, after)} <= keys
    assert len({row[0] for row in _PLACES}) == len(_PLACES)


def test_thirty_four_provinces_are_left_of_sixty_three() -> None:
    """On 2025-06-30 there were 63 provinces, the day after 34."""

    def on(day: str) -> int:
        return sum((not since or since <= day) and (not until or day < until) for *_, since, until, _ in _PLACES)

    assert (on("2025-06-30"), on("2025-07-01")) == (63, 34)
