"""Reading a register: cells, forms of file, presets, and refusing the whole when any of it is wrong."""

import csv
import io
import json
import random
import tomllib
import tracemalloc
from datetime import date
from pathlib import Path

import pytest
from casefiles import by_name, cases
from growth import assert_grows_linearly, repeated
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.config import RegisterPreset
from indexer.errors import BadConfiguration, BadRegister
from indexer.model import METADATA_FIELDS
from indexer.register import read_register
from indexer.register.presets import built_in
from indexer.register.rows import TARGETS

REPOSITORY = Path(__file__).resolve().parents[2]
ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def stated(row) -> dict[str, object]:
    """What a row states, in the form of the cases; the number's symbol only where the number was the case's."""
    values = {name: getattr(row.metadata, name) for name in METADATA_FIELDS}
    values |= {"file_names": list(row.file_names)}
    values |= {name: getattr(row, name) for name in ("visibility", "kind", "site", "secrecy")}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items() if value}


def as_csv(header, rows, delimiter=",") -> str:
    """Write rows as RFC 4180 asks."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([header, *rows])
    return out.getvalue()


@pytest.mark.parametrize("case", cases("register"), ids=by_name)
def test_a_cell_is_read(tmp_path, case):
    """Each case's cell states exactly what its `expect` says, or is refused with the reason, row and column."""
    known = {} if case["column"] == "number" else {"number": "5"}
    path = tmp_path / "r.jsonl"
    path.write_text(json.dumps(known | {case["column"]: case["cell"]}), encoding="utf-8")
    if "error" in case:
        with pytest.raises(BadRegister) as caught:
            read_register(path, {})
        assert case["error"] in str(caught.value)
        assert f"dòng 1, cột `{case['column']}`" in str(caught.value)
        return
    register = read_register(path, {})
    assert stated(register.rows[0]) == known | case["expect"]
    assert [case["warning"] in warning for warning in register.warnings] == ([True] if "warning" in case else [])


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_forms_of_csv(tmp_path, delimiter, mark, end):
    """Comma, semicolon and tab, with and without a byte order mark, with every line ending, read alike."""
    text = as_csv(["number", "title"], [["1/QĐ-UBND", 'a, b; c\t"d"\ne'], ["", ""], ["2/QĐ-UBND", ""]], delimiter)
    path = tmp_path / "r.csv"
    path.write_bytes((mark + text.replace("\r\n", end)).encode("utf-8"))
    rows = read_register(path, {}).rows
    assert [(row.row, row.metadata.number, row.metadata.title) for row in rows] == [
        (2, "1/QĐ-UBND", 'a, b; c "d" e'),
        (4, "2/QĐ-UBND", None),
    ]


