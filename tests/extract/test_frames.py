"""Messages from a worker that a hostile file has taken over."""

import pickle
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from indexer.errors import UnreadableFile
from indexer.extract.isolation.frames import open_untrusted
from indexer.legal.secrecy import Mark
from indexer.model import (
    Canonical,
    Citation,
    Evidence,
    LegalMetadata,
    Level,
    Provision,
    RawPage,
    RawText,
    Relation,
    RelationKind,
    Run,
    Step,
    Target,
    Understood,
    Unit,
)


def called(module: str, name: str, *arguments: str) -> bytes:
    """A message that calls the named function as it is unpickled."""

    def written(texts: Iterable[str]) -> bytes:
        return b"".join(b"X" + len(text.encode()).to_bytes(4, "little") + text.encode() for text in texts)

    return b"\x80\x04" + written((module, name)) + b"\x93(" + written(arguments) + b"tR."


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("indexer.extract.isolation.worker_handle", "subprocess.Popen"),
        ("indexer.model", "dataclass.__globals__"),
        ("indexer.model", "Enum"),
        ("indexer.errors", "UnreadableFile.__init__"),
        ("indexer.extract.isolation.sandbox", "time.sleep"),
        ("indexer.config", "Limits"),
        ("pathlib", "PosixPath"),
        ("os", "system"),
        ("builtins", "eval"),
    ],
)
def test_only_the_classes_of_a_result_may_be_named(module, name, tmp_path):
    """A function, a class that another module imported, and one of the project's own that no result holds are all refused."""
    trace = tmp_path / "trace"
    with pytest.raises(pickle.UnpicklingError, match=f"^{module}.{name}$"):
        open_untrusted(called(module, name, f"touch {trace}"))
    assert not trace.exists()


def test_the_forgery_is_one():
    """The message that these tests forge would work if its class were allowed."""
    assert isinstance(pickle.loads(called("pathlib", "PosixPath", "a")), Path)
    assert isinstance(open_untrusted(called("indexer.errors", "UnreadableFile", "a", "b", "c")), UnreadableFile)


@pytest.mark.parametrize(
    "name",
    [
        "indexer.errors UnreadableFile",
        "indexer.model Run",
        "indexer.model Level",
        "indexer.model RelationKind",
        "indexer.model Target",
        "indexer.legal.secrecy Mark",
    ],
)
def test_a_message_cannot_alter_a_class(name):
    """State that is set on a class instead of on an instance of it is refused, and the class stays as it was."""
    module, name = name.split()
    message = f"c{module}\n{name}\n(N}}S'start'\nI0\nstb.".encode()
    before = vars(pickle.loads(f"c{module}\n{name}\n.".encode())).copy()
    with pytest.raises(pickle.UnpicklingError):
        open_untrusted(message)
    assert vars(pickle.loads(f"c{module}\n{name}\n.".encode())) == before


@pytest.mark.parametrize("message", [b"", b"\x80\x05", b"cindexer.model\nRawText\n(tR.", b"(lp0\nI1\na", b"0.", b"\xff"])
def test_a_malformed_message_is_one_kind_of_error(message):
    """Whatever a message breaks, its receiver has one error to catch."""
    with pytest.raises(pickle.UnpicklingError):
        open_untrusted(message)


def test_every_result_crosses_whole():
    """What readers return comes back equal."""
    metadata = LegalMetadata(number="1/CT", issued_date=date(2020, 1, 2))
    target = Target("1/CT", "Chỉ thị", 2020, date(2020, 1, 2), "dieu-1")
    understood = Understood(
        Canonical("a", (0,), (Step("b", 1),)),
        metadata,
        (Provision("dieu-1", "Điều 1", "", 0, 1),),
        "text",
        {"number": Evidence(0, 1, 1, 1.0)},
        (Unit(Level.DOCUMENT, "", "", "", 0, 1, None),),
        (Citation(0, 1, target),),
        (Relation(RelationKind.CITES, target, 0, 1, (0, 1)),),
    )
    raw = RawText("docx", (RawPage((Run("a", "b"),)),))
    results = [(understood, Mark("MẬT", 0, 1, "c")), (understood, None), raw, [1, "a", None, 2.5, {"a"}, frozenset("b")]]
    assert [open_untrusted(pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL)) for result in results] == results
