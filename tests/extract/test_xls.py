"""XLS files: sheets in order, rows and cells, fonts, numbers and days, what stands aside, and files that are refused."""

import io
import struct

import pytest
from compound import compound_file
from growth import assert_grows_linearly
from hypothesis import given, settings
from hypothesis import strategies as st
from old_workbooks import (
    MOST,
    begin,
    cell,
    font,
    number_cell,
    number_format,
    record,
    shared_strings,
    string,
    style,
    text_cell,
    workbook,
)

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.sheets.xls import read_xls
from indexer.model import RawText, Run

FONTS = [font("Arial"), font(".VnTime"), font(".VnTimeH"), font("Symbol", 2), font("VNI-Times")]
STYLES = [style(0), style(1), style(2), style(0, 14), style(0, 164), style(3)]


def read(data: bytes, **limits: int) -> RawText:
    """Read a file of these bytes."""
    return read_xls(io.BytesIO(data), Limits(**limits))


def read_or_refuse(data: bytes) -> RawText | UnreadableFile:
    """Read bytes that may be anything."""
    try:
        return read(data)
    except UnreadableFile as refusal:
        return refusal


def one_sheet(body: bytes, *strings: bytes) -> bytes:
    """A workbook of one sheet called S."""
    shared = [*FONTS, *STYLES, number_format(164, "yyyy\\-mm\\-dd"), shared_strings(*strings)]
    return workbook(shared, [("S", 0, body)])


def text_of(body: bytes, *strings: bytes) -> str:
    """What such a workbook shows below its sheet's name."""
    return read(one_sheet(body, *strings)).pages[0].text.removeprefix("S\n")


def test_rows_are_lines_and_cells_are_parted_by_tabs():
    """Cells come in their order, whatever that in the file; empty ones leave no trace, and a row is one line."""
    body = text_cell(3, 1, 2) + text_cell(0, 2, 1) + text_cell(0, 0, 0) + record(0x201, bytes(6)) + text_cell(3, 0, 3)
    assert text_of(body, *map(string, ["STT", "Tên", "một\nhai", "1"])) == "STT\tTên\n1\tmột hai\n"


def test_sheets_stand_in_the_workbooks_order_and_hidden_ones_aside():
    """A sheet's name is a line before its rows; a sheet without text says nothing; a hidden one is for the secrecy gate."""
    shared = [*FONTS, *STYLES, shared_strings(string("a"), string("MẬT"))]
    data = workbook(shared, [("Một", 0, text_cell(0, 0, 0)), ("Trống", 0, b""), ("Ẩn", 2, text_cell(0, 0, 1)), ("Hai", 0, b"")])
    assert read(data).pages[0].text == "Một\na\n"
    assert "".join(run.text for run in read(data).aside) == "Ẩn\nMẬT\n"


def test_hidden_rows_and_columns_are_read():
    """A filter hides rows that belong to the table."""
    hidden = record(0x208, struct.pack("<HHHHIHH", 0, 0, 1, 255, 0, 0x20, 0)) + record(0x7D, struct.pack("<HHHHH", 0, 0, 0, 0, 1))
    assert text_of(hidden + text_cell(0, 0, 0), string("a")) == "a\n"


def test_each_run_has_its_font():
    """The font is the cell's, and within it that of each run; the number that Excel skips is passed over."""
    rich = string("QuyÕt m\xadu VNI", fonts=[(6, 3), (10, 5), (99, 1)])
    runs = read(one_sheet(text_cell(0, 0, 0, 1), rich)).pages[0].runs
    symbols = Run("\u03bc\uf0ad\u03c5 ", "Symbol")
    assert runs == (Run("S\n"), Run("QuyÕt ", ".VnTime"), symbols, Run("VNI\n", "VNI-Times"))


def test_symbols_are_no_letters():
    """What is set in the font Symbol is Greek."""
    assert text_of(text_cell(0, 0, 0, 5), string("f 32")) == "φ 32\n"


@pytest.mark.parametrize(
    ("value", "style_number", "expect"),
    [(12.0, 0, "12"), (-0.125, 0, "-0.125"), (38982.0, 3, "22/09/2006"), (38982.0, 4, "2006-09-22"), (1e300, 0, "1e+300")],
)
def test_numbers_and_days(value, style_number, expect):
    """A number is written plainly, a day as its format says."""
    assert text_of(number_cell(0, 0, value, style_number)) == f"{expect}\n"