def test_a_line_of_json_lines_ends_at_line_feed_alone(tmp_path):
    """CR, U+2028 and U+0085 cut no line; CR LF and blank lines are allowed."""
    path = tmp_path / "r.jsonl"
    path.write_bytes('\ufeff{"number": "1/CT",\r "title": "a\u2028b\u0085c"}\r\n\n{"number": "2/CT"}'.encode())
    assert [(row.row, row.metadata.title) for row in read_register(path, {}).rows] == [(1, "a b c"), (3, None)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "không có dòng nào"),
        (b"\n\n", "không có dòng nào"),
        ("số,tên\n1,2\n".encode(), "không mẫu nào biết các cột `số`, `tên`"),
        (b"number,title,note\n1,2,3\n", "cột `note` không có trong mẫu gần nhất `plain`"),
        (b"title,signer\n1,2\n", "không dòng nào có số ký hiệu"),
        (b"number,title\n", "không dòng nào có số ký hiệu"),
        (b'{"number": "1"}\n{"number": "2", "NUMBER": "3"}', "dòng 2, cột `NUMBER`: nói điều mà một cột khác"),
        (b"number,signer,signer_with_position\n1,A,B\n", "dòng 2, cột `signer_with_position`: nói điều mà một cột khác"),
        (b"number,title,Number\n1,2,3\n", "được ghi hai lần"),
        (b"number,title\n1,2,3\n", "dòng 2 có 3 ô, dòng tiêu đề có 2"),
        (b'number,title\n1,"a\n2,b\n', "dấu nháy kép không khép lại"),
        (b'number,title\n1,"a"b\n', "dấu nháy kép"),
        (b"number,title\n1,a\x00b\n", "dòng 2 có ký tự NUL"),
        ("number,title\n1,đất\n".encode("cp1258", "replace").replace(b"?", b"\xe2"), "không phải UTF-8"),
        ("number,title\n1,đất\n".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04rest", "tệp Excel"),
        (b'[{"number": "1"}]', "mảng JSON"),
        (b'{"number": "1"}\n[1]', "dòng 2 phải là một đối tượng"),
        (b'{"number": "1"}\n{"number": }', "dòng 2 không phải là JSON"),
        (b'{"number": "1", "number": "2"}', "ghi hai lần"),
        (b'{"number": NaN}', "NaN"),
        (b'{"number": "1"}\n{"number": "2", "note": "x"}', "dòng 2, cột `note`: không có trong các cột đã khai báo"),
        (b'{"number":' + b"[" * 100_000, "không phải là JSON"),
        (b'{"number":' + b"9" * 5000 + b"}", "không phải là JSON"),
        (b"number,title\n1," + b"a" * 200_000 + b"\n", "một ô quá dài"),
        (b'{"number": "1", "title": "' + b"a" * 30_000 + b'"}', "dài hơn 20,000 ký tự"),
    ],
)
def test_what_is_no_register_is_refused(tmp_path, content, reason):
    """The error names the file and says what stands in the way."""
    path = tmp_path / "r.data"
    path.write_bytes(content)
    with pytest.raises(BadRegister) as caught:
        read_register(path, {})
    assert reason in str(caught.value)
    assert str(path) in str(caught.value)


def test_what_is_no_file_is_refused(tmp_path):
    """A missing file, a folder and a device are refused without being read."""
    for path in (tmp_path / "none.csv", tmp_path, Path("/dev/zero")):
        with pytest.raises(BadRegister, match="không có tệp này"):
            read_register(path, {})


@pytest.mark.parametrize("start", [b"number,title\n1,", b'number,title\n1,"', b'{"number": "1'])
def test_a_line_without_end_is_refused_in_bounded_memory(tmp_path, start):
    """A line of 64 MB, in quotes or not, costs no more than the longest line allowed."""
    path = tmp_path / "r.data"
    with path.open("wb") as file:
        file.write(start)
        for _ in range(64):
            file.write(b"a" * (1 << 20))
    tracemalloc.start()
    with pytest.raises(BadRegister, match="dài hơn 1,048,576 ký tự"):
        read_register(path, {})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20


def test_a_quote_that_is_never_closed_is_refused(tmp_path):
    """The rest of the file does not become one cell."""
    path = tmp_path / "r.csv"
    path.write_bytes(b'number,title\n1,"' + b"a,b\n" * 100_000)
    with pytest.raises(BadRegister, match="dấu nháy kép"):
        read_register(path, {})


def test_a_message_moves_no_terminal(tmp_path):
    """Control characters and half characters in a column's name are shown as what they are."""
    path = tmp_path / "r.jsonl"
    path.write_text(r'{"number": "1", "\u001b[2J\ud800": 1}', encoding="utf-8")
    with pytest.raises(BadRegister, match=r"\\x1b\[2J\\ud800"):
        read_register(path, {})


@pytest.mark.parametrize("column", ["number", "files", "title", "signer_with_position", "issued_date"])
@pytest.mark.parametrize(
    ("begin", "piece", "size"),
    [("", " ", 900_000), ("", "; ", 800_000), ("", ", ", 800_000), ("https://a?", "a=b.c&", 18_000), ("", "/", 19_000)],
)
def test_a_hostile_cell_costs_little_time(tmp_path, column, begin, piece, size):
    """The time of a cell grows as its length does."""

    def register(length):
        path = tmp_path / f"{length}.jsonl"
        cell = f"{begin}{repeated(piece)(length)}x"
        path.write_text(json.dumps({"files": "a.pdf"} | {column: cell}), encoding="utf-8")
        return path

    assert_grows_linearly(lambda path: read_or_refuse(path, 0), register, size)


