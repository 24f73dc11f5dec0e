"""An operator's own abbreviations."""

import logging
import os

import falcon.testing
import pytest

from indexer.config import load_options
from indexer.doctor import State
from indexer.engine.query import Layer
from search_api.app import create_app
from search_api.doctor import examine_own
from search_api.own_abbreviations import AbbreviationFile, read_own
from search_api.services import Services

PATH = "/api/v1/search"


def test_bad_lines_are_told_and_passed_over(tmp_path):
    """Each with its number and what is wrong; the others are used."""
    path = tmp_path / "viet-tat.tsv"
    path.write_text(
        "# ghi chú\n\nSTP\tSở Tư pháp\tnội bộ\nmột cột\n\tthiếu\tx\nHN\thà nội\nA\t1 2 3 4 5 6 7 8 9\n", encoding="utf-8"
    )
    own = read_own(path)
    assert own.pairs == (("STP", "Sở Tư pháp"), ("HN", "hà nội"))
    assert [told.split(":")[0] for told in own.wrong] == ["dòng 4", "dòng 5", "dòng 7"]


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b"A\tb\n" * (1 << 19)])
def test_a_file_that_cannot_be_used_has_no_abbreviations(tmp_path, content):
    """Missing, not UTF-8, too large: one reason is told."""
    path = tmp_path / "viet-tat.tsv"
    if content is not None:
        path.write_bytes(content)
    own = read_own(path)
    assert (own.pairs, len(own.wrong)) == ((), 1)


def test_a_changed_file_is_read_again(tmp_path, caplog):
    """Each change counts at once, and what is wrong in it is logged once."""
    path = tmp_path / "viet-tat.tsv"
    file = AbbreviationFile(path)
    with caplog.at_level(logging.WARNING):
        assert file.current() is file.current()
    assert len(caplog.records) == 1
    path.write_text("QZX\trừng phòng hộ\tnội bộ\n", encoding="utf-8")
    (found,) = file.current().expansions(["qzx"], Layer.MAIN)
    assert found.shown == "rừng phòng hộ"
    assert file.current().expansions(["ubnd"], Layer.MAIN), "those of the program stay"
    path.write_text("QZX\trừng đặc dụng\tnội bộ\n", encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert file.current().expansions(["qzx"], Layer.MAIN)[0].shown == "rừng đặc dụng"
    path.unlink()
    assert not file.current().expansions(["qzx"], Layer.MAIN)


def test_searches_use_the_file_as_it_is_now(desk, tmp_path):
    """A word that is added finds its long form without a restart, and an answer kept by a browser is not current any more."""
    path = tmp_path / "viet-tat.tsv"
    path.write_text("", encoding="utf-8")
    services = Services(desk.store.engine, lambda: desk.catalogue, AbbreviationFile(path).current)
    client = falcon.testing.TestClient(create_app(services))
    before = client.simulate_get(PATH, params={"q": "QHSDĐZ"})
    assert before.json["total"] == 0
    path.write_text("QHSDĐZ\tquy hoạch sử dụng đất\tnội bộ\n", encoding="utf-8")
    after = client.simulate_get(PATH, params={"q": "QHSDĐZ"}, headers={"If-None-Match": before.headers["ETag"]})
    assert desk.ids["land plan"] in [hit["id"] for hit in after.json["hits"]]
    assert "abbreviation" in [step["step"] for step in after.json["interpretation"]]


def test_doctor_tells_of_the_file(tmp_path, monkeypatch):
    """Nothing where none is named; a risk where something in it is wrong."""
    monkeypatch.chdir(tmp_path)
    assert not list(examine_own(load_options().abbreviations))
    (tmp_path / "congbao.toml").write_text('abbreviations = "viet-tat.tsv"\n', encoding="utf-8")
    (tmp_path / "viet-tat.tsv").write_text("HN\thà nội\t\nhỏng\n", encoding="utf-8")
    (check,) = examine_own(load_options().abbreviations)
    assert (check.state, "dòng 2" in check.detail) == (State.RISKY, True)
