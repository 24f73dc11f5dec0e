"""Documents in force, and newer ones, come before others that fit alike, and before no others."""

from datetime import date

import pytest

from search_api import search

PATH = "/api/v1/search"
DECREE = "Nghị định về quản lý chợ\nĐiều 1. Phạm vi\nNghị định này quy định về quản lý chợ {more}.\n"


def _row(name, number, day, text="", **metadata):
    return {
        "name": name,
        "file": f"{name}.txt",
        "format": "text",
        "metadata": {"number": number, "type": "Nghị định", "issuer": "Chính phủ", "issued_date": day, **metadata},
        "text": DECREE.format(more=f"phần {name}") + text,
    }


@pytest.fixture
def at(monkeypatch):
    """Say which day it is."""
    return lambda day: monkeypatch.setattr(search, "today", lambda: day)


def _names(desk, **params):
    names = {identity: name for name, identity in desk.ids.items()}
    return [names[hit["id"]] for hit in desk.client.simulate_get(PATH, params={"q": "quản lý chợ"} | params).json["hits"]]


def test_what_was_replaced_comes_after_what_replaced_it(make_desk, at):
    """From the day on which it has no effect, and only while the prior is on; the order by date is what it was."""
    ends = "Điều 2. Hiệu lực\nNghị định này có hiệu lực từ ngày 01 tháng 8 năm 2004 và thay thế Nghị định số 2/2003/NĐ-CP.\n"
    desk = make_desk([_row("cũ", "2/2003/NĐ-CP", "2003-01-14"), _row("mới", "30/2004/NĐ-CP", "2004-06-01", ends)])
    at(date(2004, 7, 31))
    assert _names(desk) == ["cũ", "mới"]
    at(date(2004, 8, 1))
    assert _names(desk) == ["mới", "cũ"]
    assert _names(desk, prior="false") == ["cũ", "mới"]
    assert _names(desk, sort="oldest") == ["cũ", "mới"]


def test_an_end_that_the_register_states_counts(make_desk, at):
    """A status of the register alone, on any day; one that is partly ended has not ended."""
    statuses = ("Hết hiệu lực toàn bộ", "Hết hiệu lực một phần")
    rows = [_row(f"v{n}", f"{n}/2003/NĐ-CP", "2003-01-14") | {"registered": {"status": s}} for n, s in enumerate(statuses)]
    desk = make_desk(rows)
    at(date(2004, 1, 1))
    assert _names(desk) == ["v1", "v0"]
    assert _names(desk, prior="false") == ["v0", "v1"]


def test_newer_ones_come_first_of_those_that_fit_alike(make_desk, at):
    """Within five, ten, twenty years, and before; what fits better stays first, however old."""
    days = {"1990": "1990-01-14", "2008": "2008-01-14", "2017": "2017-01-14", "2023": "2023-01-14"}
    better = _row("khớp", "9/1991/NĐ-CP", "1991-01-14", title="Quản lý chợ")
    desk = make_desk([*(_row(year, f"2/{year}/NĐ-CP", day) for year, day in days.items()), better])
    at(date(2026, 1, 1))
    assert _names(desk) == ["khớp", "2023", "2017", "2008", "1990"]
    assert _names(desk, prior="false") == ["khớp", "1990", "2008", "2017", "2023"]
    assert _names(desk, q="2/1990/NĐ-CP")[0] == "1990"


def test_with_nothing_to_look_for_it_has_no_effect(make_desk, at):
    """The newest come first, as ever."""
    desk = make_desk(
        [_row("cũ", "2/2003/NĐ-CP", "2003-01-14"), _row("mới", "30/2004/NĐ-CP", "2004-06-01", status="Hết hiệu lực toàn bộ")]
    )
    at(date(2026, 1, 1))
    assert _names(desk, q="") == _names(desk, q="", prior="false") == ["mới", "cũ"]
