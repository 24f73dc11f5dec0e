"""Finding a file's row and merging it: names first, then numbers; a doubtful row is no row, a closed one always counts."""

import json
from datetime import date
from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.model import METADATA_FIELDS, LegalMetadata, Visibility
from indexer.register import RegisterIndex, match, merge, read_register

NOTHING = LegalMetadata()


@pytest.fixture
def index_of(tmp_path):
    """Write rows as a register with our own field names and return its index."""

    def build(*rows: dict[str, object]) -> RegisterIndex:
        path = tmp_path / "r.jsonl"
        path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
        return match(read_register(path, {}))

    return build


@pytest.mark.parametrize(
    "name",
    ["NĐ 30.pdf", "nđ 30.PDF", normalize("NFD", "NĐ 30.pdf"), "N%C4%90%2030.pdf", "n%c4%91%2030.pdf"],
)
def test_a_file_is_found_by_its_name(index_of, name):
    """Letter case, Unicode form and percent signs of the name on disk do not matter, nor a day or spelling of the text's own."""
    index = index_of({"number": "30/2020/NĐ-CP", "files": "https://x.example.vn/N%C4%90%2030.pdf"}, {"number": "5/CT"})
    for extracted in (NOTHING, LegalMetadata(number="30/2020/nđcp", issued_date=date(2019, 1, 1), issuer="Bộ Y tế")):
        assert index.find(Path("/kho/van ban") / name, extracted).metadata.number == "30/2020/NĐ-CP"
    assert index.find(Path("/kho/NĐ 30.pdf.doc"), NOTHING) is None


@pytest.mark.parametrize(
    ("extracted", "found"),
    [
        (LegalMetadata(number="1182/QÐ-UBND", issued_date=date(2026, 5, 19)), 1),
        (LegalMetadata(number="01182 /qđ-ubnd", issued_date=date(2026, 5, 20)), 1),
        (LegalMetadata(number="1182/QĐ-UBND", issued_date=date(2025, 5, 19)), None),
        (LegalMetadata(number="1182/QĐ-UBND"), None),
        (LegalMetadata(number="1182/QĐ-UBND", issuer="HỘI ĐỒNG NHÂN DÂN TỈNH", issued_date=date(2026, 5, 19)), None),
        (LegalMetadata(number="1182/QĐ-UBND", issuer="UỶ BAN NHÂN DÂN", issued_date=date(2026, 5, 19)), 1),
        (LegalMetadata(number="30/2020/NĐ-CP"), 2),
        (LegalMetadata(number="48/2010/QH12", type="Luật", issued_date=date(2010, 6, 17)), None),
        (LegalMetadata(number="48/2010/QH12", type="Nghị quyết", issued_date=date(2010, 6, 17)), 3),
        (LegalMetadata(number="48/2010/QH12", issued_date=date(2010, 6, 17)), 3),
        (LegalMetadata(title="1182/QĐ-UBND"), None),
    ],
)
def test_a_file_is_found_by_number_and_year(index_of, extracted, found):
    """Number and year must be the same and the issuer not another's; without a year there is no telling."""
    index = index_of(
        {"number": "1182/QĐ-UBND", "issued_date": "2026-05-19", "issuer": "UBND tỉnh Sơn La"},
        {"number": "30/2020/NĐ-CP"},
        {"number": "48/2010/QH12", "issued_date": "2010-06-19", "type": "Nghị quyết"},
    )
    row = index.find(Path("a.pdf"), extracted)
    assert (row and row.row) == found
    assert index.ambiguous == []


def test_rows_of_one_number_are_told_apart(index_of):
    """The very day, then the issuer, then the type choose among rows of one number; else it is reported and none holds."""
    index = index_of(
        {"number": "21/NQ-HĐND", "issued_date": "2026-06-22", "issuer": "HĐND xã Chiềng Mai", "title": "a"},
        {"number": "21/NQ-HĐND", "issued_date": "2026-06-22", "issuer": "HĐND xã Kim Bon", "title": "b"},
        {"number": "21/NQ-HĐND", "issued_date": "2026-07-01", "issuer": "HĐND xã Kim Bon", "title": "c"},
        {"number": "100/2015/QH13", "type": "Luật"},
        {"number": "100/2015/QH13", "type": "Lệnh"},
    )
    same_day = LegalMetadata(number="21/NQ-HĐND", issued_date=date(2026, 6, 22))
    named = LegalMetadata(number="21/NQ-HĐND", issued_date=date(2026, 6, 22), issuer="HỘI ĐỒNG NHÂN DÂN XÃ KIM BON")
    assert index.find(Path("a.pdf"), named).metadata.title == "b"
    assert index.find(Path("a.pdf"), LegalMetadata(number="21/NQ-HĐND", issued_date=date(2026, 7, 1))).metadata.title == "c"
    assert index.find(Path("a.pdf"), LegalMetadata(number="100/2015/QH13", type="Bộ luật")).row == 4
    assert index.ambiguous == []
    assert index.find(Path("a.pdf"), same_day) is None
    assert [str(doubt) for doubt in index.ambiguous] == [
        "`a.pdf` khớp với nhiều dòng khác nhau của sổ đăng ký (1, 2, 3) nên không lấy dòng nào."
    ]


