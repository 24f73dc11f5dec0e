"""The registers of three publishers, where they are on this machine: all rows read, by the preset that fits."""

from datetime import date

import pytest

from indexer.model import METADATA_FIELDS
from indexer.register import match, read_register


@pytest.mark.parametrize(
    ("name", "preset", "count", "complete"),
    [
        (
            "congbao_sonla.csv",
            "sonla",
            367,
            {"number", "symbol", "type", "issuer", "issued_date", "title", "signer", "signer_position"},
        ),
        ("binhduong.csv", "binhduong", 4056, {"issued_date", "title"}),
        ("congbao_chinhphu.jsonl", "chinhphu", 4050, {"number", "symbol", "issued_date", "title", "gazette_issue"}),
    ],
)
def test_every_row_is_read(shared_data, name, preset, count, complete):
    """The preset is found by the columns, no row is lost, the fields that the publisher always states are in every row."""
    register = read_register(shared_data / "register" / name, {})
    assert (register.preset, len(register.rows)) == (preset, count)
    stated = {field for field in METADATA_FIELDS if all(getattr(row.metadata, field) is not None for row in register.rows)}
    assert stated >= complete
    assert sum(not row.file_names for row in register.rows) <= 1


def test_rows_read_by_eye(shared_data):
    """Fields of a row of each register, as a person reads them there."""
    folder = shared_data / "register"
    sonla = read_register(folder / "congbao_sonla.csv", {}).rows[0]
    assert (sonla.metadata.issuer, sonla.metadata.type) == ("Ủy ban nhân dân tỉnh Sơn La", "Quyết định")
    assert (sonla.metadata.signer, sonla.metadata.signer_position) == ("Nguyễn Thành Công", "Phó Chủ tịch UBND")
    assert (sonla.file_names, sonla.metadata.status) == (("QD 1182_signed.pdf",), "Còn hiệu lực")
    binhduong = read_register(folder / "binhduong.csv", {}).rows[0]
    assert (binhduong.metadata.number, binhduong.metadata.issued_date) == ("3637/UBND-VX", date(2022, 7, 20))
    assert binhduong.file_names == ("3637-VX.signed.pdf",)
    chinhphu = read_register(folder / "congbao_chinhphu.jsonl", {}).rows[1]
    assert chinhphu.metadata.title.startswith("Hướng dẫn quản lý, sử dụng kinh phí hỗ trợ tác phẩm báo chí")
    assert (chinhphu.metadata.gazette_issue, chinhphu.metadata.effective_date) == ("253 + 254", date(2012, 4, 1))


@pytest.mark.parametrize("name", ["congbao_sonla.csv", "binhduong.csv", "congbao_chinhphu.jsonl"])
def test_each_row_finds_itself(shared_data, name):
    """A document that states just what its row states, under another file name, finds that row or one that says the same."""
    register = read_register(shared_data / "register" / name, {})
    index = match(register)
    found = 0
    for row in register.rows:
        match_ = index.find(row_path := register.path.with_name("khac.pdf"), row.metadata)
        assert match_ is None or match_.metadata.issued_date == row.metadata.issued_date, row_path
        found += match_ is not None and match_.says_as(row)
    assert found / len(register.rows) > 0.98
