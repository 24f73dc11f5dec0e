"""A recall: after `remove` returned, no file of the data folder holds a byte of the document, whoever reads meanwhile."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from operator_desk import Desk, write

from analyzers.accents import fold
from indexer import commands, reports
from indexer.catalogue import Catalogue, Outcome, schema
from indexer.engine.port import SearchRequest
from indexer.engine.query import All
from indexer.engine.whooshdb.store import WhooshStore
from indexer.errors import PurgeUnfinished

RECALLED = "98765/2025/QĐ-UBND"
MARKERS = ("98765", "Thạchtùng", "Đẫmsương", "Ngọcbíchlam", "Vẹnnguyên", "Sổriêngbiệt", "Kýtênlót", "55443")
LEFT = 24  # bytes of a compressed text that would be noticed


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Thirty documents over several commits; the one to be recalled was edited, and a register speaks of it."""
    desk, folder = Desk(tmp_path / "data"), tmp_path / "documents"
    folder.mkdir()
    for number in range(1, 30):
        write(folder / f"{number}.txt", number, body=f"Phê duyệt lần thứ {number}. " * number)
    write(folder / "recall.txt", 98765, body="Đất Đẫmsương đổi mới. " * 40, title="Về việc Thạchtùng")
    desk.index(folder)
    articles = "\n".join(f"Điều {number}. Ngọcbíchlam {number}" for number in range(3, 30))
    articles += "\nĐiều 30. Bãi bỏ Quyết định số 55443/2024/QĐ-UBND."
    write(folder / "recall.txt", 98765, body=f"Phê duyệt Vẹnnguyên.\n{articles}", title="Về việc Thạchtùng")
    write(folder / "3.txt", 3, body="Phê duyệt lại.")
    register = tmp_path / "register.csv"
    register.write_text("files,title,signer\nrecall.txt,Sổriêngbiệt,Nguyễn Văn Kýtênlót\n", encoding="utf-8")
    desk.index(folder, register=register)
    assert all(left(desk, marker) for marker in MARKERS)
    return desk


def left(desk: Desk, *words: str, blob: bytes = b"") -> list[str]:
    """Return the files of the data folder that hold one of the words in any spelling, or a piece of `blob`."""
    spellings = {spelling for word in words for spelling in (word, word.lower(), word.upper(), fold(word), fold(word.lower()))}
    pieces = [spelling.encode() for spelling in spellings]
    pieces += [blob[start : start + LEFT] for start in range(max(0, len(blob) - LEFT))]
    files = {path: path.read_bytes() for path in desk.options.data.rglob("*") if path.is_file()}
    return sorted({path.name for path, content in files.items() for piece in pieces if piece in content})


def compressed(desk: Desk, key: int) -> bytes:
    """Return a document's text as the catalogue keeps it."""
    with closing(sa.create_engine(f"sqlite:///{desk.options.data / 'catalogue.sqlite'}").connect()) as connection:
        stored: bytes = connection.execute(sa.select(schema.texts.c.text).where(schema.texts.c.document_key == key)).scalar_one()
        connection.engine.dispose()
    return stored


def remove(desk: Desk, document_id: str) -> list[str]:
    """Take a document out as an operator does."""
    with commands.workplace(desk.options) as place:
        return commands.remove(place, document_id, "thu hồi")


@contextmanager
def serving(desk: Desk) -> Iterator[Catalogue]:
    """Have catalogue and index open as the API has, with something read from both."""
    catalogue, engine = Catalogue.open(desk.options.data / "catalogue.sqlite"), WhooshStore(desk.options.data / "index").engine()
    catalogue.get_many(catalogue.live_keys())
    engine.search(SearchRequest(All()))
    yield catalogue
    assert engine.search(SearchRequest(All())).total == len(catalogue.live_keys())
    engine.close()
    catalogue.close()


