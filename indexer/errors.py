"""Everything this project raises on purpose.

`str(error)` is one Vietnamese sentence for an operator: what happened, to what, and what to do next.
"""


class CongbaoError(Exception):
    """Base of the tree below."""


class UnreadableFile(CongbaoError):
    """A file that gives no document: damaged, encrypted, empty, hostile, unsupported. Carries stage, code and reason."""

    def __init__(self, stage: str, code: str, reason: str) -> None:
        super().__init__(reason)
        self.stage = stage  # sniff, extract, decode, understand
        self.code = code  # stable, for programs: empty, encrypted, damaged, unsupported, too_large, timeout, needs_ocr ...
        self.reason = reason

    def __reduce__(self) -> tuple[type["UnreadableFile"], tuple[str, str, str]]:
        return (type(self), (self.stage, self.code, self.reason))  # crosses process borders whole


class BadConfiguration(CongbaoError):
    """A setting that cannot be used; names it and what it may be."""


class BadRegister(CongbaoError):
    """A metadata file with an unknown column or an impossible value; names row and column."""


class DataFolderBusy(CongbaoError):
    """Another process is writing; carries its process id and start time (ISO 8601), None where unknown."""

    pid: int | None = None
    started: str | None = None


class DataFolderUnfit(CongbaoError):
    """The data folder cannot hold a catalogue: missing, read-only, full, or on a network file system."""


class NoDataFolder(DataFolderUnfit):
    """What was named as the data folder is no folder, and none can be made there: another must be named."""


class CatalogueTooNew(CongbaoError):
    """The catalogue was written by a newer version of this program."""


class CatalogueOutdated(CongbaoError):
    """The catalogue was written by an older version and is opened for reading only; says what upgrades it."""


class CatalogueDamaged(CongbaoError):
    """The catalogue cannot be read or fails its own integrity check."""


class IndexMissing(CongbaoError):
    """No index has been built in this data folder yet."""


class IndexOutdated(CongbaoError):
    """The index was made by another analysis version; says `congbao reindex`."""


class IndexDamaged(CongbaoError):
    """An index file is missing or altered; names the file; says `congbao reindex`."""


class WorkerLost(CongbaoError):
    """A process that analyses texts for the index was killed; nothing of the batch was written."""


class PurgeUnfinished(CongbaoError):
    """A removed document is found no more, but bytes of it are still in the data folder; says how to finish."""


class UnknownDocument(CongbaoError):
    """No document has this id, or none that is live where one is needed."""


class BadQuery(CongbaoError):
    """A request parameter that cannot be understood; names the parameter and what it may be."""

    def __init__(self, parameter: str, reason: str) -> None:
        super().__init__(reason)
        self.parameter = parameter
        self.reason = reason
