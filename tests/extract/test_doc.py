"""DOC files: their text in reading order, their fonts, their lists, and files that are refused."""

import io
import struct
import tracemalloc
from typing import Any

import pytest
from casefiles import by_name, cases
from compound import compound_file
from growth import assert_grows_linearly
from hypothesis import given, settings
from hypothesis import strategies as st
from word import level, lists_of, modifiers, old_modifiers, old_word_file, word_file, word_streams

from indexer.config import Limits
from indexer.decoding import decode
from indexer.errors import UnreadableFile
from indexer.extract.doc.document import read_doc
from indexer.extract.doc.file import Part, Story
from indexer.model import RawText, Run
from indexer.read import inspect


def read(data: bytes) -> RawText:
    """Read a file of these bytes."""
    return read_doc(io.BytesIO(data), Limits())


def refusal_of(data: bytes) -> UnreadableFile:
    """Why a file of these bytes is refused."""
    with pytest.raises(UnreadableFile) as refusal:
        read(data)
    return refusal.value


def read_or_refuse(data: bytes) -> RawText | UnreadableFile:
    """Read bytes that may be anything."""
    try:
        return read(data)
    except UnreadableFile as refusal:
        return refusal


def line(text: str, *, mark: str = "\r", run: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    """A paragraph of one run."""
    return {"runs": [[text + mark, run or {}]], **properties}


@pytest.mark.parametrize("case", cases("extract_doc"), ids=by_name)
def test_a_bodys_text(case):
    """Each case's paragraphs give exactly its lines."""
    raw = read(word_file(case["input"]))
    assert (raw.format, raw.pages[0].text) == ("doc", case["expect"])


def test_text_shown_in_capitals():
    """A style's capitals hold unless the run turns them off or round; small ones are capitals, too."""
    styles = [(1, 0xFFF, b"", b""), (1, 0, b"", modifiers(capitals=1))]
    runs = [["a", {}], ["b", {"capitals": 0}], ["c", {"capitals": 129}], ["d", {"capitals": 128}]]
    body = [{"runs": [*runs, ["\r", {}]], "style": 1}, {"runs": [["e", {}], ["f\r", {"small_capitals": 1}]]}]
    shown = read(word_file(body, styles=styles)).pages[0].runs
    assert [(run.text, run.capitals) for run in shown] == [("a", True), ("bc", False), ("d\n", True), ("e", False), ("f\n", True)]


def test_fonts_come_from_runs_styles_and_the_default():
    """The nearest of run, character style, paragraph style, its bases and the style sheet's default names the font."""
    styles = [
        (1, 0xFFF, b"", b""),
        (1, 0, b"", modifiers(font=1)),
        (1, 1, b"", b""),
        (1, 4, b"", b""),
        (1, 3, b"", b""),
        (2, 0xFFF, b"", modifiers(font=2)),
    ]
    body = [
        line("a"),
        line("b", style=2),
        line("c", style=3),
        line("d", style=2, run={"character_style": 5}),
        line("e", style=2, run={"font": 3}),
        line("f", style=2, run={"font": 3, "plain": 0}),
        line("g", style=77),
        line("h", run={"font": 99}),
    ]
    fonts = ("Arial", ".VnTime", "VNI-Times", ".VnTimeH")
    assert read(word_file(body, fonts=fonts, styles=styles)).pages[0].runs == (
        Run("a\n", "Arial"),
        Run("b\n", ".VnTime"),
        Run("c\n", "Arial"),
        Run("d\n", "VNI-Times"),
        Run("e\n", ".VnTimeH"),
        Run("f\n", ".VnTime"),
        Run("g\n", "Arial"),
        Run("h\n", ""),
    )


def test_letters_outside_ascii_have_a_font_of_their_own():
    """It tells how all of a run is encoded; a run of ASCII alone is in the font for that."""
    of_two = {"font": 0, "font_other": 1}
    body = [{"runs": [["QuyÕt", of_two], [" 12", of_two], ["\r", {}]]}]
    assert read(word_file(body, fonts=("Arial", ".VnTime"))).pages[0].runs == (Run("QuyÕt", ".VnTime"), Run(" 12\n", "Arial"))


def test_symbols_show_their_own_character():
    """A symbol stands in place of the character that holds its place, in its own font."""
    body = [{"runs": [["a", {}], ["((", {"special": 1, "symbol": [1, 0xF0A7]}], ["b\r", {}]]}]
    raw = read(word_file(body, fonts=("Arial", "Wingdings")))
    assert raw.pages[0].runs == (Run("a", "Arial"), Run("\uf0a7\uf0a7", "Wingdings"), Run("b\n", "Arial"))


def test_switches_may_refer_to_the_style():
    """Hidden as in the style, and the opposite of it."""
    styles = [(1, 0xFFF, b"", b""), (1, 0, b"", modifiers(hidden=1))]
    body = [line(f"{style}{switch:x}", style=style, run={"hidden": switch}) for style in (0, 1) for switch in (0, 1, 0x80, 0x81)]
    assert read(word_file(body, styles=styles)).pages[0].text == "00\n080\n10\n181\n"


def test_automatic_numbers_are_written_out():
    """`Điều 1.` and `a)` that Word counts by itself are part of the text; lower levels start again, bullets are left out."""
    levels = [
        level(0, "§iÒu \x00.", font=1),
        level(4, "\x01)"),
        level(1, "\x00.\x02"),
        level(23, "\uf0b7"),
        level(255, "Phụ lục"),
    ]
    instead = level(0, "Mục \x00:", start=20)
    uses = [(), [(0x10, 9, b"")], [(0x30, 0, instead)]]
    styles = [(1, 0xFFF, b"", b""), (1, 0, modifiers(list=1, level=0), b"")]
    body = [
        line("Phạm vi", list=1),
        line("một", list=1, level=1),
        line("hai", list=1, level=1),
        line("Đối tượng", style=1),
        line("ba", list=1, level=1),
        line("bốn", list=1, level=2),
        line("năm", list=1, level=3),
        line("sáu", style=1, list=0),
        line("bảy", list=2),
        line("tám", list=50),
        line("chín", list=0xF801),
        line("mười", list=1, level=200),
        line("xóa", list=1, run={"deleted": 1}),
        {"runs": [["dở", {}], ["\r", {"hidden": 1}]], "list": 1},
        line("ô", list=1, mark="\x07", in_table=1),
        line("", list=1, mark="\x07", in_table=1, row_end=1),
        line("khác", list=3),
    ]
    page = read(word_file(body, fonts=("Arial", ".VnTime"), styles=styles, **lists_of(levels, uses))).pages[0]
    assert page.text == (
        "§iÒu 1. Phạm vi\na) một\nb) hai\n§iÒu 2. Đối tượng\na) ba\n2.I bốn\nnăm\nsáu\n§iÒu 9. bảy\ntám\nchín\nPhụ lục mười\n"
        "§iÒu 10. dở\n§iÒu 11. ô\nMục 20: khác\n"
    )
    assert page.runs[0] == Run("§iÒu 1. ", ".VnTime")


def test_articles_count_on_across_chapters():
    """A level may go on when a higher one does, and write the numbers of all as decimals."""
    levels = [level(1, "Chương \x00"), level(0, "Điều \x01.", flags=0x08), level(0, "\x00.\x01.\x02.", flags=0x04)]
    places = [0, 1, 2, 1, 0, 1, 2]
    body = [line(str(number), list=1, level=place) for number, place in enumerate(places)]
    text = read(word_file(body, **lists_of(levels, [()]))).pages[0].text
    assert text == "Chương I 0\nĐiều 1. 1\n1.1.1. 2\nĐiều 2. 3\nChương II 4\nĐiều 3. 5\n2.3.1. 6\n"


def test_a_page_break_does_not_number_a_paragraph_twice():
    """What follows the break belongs to the same paragraph."""
    assert read(word_file([line("a\x0cb", list=1)], **lists_of([level(0, "\x00.")], [()]))).pages[0].text == "1. a\nb\n"


def test_headers_notes_and_footers():
    """Headers come first, then the body, its notes and the footers; one that is only a page number says nothing."""
    running = ["", "", "", "", "", "", "2", "đầu trang", "", "chân trang", "trang đầu", "3"]
    positions = [0]
    for text in running:
        positions.append(positions[-1] + (len(text) + 1 if text else 0))
    streams = word_streams(
        {
            Story.MAIN: [line("thân")],
            Story.FOOTNOTES: [line("\x02 chú thích", run={"special": 1})],
            Story.HEADERS: [line(text) for text in running if text],
            Story.COMMENTS: [line("góp ý")],
            Story.ENDNOTES: [line("chú cuối")],
        },
        parts={Part.HEADERS: struct.pack("<14I", *positions, positions[-1] + 1)},
    )
    text = read(compound_file(streams)).pages[0].text
    assert text == "đầu trang\ntrang đầu\nthân\n chú thích\nchú cuối\nchân trang\n"


def record(kind: int, content: bytes, count: int = 0, *, container: bool = False) -> bytes:
    """A record of a drawing."""
    return struct.pack("<HHI", count << 4 | (0xF if container else 3), kind, len(content)) + content


def shape(number: int, **texts: str) -> bytes:
    """A shape, with texts among its properties."""
    codes = {"art": 0xC0C0, "font": 0xC0C5, "description": 0xC381, "other": 0xC380}
    encoded = [(codes[name], f"{text}\0".encode("utf-16-le")) for name, text in texts.items()]
    entries = struct.pack("<HI", 0x0004, 7) + b"".join(struct.pack("<HI", code, len(text)) for code, text in encoded)
    options = record(0xF00B, entries + b"".join(text for _, text in encoded), len(encoded) + 1)
    return record(0xF004, record(0xF00A, struct.pack("<II", number, 0)) + options, container=True)


def drawings(*shapes: bytes) -> bytes:
    """A table of drawings: what all share, then one drawing of a group that holds the page's shapes."""
    group = record(0xF003, shape(1) + b"".join(shapes), container=True)
    return record(0xF000, bytes(24), container=True) + b"\0" + record(0xF002, group, container=True)


def anchors(*places: tuple[int, int], end: int) -> bytes:
    """The table of which shape hangs on which character."""
    positions = struct.pack(f"<{len(places) + 1}I", *(place for place, _ in places), end)
    return positions + b"".join(struct.pack("<I22x", number) for _, number in places)


def boxes(*texts: tuple[int, int]) -> bytes:
    """The table of text boxes: the length of each, and its shape."""
    positions, place = [0], 0
    for length, _ in texts:
        place += length
        positions.append(place)
    return struct.pack(f"<{len(positions)}I", *positions) + b"".join(struct.pack("<14xI4x", number) for _, number in texts)


def test_text_boxes_follow_the_paragraph_that_anchors_them():
    """So does one in a group of shapes; one without an anchor comes last, and tables in a box stay tables."""
    parts = {
        Part.DRAWINGS: drawings(shape(5), record(0xF003, shape(6) + shape(7) + shape(8), container=True), shape(9)),
        Part.ANCHORS: anchors((1, 6), (5, 5), end=12),
        Part.BOXES: boxes((4, 5), (5, 8), (5, 9)),
    }
    body = [line("một"), line("hai"), line("ba")]
    cells = [line("a", mark="\x07", in_table=1), line("b", mark="\x07", in_table=1), line("", mark="\x07", in_table=1, row_end=1)]
    framed = [line("Số:"), *cells, line("cuối")]
    text = read(compound_file(word_streams({Story.MAIN: body, Story.BOXES: framed}, parts=parts))).pages[0].text
    assert text == "một\na\tb\nhai\nSố:\nba\ncuối\n"


def test_boxes_in_headers_count_as_text_of_theirs():
    """A header without letters whose text box has some is written, and so is a box whose anchor is not found."""
    parts = {
        Part.DRAWINGS: drawings(shape(5)),
        Part.HEADERS: struct.pack("<10I", 0, 0, 0, 0, 0, 0, 0, 2, 4, 5),
        Part.HEADER_ANCHORS: anchors((0, 5), end=4),
        Part.HEADER_BOXES: boxes((5, 5), (2, 6), (4, 7)),
    }
    stories = {
        Story.MAIN: [line("thân")],
        Story.HEADERS: [line("2"), line("3")],
        Story.HEADER_BOXES: [line("KHẨN"), line("4"), line("mật")],
    }
    assert read(compound_file(word_streams(stories, parts=parts))).pages[0].text == "2\nKHẨN\n4\nmật\nthân\n"


def test_what_is_shown_beside_the_text():
    """Letters drawn as pictures, with their font, and descriptions of floating and of inline pictures, each once."""
    inline = shape(2, description="con dấu", other="Picture 1")
    pictures = b"".join(
        struct.pack("<IHH60x", 68 + len(name) + len(inline), 68, kind) + name + inline
        for kind, name in ((0x64, b""), (0x66, b"\x03abc"))
    )
    codes = [["\x01", {"special": 1, "picture": place}] for place in (0, 0, 68 + len(inline), 1 << 30)]
    drawn = drawings(shape(5, art="MẬT", font="Arial", description="hình mờ"), shape(6, art="MẬT", font="Arial"))
    raw = read(word_file([line("thân"), {"runs": [*codes, ["\r", {}]]}], data=pictures, parts={Part.DRAWINGS: drawn}))
    assert raw.pages[0].text == "thân\n"
    assert raw.aside == (Run("MẬT\n", "Arial"), Run("hình mờ\n"), Run("con dấu\n"))


def test_a_watermark_closes_the_gate(tmp_path):
    """A mark that is drawn as a picture quarantines the file."""
    path = tmp_path / "mat.doc"
    path.write_bytes(word_file([line("Kế hoạch")], parts={Part.DRAWINGS: drawings(shape(5, art="TỐI MẬT", font="Arial"))}))
    assert inspect(path, Limits())[1] is not None
    path.write_bytes(word_file([line("Kế hoạch")], parts={Part.DRAWINGS: drawings(shape(5, art="BẢN SAO", font="Arial"))}))
    assert inspect(path, Limits())[1] is None


@pytest.mark.parametrize("width", [1, 2])
def test_old_encodings_are_decoded_by_font(width):
    """TCVN3 with its capitals, VNI, and Unicode in a TCVN3 font reach the decoding stage in the form that it takes."""
    body = [
        line("quyÕt ®Þnh", run={"font": 1}, width=width),
        line("Nhµ n\u00adíc ban hµnh", run={"font": 2}, width=width),
        line("Quyeát ñònh cuûa", run={"font": 3}, width=width),
        line("Văn phòng Quốc hội", run={"font": 2}),
    ]
    text = decode(read(word_file(body, fonts=("Arial", ".VnTimeH", ".VnTime", "VNI-Times")))).text
    assert text == "QUYẾT ĐỊNH\nNhà nước ban hành\nQuyết định của\nVăn phòng Quốc hội"


def test_properties_that_lie_elsewhere():
    """Those of a piece apply to all of it, one by one or as a list; those too long for their page lie in the data stream."""
    data = struct.pack("<H", 6) + modifiers(row_end=1, in_table=1)
    body = [
        line("ẩn", piece=1),
        line("xóa", piece=0x41 << 1 | 1 << 8),
        line("a", mark="\x07", in_table=1),
        line("", mark="\x07", from_data=0),
        line("b", mark="\x07", in_table=1),
        line("c", piece=3),
    ]
    more = [modifiers(hidden=1), modifiers(paragraph_style=1)]
    styles = [(1, 0xFFF, b"", b""), (1, 0, b"", modifiers(font=1))]
    raw = read(word_file(body, lists_of_pieces=more, data=data, styles=styles, fonts=("Arial", ".VnTime")))
    assert raw.pages[0].runs == (Run("a\nb\t", "Arial"), Run("c\n", ".VnTime"))


def test_pieces_are_read_in_the_order_of_their_characters():
    """A quick save appends what was typed, wherever in the text that stands."""
    pieces = struct.pack("<BI3I", 2, 28, 0, 4, 8) + struct.pack("<HIHHIH", 0, 2048 + 8, 0, 0, 2048, 0)
    assert read(word_file([line("hai"), line("một")], parts={Part.PIECES: pieces})).pages[0].text == "một\nhai\n"


def test_pieces_must_hold_the_whole_text():
    """Where they end before the text does, the rest would be lost in silence."""
    pieces = struct.pack("<BI2I", 2, 16, 0, 4) + struct.pack("<HIH", 0, 2048, 0)
    assert refusal_of(word_file([line("hai"), line("một")], parts={Part.PIECES: pieces})).code == "damaged"


def test_a_long_list_of_tab_stops_is_passed_over():
    """Its operand tells its length in two counts instead of one byte."""
    tabs = struct.pack("<HBB8xB6x", 0xC615, 0xFF, 2, 2) + modifiers(hidden=1)
    assert refusal_of(word_file([line("ẩn", piece=1)], lists_of_pieces=[tabs])).code == "empty"


@pytest.mark.parametrize(
    "way", [{}, {"cut": True}, {"listed_in_part": True}], ids=["in one piece", "in pieces", "listed in part"]
)
def test_word_6_and_95(way):
    """Their files hold the same in other places: fonts, styles, tables, fields, symbols, deletions."""
    field = [["\x13", {"special": 1}], [" PAGE ", {}], ["\x14", {"special": 1}], ["7", {}], ["\x15", {"special": 1}]]
    body = [
        line("UBND", mark="\x07", in_table=1),
        line("Sè", mark="\x07", in_table=1, run={"size": 28, "font": 2}),
        line("", mark="\x07", in_table=1, row_end=1, row=5),
        {
            "runs": [["QuyÕt ", {}], ["cò", {"deleted": 1}], ["(", {"special": 1, "symbol": [3, 3, 0xA7]}], [" ®Þnh\r", {}]],
            "style": 1,
        },
        {"runs": [*field, ["\r", {"character_style": 2}]]},
        line("thêng", style=1, run={"font": 2, "plain": 0}),
    ]
    styles = [(1, 0xFFF, b"", b""), (1, 0, b"", old_modifiers(font=1)), (2, 0xFFF, b"", old_modifiers(font=2))]
    raw = read(old_word_file(body, ("Arial", ".VnTime", ".VnTimeH", "Wingdings"), styles, **way))
    assert raw.pages[0].runs == (
        Run("UBND\t", "Arial"),
        Run("Sè\n", ".VnTimeH"),
        Run("QuyÕt ", ".VnTime"),
        Run("\uf0a7", "Wingdings"),
        Run(" ®Þnh\n", ".VnTime"),
        Run("7\n", "Arial"),
        Run("thêng\n", ".VnTime"),
    )


def test_streams_of_embedded_objects_are_left_alone():
    """Only streams at the root count."""
    streams = word_streams({Story.MAIN: [line("thân")]})
    data = bytearray(compound_file({**streams, "ObjectPool": b""}))
    assert read(bytes(data)).pages[0].text == "thân\n"
    name = data.index("WordDocument".encode("utf-16-le"))
    assert name % 128 == 0
    struct.pack_into("<I", data, data.index("Root Entry".encode("utf-16-le")) + 76, 3)  # the tree now begins behind it
    assert refusal_of(bytes(data)).code == "damaged"


def test_refusals():
    """A password, no text, a lost stream, a file cut short and a field without end each have their code."""
    body = [line("thân" * 4000)]
    whole = word_file(body)
    assert refusal_of(word_file(body, flags=0x0100)).code == "encrypted"
    assert refusal_of(word_file([line("")])).code == "empty"
    assert refusal_of(compound_file({"WordDocument": word_streams({Story.MAIN: body})["WordDocument"]})).code == "damaged"
    assert refusal_of(whole[: len(whole) // 2]).code == "damaged"
    assert refusal_of(word_file([{"runs": [["a", {}], ["\x13", {"special": 1}], ["mất\r", {}]]}])).code == "damaged"
    assert refusal_of(word_file([])).code == "empty"


def with_pieces(count: int, text: str) -> bytes:
    """A file of so many pieces that all lie in the same text."""
    streams = word_streams({Story.MAIN: [line(text)]})
    positions = [number * (len(text) + 1) for number in range(count + 1)]
    pieces = struct.pack("<HIH", 0, 2048, 0) * count
    part = struct.pack(f"<BI{count + 1}I", 2, 4 * len(positions) + len(pieces), *positions) + pieces
    main = bytearray(streams["WordDocument"])
    struct.pack_into("<I", main, 76, positions[-1])
    struct.pack_into("<II", main, 154 + 8 * Part.PIECES, len(streams["1Table"]), len(part))
    return compound_file({"WordDocument": bytes(main), "1Table": streams["1Table"] + part})


def test_a_small_file_cannot_hold_a_large_text():
    """Pieces that share their text are damage, found before anything is read."""
    data = with_pieces(20_000, "thân" * 1000)
    tracemalloc.start()
    refusal = refusal_of(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refusal.code == "damaged"
    assert peak < 30 << 20


@pytest.mark.parametrize("what", ["paragraphs", "runs", "fields"])
def test_time_grows_as_the_text_does(what):
    """Many paragraphs, many runs and fields within fields take time in proportion."""
    runs_of = {
        "paragraphs": lambda size: [line("a\r" * size)],
        "runs": lambda size: [{"runs": [["a", {"bold": number % 2}] for number in range(size)] + [["\r", {}]]}],
        "fields": lambda size: [{"runs": [["\x13\x14a" * size + "\x15" * size + "\r", {"special": 1}]]}],
    }
    assert_grows_linearly(read, lambda size: word_file(runs_of[what](size)), 40_000)


SAMPLE = compound_file(
    word_streams(
        {
            Story.MAIN: [
                line("Điều", list=1),
                line("a", mark="\x07", in_table=1),
                line("", mark="\x07", in_table=1, row_end=1, from_data=0),
            ],
            Story.HEADERS: [line("đầu trang")],
            Story.BOXES: [line("Số", width=2)],
        },
        styles=[(1, 0xFFF, b"", modifiers(font=1)), (1, 0, modifiers(list=1), b"")],
        fonts=("Arial", ".VnTime"),
        data=struct.pack("<H", 3) + modifiers(row_end=1),
        lists_of_pieces=[modifiers(hidden=0)],
        levels=lists_of([level(0, "\x00.")], [()])["levels"],
        parts={
            **lists_of([level(0, "\x00.")], [[(0x30, 0, level(4, "\x00)"))]])["parts"],
            Part.DRAWINGS: drawings(shape(5, art="KHẨN", font="Arial")),
            Part.ANCHORS: anchors((1, 5), end=9),
            Part.BOXES: boxes((3, 5)),
            Part.HEADERS: struct.pack("<9I", 0, 0, 0, 0, 0, 0, 0, 10, 11),
        },
    )
)
OLD_SAMPLE = old_word_file(
    [line("Sè", mark="\x07", in_table=1, run={"size": 28, "font": 1}), line("", mark="\x07", in_table=1, row_end=1, row=5)],
    ("Arial", ".VnTimeH"),
    [(1, 0xFFF, b"", old_modifiers(font=1))],
    cut=True,
)


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_altered_files_give_text_or_are_refused(data):
    """A file with bytes changed, or cut short, is never another error, and never a large text."""
    whole = data.draw(st.sampled_from([SAMPLE, OLD_SAMPLE]))
    telling = [place for place, byte in enumerate(whole) if byte not in (0, 0xFF)]
    changed = bytearray(whole)
    for _ in range(data.draw(st.integers(0, 6))):
        changed[data.draw(st.sampled_from(telling))] = data.draw(st.integers(0, 255))
    del changed[data.draw(st.sampled_from([len(whole)] * 9 + [len(whole) - 600])) :]
    outcome = read_or_refuse(bytes(changed))
    if isinstance(outcome, UnreadableFile):
        assert outcome.code in {"damaged", "empty", "encrypted"}
    else:
        assert len(outcome.pages[0].text) < 4 * len(whole)