def test_packed_numbers():
    """Excel packs most numbers into four bytes: whole ones, hundredths and the upper half of a real one."""
    values = [(7 << 2) | 2, ((-3 & 0x3FFFFFFF) << 2) | 2, (1250 << 2) | 3, struct.unpack("<I", struct.pack("<d", 1.5)[4:])[0]]
    several = record(0xBD, struct.pack("<HH", 1, 0) + b"".join(struct.pack("<HI", 0, value) for value in values) + b"\3\0")
    assert text_of(cell(0x27E, 0, 0, struct.pack("<I", values[0])) + several) == "7\n7\t-3\t12.5\t1.5\n"


def test_results_of_formulas():
    """A formula shows its number, its text from the record that follows, its truth or its error."""
    text, true, error = b"\0" * 6 + b"\xff\xff", b"\1\0\1" + b"\0" * 3 + b"\xff\xff", b"\2\0\x07" + b"\0" * 3 + b"\xff\xff"
    body = cell(6, 0, 0, struct.pack("<d", 2.5)) + cell(6, 0, 1, text) + record(0x4BC) + record(0x207, string("kết quả"))
    body += cell(6, 0, 2, true) + cell(6, 0, 3, error) + cell(0x205, 0, 4, b"\0\0") + record(0x207, string("của ai"))
    assert text_of(body) == "2.5\tkết quả\tTRUE\t#DIV/0!\tFALSE\n"
    stale = cell(6, 0, 0, text) + cell(6, 0, 1, struct.pack("<d", 1)) + record(0x207, string("của ai"))
    assert text_of(stale) == "1\n"


def test_strings_that_go_on_in_the_next_record():
    """A string may go on in other records, each of which says anew how wide its characters are."""
    first = struct.pack("<II", 2, 2) + struct.pack("<HB", 6, 0) + b"Quy"
    strings = record(0xFC, first, b"\1" + "ết ".encode("utf-16-le"), string("định"))
    data = workbook([*FONTS, *STYLES, strings], [("S", 0, text_cell(0, 0, 0) + text_cell(0, 1, 1))])
    assert read(data).pages[0].text == "S\nQuyết \tđịnh\n"


def test_labels_in_cells():
    """Older programs write the string into the cell, with its fonts."""
    assert text_of(cell(0x204, 0, 0, string("nhãn"))) == "nhãn\n"
    rich = cell(0xD6, 0, 0, string("ab") + struct.pack("<HHH", 1, 1, 2))
    assert read(one_sheet(rich)).pages[0].runs == (Run("S\n"), Run("a", "Arial"), Run("b\n", ".VnTimeH"))


def text_box(text: str, kind: int = 6) -> bytes:
    """An object with a text."""
    head = struct.pack("<HHHHH", 0x15, 18, kind, 1, 0).ljust(22, b"\0")
    wide = b"\1" + text.encode("utf-16-le")
    return record(0x5D, head) + record(0x1B6, struct.pack("<HH6xHH", 0, 0, len(text), 16).ljust(18, b"\0"), wide, bytes(16))


def test_boxes_follow_the_cells_and_comments_stand_aside():
    """A text box is shown; a comment, and what is printed on every page, is for the secrecy gate."""
    body = text_box("hộp") + text_box("nhận xét", 0x19) + record(0x14, string('&C&"Arial,Bold"&12MẬT &P')) + text_cell(0, 0, 0)
    outcome = read(one_sheet(body, string("a")))
    assert outcome.pages[0].text == "S\na\nhộp\n"
    assert "".join(run.text for run in outcome.aside) == "nhận xét\nMẬT\n"


def test_a_chart_within_a_sheet_is_passed_over():
    """What follows the chart is still the sheet."""
    chart = begin(0x20) + text_cell(0, 0, 99) + record(0x0A)
    assert text_of(text_cell(0, 0, 0) + chart + text_cell(1, 0, 0), string("a")) == "a\na\n"


