"""What a run tells of each path."""

from dataclasses import dataclass
from enum import StrEnum

from indexer.model import Visibility


class Event(StrEnum):
    """What happened to one path in this run."""

    INDEXED = "indexed"
    UNCHANGED = "unchanged"
    COPY = "copy"  # the bytes of a document that is already there
    MOVED = "moved"
    FAILED = "failed"
    QUARANTINED = "quarantined"
    UNPACKED = "unpacked"  # an archive; its members are reported as files of their own
    REMOVED = "removed"  # taken out by an operator before, and still out
    MISSING = "missing"  # in the ledger, no longer on disk
    PRUNED = "pruned"
    REFUSED = "refused"  # a whole root: it is not there, or too much of it has vanished to be pruned


@dataclass(frozen=True, slots=True)
class FileReport:
    """One path's news: for people a reason in Vietnamese, "" where there is nothing to explain."""

    path: str
    event: Event
    reason: str = ""
    inside: int = 0  # members of an archive, whose own reports follow
    shown_to: Visibility | None = None  # whom its document is shown to now, where that has changed without reading it