def test_a_file_beyond_the_limit_is_refused(tmp_path):
    """A file of more bytes than four large registers is not even begun."""
    path = tmp_path / "r.csv"
    with path.open("wb") as file:
        file.truncate((512 << 20) + 1)
    with pytest.raises(BadRegister, match="lớn hơn 512 MB"):
        read_register(path, {})


def test_the_first_twenty_problems_are_told_at_once(tmp_path):
    """Every problem names row, column, cell and what it may be; the twenty-first is left out."""
    path = tmp_path / "r.csv"
    rows = [[f"{n}/QĐ-UBND", "31/02/2022" if n % 2 else "01/02/2022"] for n in range(60)]
    path.write_text(as_csv(["number", "issued_date"], rows), encoding="utf-8")
    with pytest.raises(BadRegister) as caught:
        read_register(path, {})
    problems = str(caught.value).split("\n")[1:]
    assert len(problems) == 20
    assert problems[0] == "  dòng 3, cột `issued_date`: '31/02/2022' không có ngày này trong lịch"
    assert problems[19].startswith("  dòng 41, ")


def test_problems_of_one_record_are_told_up_to_twenty(tmp_path):
    """A record with a thousand unknown columns does not make a message of a thousand lines."""
    path = tmp_path / "r.jsonl"
    record = {f"c{n}": n for n in range(1000)}
    path.write_text('{"number": "1"}\n' + json.dumps(record), encoding="utf-8")
    with pytest.raises(BadRegister) as caught:
        read_register(path, {})
    assert str(caught.value).count("\n") == 20


def test_a_preset_of_the_operator(tmp_path):
    """Columns, ignored columns and rewordings declared in the settings are followed; an undeclared column stays an error."""
    preset = RegisterPreset(
        columns={"Số": "number", "Cơ quan": "issuer", "STT": "", "Bản PDF": "files", "Bản Word": "files"},
        values={"issuer": {"ubnd Tỉnh": "Ủy ban nhân dân tỉnh Lạng Sơn"}},
    )
    path = tmp_path / "r.csv"
    path.write_text(
        "STT,SỐ,Cơ quan,Bản PDF,Bản Word\n1,5/QĐ-UBND,UBND tỉnh,a.pdf,a.doc\n2,6/QĐ-UBND,Sở Y tế,,b.doc\n", encoding="utf-8"
    )
    register = read_register(path, {"langson": preset})
    assert register.preset == "langson"
    assert [row.metadata.issuer for row in register.rows] == ["Ủy ban nhân dân tỉnh Lạng Sơn", "Sở Y tế"]
    assert [row.file_names for row in register.rows] == [("a.pdf", "a.doc"), ("b.doc",)]
    path.write_text("Số,Ghi chú\n5/QĐ-UBND,x\n", encoding="utf-8")
    for named in (None, "langson"):
        with pytest.raises(BadRegister, match="`Ghi chú`"):
            read_register(path, {"langson": preset}, named)


def test_presets_that_cannot_be_used(tmp_path):
    """An unknown preset, one that maps to no field of ours and two that fit alike are told apart and named."""
    path = tmp_path / "r.csv"
    path.write_text("so,ten\n5/QĐ-UBND,x\n", encoding="utf-8")
    with pytest.raises(BadConfiguration, match="`haiphong`; có: binhduong, chinhphu, plain, sonla"):
        read_register(path, {}, "haiphong")
    with pytest.raises(BadConfiguration, match="trường `titel` không có"):
        read_register(path, {"a": RegisterPreset(columns={"so": "number", "ten": "titel"})})
    fitting = RegisterPreset(columns={"so": "number", "ten": "title"})
    other = RegisterPreset(columns={"so": "number", "ten": "signer"})
    with pytest.raises(BadRegister, match="nhiều mẫu"):
        read_register(path, {"a": fitting, "b": other})
    assert read_register(path, {"a": fitting, "b": other}, "b").preset == "b"
    assert read_register(path, {"a": fitting, "b": fitting}).preset == "a"
    with pytest.raises(BadRegister, match="cùng trỏ tới trường `title`"):
        read_register(path, {"a": RegisterPreset(columns={"so": "title", "ten": "title"})})