def test_nothing_is_left_of_a_recalled_document(desk: Desk) -> None:
    """Number, title, body, articles, register row, an earlier version: in plain, folded and compressed form."""
    document = desk.documents()[RECALLED]
    blob = compressed(desk, document.key)
    assert left(desk, blob=blob)
    with serving(desk):
        (path,) = remove(desk, document.id)
        assert left(desk, *MARKERS, blob=blob) == []
    assert left(desk, *MARKERS, blob=blob) == []
    assert left(desk, path) == ["catalogue.sqlite"]  # on purpose: by path and hash it is kept out
    assert (reports.verify(desk.options), len(desk.documents())) == ([], 29)
    desk.index(Path(path).parent)
    assert left(desk, *MARKERS, blob=blob) == []


def test_a_copy_in_another_source_goes_too(desk: Desk, tmp_path: Path) -> None:
    """Twins are other documents of the same bytes, and are purged with it."""
    write(tmp_path / "twin.txt", 98765, body="Phê duyệt Vẹnnguyên.")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "twin.txt").write_bytes((tmp_path / "twin.txt").read_bytes())
    (tmp_path / "documents" / "recall.txt").write_bytes((tmp_path / "twin.txt").read_bytes())
    desk.index(tmp_path / "documents")
    desk.index(tmp_path / "other", source="other")
    assert len(remove(desk, desk.documents()[RECALLED].id)) == 2
    assert left(desk, *MARKERS) == []


def test_what_vanished_before_can_be_recalled(desk: Desk, tmp_path: Path) -> None:
    """A pruned document's bytes go when it is removed by its id, and its file stays out when it comes back."""
    file = tmp_path / "documents" / "recall.txt"
    document, content = desk.documents()[RECALLED], file.read_bytes()
    file.unlink()
    desk.index(file.parent, prune=True)
    assert left(desk, *MARKERS)
    assert remove(desk, document.id) == []
    assert left(desk, *MARKERS) == []
    file.write_bytes(content)
    desk.index(file.parent)
    assert RECALLED not in desk.documents()


READER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN")
print(connection.execute("SELECT count(*) FROM texts").fetchone()[0], flush=True)
sys.stdin.read()
"""


@contextmanager
def reading_on(desk: Desk, where: str) -> Iterator[None]:
    """Hold a snapshot of the catalogue open, in this process or another one."""
    path = desk.options.data / "catalogue.sqlite"
    if where == "this process":
        with serving(desk) as catalogue, catalogue._connect() as connection:
            connection.execute(sa.select(schema.texts)).first()
            yield
            connection.rollback()
    else:
        command = [sys.executable, "-c", READER, str(path)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
            assert reader.stdout is not None
            reader.stdout.readline()
            yield
            reader.communicate()


@pytest.mark.parametrize("where", ["this process", "another process"])
def test_a_reader_that_stays_is_told_of(desk: Desk, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """The document is found no more, the operator hears what to do, and doing it ends the recall."""
    monkeypatch.setattr("indexer.catalogue.database._PATIENCE", 0.2)
    document = desk.documents()[RECALLED]
    with reading_on(desk, where):
        with pytest.raises(PurgeUnfinished, match="chạy lại"):
            remove(desk, document.id)
        assert RECALLED not in desk.documents()
        assert desk.found("98765-2025-qdubnd") == []
    remove(desk, document.id)
    assert left(desk, *MARKERS) == []
    assert reports.verify(desk.options) == []


def test_a_reader_that_ends_is_waited_for(desk: Desk) -> None:
    """A recall that comes in the middle of a long answer ends after it."""
    document = desk.documents()[RECALLED]
    with reading_on(desk, "another process"):
        removing = threading.Thread(target=remove, args=(desk, document.id))
        removing.start()
        removing.join(0.7)
        assert removing.is_alive()
    removing.join()
    assert left(desk, *MARKERS) == []


def test_a_second_recall_keeps_the_first_reason(desk: Desk) -> None:
    """The record of why a document was taken out is no place for what is typed later."""
    document = desk.documents()[RECALLED]
    for why in ("quyết định thu hồi", "gõ lại"):
        with commands.workplace(desk.options) as place:
            commands.remove(place, document.id, why)
    with closing(Catalogue.open(desk.options.data / "catalogue.sqlite")) as catalogue:
        assert [line.reason for line in catalogue.ledger(Outcome.REMOVED)] == ["quyết định thu hồi"]