def test_a_shared_name_is_settled_by_the_number(index_of):
    """Files of one name belong to the row whose number the text states; rows that say the same are one."""
    index = index_of(
        {"number": "1/2026/L-CTN", "files": "L-CTN.doc", "title": "a"},
        {"number": "2/2026/L-CTN", "files": "L-CTN.doc", "title": "b"},
        {"number": "3/CT-UBND", "files": "3.pdf", "title": "c"},
        {"number": "3/CT-UBND", "files": "3.pdf;3a.pdf", "title": "c"},
    )
    assert index.find(Path("L-CTN.doc"), LegalMetadata(number="2/2026/L-CTN")).metadata.title == "b"
    assert index.find(Path("3.pdf"), NOTHING).row == 3
    assert index.find(Path("L-CTN.doc"), NOTHING) is None
    assert len(index.ambiguous) == 1


def test_a_name_does_not_outweigh_another_number(index_of):
    """A file called like a row that bears another number than the text takes nothing from it, and is reported."""
    index = index_of(
        {"number": "11/QĐ-UBND", "files": "https://x.example.vn/a/qd.txt", "title": "a"},
        {"number": "5/CT-UBND", "files": "ct.txt"},
        {"number": "6/CT-UBND", "files": "ct.txt"},
        {"files": "tb.txt", "title": "không số"},
    )
    assert index.find(Path("a/qd.txt"), LegalMetadata(number="011 /qđ-ubnd")).metadata.title == "a"
    assert index.find(Path("b/qd.txt"), LegalMetadata(number="77/QĐ-UBND")) is None
    assert index.find(Path("ct.txt"), LegalMetadata(number="7/CT-UBND")) is None
    assert [str(doubt) for doubt in index.ambiguous] == [
        "`b/qd.txt` ghi số khác với dòng cùng tên tệp của sổ đăng ký (1) nên không lấy dòng đó.",
        "`ct.txt` ghi số khác với dòng cùng tên tệp của sổ đăng ký (2, 3) nên không lấy dòng đó.",
    ]
    assert index.find(Path("tb.txt"), LegalMetadata(number="8/TB-UBND")).metadata.title == "không số"
    assert len(index.ambiguous) == 2


def test_the_row_of_its_number_serves_a_file_with_another_rows_name(index_of):
    """Where the name's row is another document's, number and year still find the file's own row; the name is reported."""
    index = index_of(
        {"number": "11/QĐ-UBND", "files": "qd.txt", "issued_date": "2026-01-05", "title": "a"},
        {"number": "77/QĐ-UBND", "issued_date": "2026-03-05", "title": "b"},
    )
    assert index.find(Path("qd.txt"), LegalMetadata(number="77/QĐ-UBND", issued_date=date(2026, 3, 5))).metadata.title == "b"
    assert [(doubt.rows, doubt.other_number) for doubt in index.ambiguous] == [((1,), True)]


def test_a_row_of_another_number_still_closes(index_of):
    """What a row of the file's name says of secrecy and visibility holds although its number is another."""
    index = index_of(
        {"number": "11/QĐ-UBND", "files": "qd.txt", "title": "a", "secrecy": "Mật"},
        {"number": "12/QĐ-UBND", "files": "nb.txt", "title": "b", "visibility": "nội bộ", "site": "snv"},
    )
    secret = index.find(Path("qd.txt"), LegalMetadata(number="77/QĐ-UBND"))
    assert (secret.secrecy, secret.visibility, secret.metadata) == ("Mật", None, NOTHING)
    internal = index.find(Path("nb.txt"), LegalMetadata(number="77/QĐ-UBND"))
    assert (internal.secrecy, internal.visibility, internal.metadata, internal.site) == (None, Visibility.INTERNAL, NOTHING, None)
    assert len(index.ambiguous) == 2