def test_another_province_is_not_taken_for_the_presets_own(tmp_path):
    """Columns alone do not make a register Sơn La's; named, or declared by the operator, a preset is followed."""
    path = tmp_path / "r.csv"
    path.write_text("so_hieu,co_quan_ban_hanh\n5/QĐ-UBND,UBND Tỉnh\n", encoding="utf-8")
    with pytest.raises(BadRegister, match=r"giống mẫu `sonla` \(congbao.sonla.gov.vn\)"):
        read_register(path, {})
    assert read_register(path, {}, "sonla").rows[0].metadata.issuer == "Ủy ban nhân dân tỉnh Sơn La"
    own = RegisterPreset(columns={"so_hieu": "number", "co_quan_ban_hanh": "issuer"})
    assert read_register(path, {"langson": own}).rows[0].metadata.issuer == "Ủy ban nhân dân tỉnh"


def test_columns_that_several_presets_read_alike(tmp_path):
    """Our own field names that another preset maps to the same fields are no ambiguity."""
    path = tmp_path / "r.csv"
    path.write_text("type,title,files\nLuật,a,a.pdf\n", encoding="utf-8")
    assert read_register(path, {}).preset == "plain"


def test_built_in_presets_use_known_fields():
    """Every shipped preset maps to fields that exist and names a key column."""
    assert set(built_in()) == {"plain", "sonla", "binhduong", "chinhphu"}
    for preset in built_in().values():
        assert set(preset.columns.values()) <= {"", *TARGETS}
        assert {"number", "files"} & set(preset.columns.values())
        assert set(preset.values) <= set(TARGETS)


def test_a_repeated_number_is_reported(tmp_path):
    """One number of one issuer and year with differing rows is a warning that names rows and fields; equal rows are not."""
    path = tmp_path / "r.csv"
    rows = [
        ["5/QĐ-UBND", "2022-01-02", "Ủy ban nhân dân tỉnh", "a"],
        ["05/QÐ-UBND", "2022-01-02", "UBND tỉnh", "b"],
        ["5/QĐ-UBND", "2021-01-02", "UBND tỉnh", "c"],
        ["5/QĐ-UBND", "2022-01-02", "UBND xã Kim Bon", "d"],
        ["6/QĐ-UBND", "2022-01-02", "UBND tỉnh", "e"],
        ["6/QĐ-UBND", "2022-01-02", "UBND tỉnh", "e"],
    ]
    path.write_text(as_csv(["number", "issued_date", "issuer", "title"], rows), encoding="utf-8")
    (warning,) = read_register(path, {}).warnings
    assert warning == "số `5/QĐ-UBND` có nhiều dòng khác nhau (dòng 2, 3) ở: number, title"


def test_a_row_that_can_match_nothing_is_reported(tmp_path):
    """A row without number and file name is kept and told."""
    path = tmp_path / "r.csv"
    path.write_text("number,title\n,x\n5/CT,y\n", encoding="utf-8")
    (warning,) = read_register(path, {}).warnings
    assert "không khớp được với tệp nào: 1 ô, đầu tiên ở dòng 2" in warning


_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=40)
_NUMBER = st.from_regex(r"[1-9][0-9]{0,3}/(20[0-2][0-9]/)?(QĐ|NQ|NĐ)-[A-ZĐ]{2,6}", fullmatch=True)
_DATE = st.dates(date(1945, 9, 2), date(2099, 12, 31)).map(str) | st.just("")
_COLUMNS = ("number", "issued_date", "title", "site", "secrecy", "files")
_ROW = st.tuples(_NUMBER, _DATE, _TEXT, _TEXT, _TEXT, _TEXT)