def test_excel_95():
    """Its strings are bytes in the font's code page."""
    names = [
        record(0x31, bytes(12) + bytes([charset, 0, len(name)]) + name) for name, charset in ((b"Arial", 163), (b".VnTime", 0))
    ]
    cells = cell(0x204, 0, 0, b"\2\0\xf0\xca") + cell(0x204, 0, 1, b"\2\0\xae\xca", 1)
    head = begin(5, 0x500) + record(0x42, b"\xe4\x04") + b"".join(names) + style(0) + style(1)
    sheet = begin(16, 0x500) + cells + record(0x0A)
    listed = record(0x85, struct.pack("<IBB", len(head) + 16, 0, 0) + b"\1B")
    data = compound_file({"Book": head + listed + record(0x0A) + sheet})
    assert read(data).pages[0].runs == (Run("B\n"), Run("đÊ\t", "Arial"), Run("®Ê\n", ".VnTime"))


def test_refusals():
    """A password, a version before Excel 5, a missing string and an empty workbook each have their code."""
    assert read_or_refuse(workbook([record(0x2F, bytes(6))], [("S", 0, b"")])).code == "encrypted"
    assert read_or_refuse(compound_file({"Workbook": begin(16, 0x400)})).code == "unsupported"
    assert read_or_refuse(one_sheet(text_cell(0, 0, 5), string("a"))).code == "damaged"
    assert read_or_refuse(one_sheet(b"")).code == "empty"
    assert read_or_refuse(compound_file({"Other": b"x"})).code == "damaged"


def test_one_long_string_in_many_cells():
    """What the cells show together is bounded, not only what the file holds."""
    body = b"".join(text_cell(row, 0, 0) for row in range(40))
    with pytest.raises(UnreadableFile) as refusal:
        read(one_sheet(body, string("a" * 32_000)), unpacked_mb=1)
    assert refusal.value.code == "too_large"


WHOLE = one_sheet(
    text_cell(0, 0, 0, 1) + number_cell(0, 1, 2.5) + text_box("hộp") + record(0xBD, bytes(12)) + cell(6, 1, 0, bytes(8)),
    string("Quyết", fonts=[(2, 2)]),
    string("x" * 50),
)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_altered_workbooks_are_read_or_refused(data):
    """Bytes that are changed or cut off bring about no other error."""
    changed = bytearray(WHOLE[: data.draw(st.integers(0, len(WHOLE)))])
    for _ in range(data.draw(st.integers(0, 12))):
        if changed:
            changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    assert isinstance(read_or_refuse(bytes(changed)), RawText | UnreadableFile)


_KINDS = [6, 0x14, 0x1C, 0x31, 0x42, 0x85, 0xBD, 0xD6, 0xE0, 0xFC, 0xFD, 0x1B6, 0x203, 0x204, 0x205, 0x207, 0x27E, 0x41E]


@settings(max_examples=300, deadline=None)
@given(rows=st.lists(st.tuples(st.sampled_from(_KINDS), st.binary(max_size=40)), max_size=8))
def test_any_records_are_read_or_refused(rows):
    """So do records whose contents are anything, in the globals and in a sheet."""
    anything = b"".join(record(kind, content) for kind, content in rows)
    for data in (one_sheet(anything), workbook([anything], [("S", 0, text_cell(0, 0, 0))])):
        assert isinstance(read_or_refuse(data), RawText | UnreadableFile)


_HOSTILE = {
    "empty rows": lambda count: one_sheet(record(0x208, bytes(16)) * count + text_cell(0, 0, 0), string("a")),
    "cells": lambda count: one_sheet(text_cell(0, 0, 0) * count, string("a")),
    "cells from the last to the first": lambda count: one_sheet(
        b"".join(text_cell(row % 65536, 0, 0) for row in range(count, 0, -1)), string("a")
    ),
    "strings": lambda count: one_sheet(text_cell(0, 0, 0), *[string("a")] * count),
    "pieces of one string": lambda count: workbook(
        [record(0xFC, bytes(4) + b"\1\0\0\0\xff\xff\0", *[b"\0a"] * count)], [("S", 0, text_cell(0, 0, 0))]
    ),
    "sheets": lambda count: workbook([shared_strings(string("a"))], [("S", 0, text_cell(0, 0, 0))] * (count // 4)),
    "runs": lambda count: one_sheet(text_cell(0, 0, 0), string("a", fonts=[(0, 1)] * min(count // 10, MOST // 5))),
}


@pytest.mark.parametrize("what", _HOSTILE)
def test_time_grows_with_length(what):
    """No construction costs more than its length."""
    assert_grows_linearly(read_or_refuse, _HOSTILE[what], 20_000)