def test_a_closed_row_counts_also_where_rows_cannot_be_told_apart(index_of):
    """What may be secret or internal comes back as such, and of an undecided row nothing else does."""
    index = index_of(
        {"number": "1/2026/L-CTN", "files": "a.doc", "title": "a"},
        {"number": "2/2026/L-CTN", "files": "a.doc", "title": "b", "secrecy": "Mật"},
        {"number": "3/2026/L-CTN", "files": "b.doc", "title": "c", "visibility": "public"},
        {"number": "3/2026/L-CTN", "title": "d", "visibility": "nội bộ"},
    )
    undecided = index.find(Path("a.doc"), NOTHING)
    assert (undecided.secrecy, undecided.metadata, undecided.visibility) == ("Mật", NOTHING, None)
    decided = index.find(Path("a.doc"), LegalMetadata(number="1/2026/L-CTN"))
    assert (decided.secrecy, decided.metadata.title) == ("Mật", "a")
    named = index.find(Path("b.doc"), LegalMetadata(number="3/2026/L-CTN"))
    assert (named.visibility, named.metadata.title) == (Visibility.INTERNAL, "c")


def test_a_secret_number_of_unknown_year_stays_closed(index_of):
    """Where the year is known on one side only, a secret row of that number and issuer counts; of another year it doesn't."""
    index = index_of(
        {"number": "15/QĐ-UBND", "secrecy": "Mật", "issuer": "UBND tỉnh"},
        {"number": "16/QĐ-UBND", "secrecy": "Mật", "issued_date": "2020-02-03"},
    )
    dated = LegalMetadata(number="15/QĐ-UBND", issued_date=date(2021, 1, 1))
    assert index.find(Path("a.pdf"), dated).secrecy == "Mật"
    assert index.find(Path("a.pdf"), LegalMetadata(number="16/QĐ-UBND")).secrecy == "Mật"
    assert index.find(Path("a.pdf"), LegalMetadata(number="16/QĐ-UBND")).metadata == NOTHING
    assert index.find(Path("a.pdf"), LegalMetadata(number="16/QĐ-UBND", issued_date=date(2021, 2, 3))) is None
    assert index.find(Path("a.pdf"), LegalMetadata(number="15/QĐ-UBND", issuer="Sở Y tế")) is None


def test_the_register_wins_and_differences_are_told():
    """Stated fields hold, unstated ones stay, and only what reads differently is a disagreement."""
    extracted = LegalMetadata(
        number="1182/QÐ-UBND",
        type="QUYẾT ĐỊNH",
        issuer="UỶ BAN NHÂN DÂN TỈNH SƠN LA",
        issued_date=date(2026, 5, 18),
        title="Phê duyệt Quy hoạch",
        signer="Nguyễn Văn A",
    )
    registered = LegalMetadata(
        number="1182/QĐ-UBND",
        type="Quyết định",
        issuer="UBND tỉnh Sơn La",
        issued_date=date(2026, 5, 19),
        title="phê duyệt quy hoạch.",
        status="Còn hiệu lực",
    )
    merged, disagreements = merge(extracted, registered)
    assert merged == LegalMetadata(
        number="1182/QĐ-UBND",
        type="Quyết định",
        issuer="UBND tỉnh Sơn La",
        issued_date=date(2026, 5, 19),
        title="Phê duyệt Quy hoạch",
        signer="Nguyễn Văn A",
        status="Còn hiệu lực",
    )
    assert [(one.field, one.extracted, one.registered) for one in disagreements] == [
        ("issued_date", date(2026, 5, 18), date(2026, 5, 19))
    ]


_METADATA = st.builds(
    LegalMetadata,
    **{
        name: st.none() | (st.dates() if name.endswith("_date") else st.sampled_from(["a", "A", "Á", "UBND", "Ủy ban nhân dân"]))
        for name in METADATA_FIELDS
    },
)


@given(extracted=_METADATA, registered=_METADATA)
def test_merging_keeps_every_stated_field(extracted, registered):
    """What either states is stated after; a second merge changes and finds nothing new that the first did not settle."""
    merged, disagreements = merge(extracted, registered)
    for name in METADATA_FIELDS:
        assert getattr(merged, name) in {getattr(extracted, name), getattr(registered, name)}
        assert (getattr(merged, name) is None) == (getattr(extracted, name) is None and getattr(registered, name) is None)
    for one in disagreements:
        assert getattr(merged, one.field) == one.registered != one.extracted
    assert merge(merged, registered) == (merged, ())