def read_or_refuse(path: Path, header_rows: int) -> list[tuple[int, dict[str, object]]] | None:
    """What the rows of `path` state by the record's place, None where the file is refused."""
    try:
        register = read_register(path, {})
    except BadRegister:
        return None
    return [(row.row - header_rows, stated(row)) for row in register.rows]


@ONE_FOLDER
@given(rows=st.lists(_ROW, min_size=1, max_size=6), delimiter=st.sampled_from(",;\t"))
def test_csv_and_json_lines_give_the_same_register(tmp_path, rows, delimiter):
    """Rows written in either form come back as the same rows, whatever the texts hold; or both forms are refused."""
    (tmp_path / "r.csv").write_bytes(as_csv(_COLUMNS, rows, delimiter).encode())
    lines = (json.dumps(dict(zip(_COLUMNS, row, strict=True)), ensure_ascii=False) for row in rows)
    (tmp_path / "r.jsonl").write_bytes("\n".join(lines).encode())
    from_csv = read_or_refuse(tmp_path / "r.csv", 1)
    assert from_csv == read_or_refuse(tmp_path / "r.jsonl", 0)
    if from_csv is not None:
        assert [row["number"] for _, row in from_csv] == [row[0] for row in rows]


_COLUMN_NAMES = st.sampled_from(["number", "title", "files", "issued_date", "secrecy"])
_MARKS = st.sampled_from(
    [",", ";", "\t", "\n", "\r", '"', '""', "{", "}", "[", ":", "?a=b.c", "%", "\u2028", "\0", "\ufeff", "\\ud800"]
)
_CELLS = st.sampled_from(["5/QĐ-UBND", "31/12/2022", "https://[", "null", "1e999", "-0.0", "true", "0001-01-01T00:00:00+14:00"])
_ANY_FILE = st.lists(_COLUMN_NAMES | _MARKS | _CELLS | st.text(max_size=3), max_size=40).map(
    lambda pieces: "".join(pieces).encode()
)


@ONE_FOLDER
@given(content=_ANY_FILE | st.binary(max_size=60))
def test_any_text_gives_a_register_or_a_refusal(tmp_path, content):
    """Whatever follows a good header, and whatever stands in its place: rows or BadRegister, nothing else."""
    path = tmp_path / "any"
    for start in (b"", b"number,title,files,issued_date\n", b'{"number": "1/CT", "files": ["a"]}\n{"files": '):
        path.write_bytes(start + content)
        rows = read_or_refuse(path, 0)
        assert rows is None or all(row >= 1 for row, _ in rows)


def test_a_large_register_is_read_in_linear_time(tmp_path):
    """Up to 20,000 rows, the time grows as their number does, and every row is there."""
    chooser = random.Random(5)
    rows = [
        [
            f"{n}/QĐ-UBND",
            f"20{chooser.randrange(10, 27)}-0{chooser.randrange(1, 10)}-11",
            "phê duyệt quy hoạch " * 5 + str(n),
            f"QD {n}.pdf",
        ]
        for n in range(20_000)
    ]

    def register(count):
        path = tmp_path / f"{count}.csv"
        path.write_text(as_csv(["number", "issued_date", "title", "files"], rows[:count]), encoding="utf-8")
        return path

    def read(path):
        assert len(read_register(path, {}).rows) == int(path.stem)

    assert_grows_linearly(read, register, 20_000)


def test_the_guide_names_every_field_and_its_example_is_valid():
    """docs/register.md documents each field that a column may be mapped to; its preset is one that the program takes."""
    guide = (REPOSITORY / "docs" / "register.md").read_text(encoding="utf-8")
    table = guide.partition("| field |")[2].partition("\n\n")[0]
    assert {target for target in TARGETS if f"`{target}`" not in table} == set()
    example = tomllib.loads(guide.partition("```toml\n")[2].partition("```")[0])
    preset = RegisterPreset.model_validate(example["registers"]["langson"])
    assert set(preset.columns.values()) <= {"", *TARGETS}
