"""The domain in plain frozen types; standard library only, so that every room may import it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class _Closed(StrEnum):
    """Names that cross from a worker process: what is read from there sets nothing on the class."""

    def __setstate__(self, state: object) -> None:
        raise TypeError("a name has no state")


class Visibility(StrEnum):
    """Who may see a document."""

    PUBLIC = "public"
    INTERNAL = "internal"


class Kind(StrEnum):
    """What a document is: a legal document or a news item of the portal."""

    LEGAL = "legal"
    NEWS = "news"


@dataclass(frozen=True, slots=True)
class Run:
    """Text in one font as extraction found it, lines ended by LF. `font` is its bare name, "" where the format has none.

    `capitals`: it is shown in capitals, full or small ones, whatever its letters are.
    """

    text: str
    font: str = ""
    capitals: bool = False


@dataclass(frozen=True, slots=True)
class RawPage:
    """One page's runs in reading order. Formats without pages have a single one.

    `certainty` (0 to 1) is below 1 where the text was recognised from a picture.
    """

    runs: tuple[Run, ...]
    certainty: float = 1.0

    @property
    def text(self) -> str:
        """The runs joined."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class RawText:
    """What extraction gives: pages in order. `format` is the name of one that has a reader: pdf, docx, rtf ...

    `aside` is what a reader may see but is not the document's own text, one item a line: a watermark, the description of a
    picture, a site's menu. Only the secrecy gate looks at it. `unread` pages are scans whose text nobody recognised, `given_up`
    ones took too long, and what they had drawn by then is in `aside`.
    """

    format: str
    pages: tuple[RawPage, ...]
    aside: tuple[Run, ...] = ()
    unread: int = 0
    given_up: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of change made between raw and canonical text: what, how often, and an example (before → after)."""

    name: str
    count: int
    example: str = ""


@dataclass(frozen=True, slots=True)
class Canonical:
    """The text that every later offset refers to: NFC, legacy encodings decoded, whitespace settled."""

    text: str
    page_starts: tuple[int, ...] = (0,)  # offset of each page's first character; page_starts[0] == 0
    steps: tuple[Step, ...] = ()

    def page_of(self, offset: int) -> int:
        """Return the page (from 1) that holds `offset`."""
        return sum(start <= offset for start in self.page_starts) or 1


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a field's value was read: a span of the canonical text, its page, and how sure the reader is (0 to 1)."""

    start: int
    end: int
    page: int
    confidence: float


@dataclass(frozen=True, slots=True)
class LegalMetadata:
    """What identifies a legal document; None where nothing states it. Strings are as printed, whitespace settled."""

    number: str | None = None  # số ký hiệu, whole: 30/2020/NĐ-CP
    symbol: str | None = None  # ký hiệu alone: NĐ-CP
    type: str | None = None  # loại văn bản: Nghị định
    issuer: str | None = None  # cơ quan ban hành
    issued_date: date | None = None
    effective_date: date | None = None
    expiry_date: date | None = None
    title: str | None = None  # trích yếu
    signer: str | None = None
    signer_position: str | None = None
    field: str | None = None  # lĩnh vực
    status: str | None = None  # hiệu lực, in the national database's words
    gazette_issue: str | None = None  # số công báo
    gazette_page: str | None = None


@dataclass(frozen=True, slots=True)
class Formalities:
    """What else the layout of a document states (thể thức); None and () where nothing does. Strings are as printed."""

    place: str | None = None  # nơi ban hành: Lạng Sơn
    parent: str | None = None  # cơ quan chủ quản, above the issuer in the letterhead
    authority: tuple[str, ...] = ()  # TM. ỦY BAN NHÂN DÂN, KT. CHỦ TỊCH
    recipients: tuple[str, ...] = ()  # nơi nhận, one item each
    urgency: str | None = None  # độ khẩn: Hỏa tốc, Thượng khẩn, Khẩn
    base_number: str | None = None  # of a consolidated text: the number of the document that it is based on


FIELD_NAMES = {  # for people
    "number": "số, ký hiệu",
    "symbol": "ký hiệu",
    "type": "loại văn bản",
    "issuer": "cơ quan ban hành",
    "issued_date": "ngày ban hành",
    "effective_date": "ngày có hiệu lực",
    "expiry_date": "ngày hết hiệu lực",
    "title": "trích yếu",
    "signer": "người ký",
    "signer_position": "chức vụ",
    "field": "lĩnh vực",
    "status": "hiệu lực",
    "gazette_issue": "số công báo",
    "gazette_page": "trang công báo",
}
METADATA_FIELDS: tuple[str, ...] = tuple(LegalMetadata.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Provision:
    """A Điều (article): its stable anchor, its label and heading as printed, and its span of the canonical text."""

    anchor: str  # dieu-5
    label: str  # Điều 5
    heading: str  # "" where the article has none
    start: int
    end: int


class Level(_Closed):
    """What kind of unit of a document's outline it is, from the outermost in."""

    DOCUMENT = "document"
    ATTACHMENT = "attachment"  # phụ lục, quy chế kèm theo
    PART = "part"  # phần
    CHAPTER = "chapter"  # chương
    SECTION = "section"  # mục
    SUBSECTION = "subsection"  # tiểu mục
    ARTICLE = "article"  # điều
    CLAUSE = "clause"  # khoản
    POINT = "point"  # điểm
    CLOSING = "closing"  # nơi nhận, chữ ký


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of a document's outline: label and heading as printed, and its span of the canonical text.

    The units of a document tile it: a unit begins with text of its own (label, heading, what comes before the first unit in it),
    then its children adjoin each other up to its end.
    """

    level: Level
    anchor: str  # dieu-5-khoan-2-diem-a, chuong-ii; "" for the document
    label: str  # "" where nothing is printed
    heading: str
    start: int
    end: int
    parent: int | None  # index among the document's units; None for the document, which is the first


@dataclass(frozen=True, slots=True)
class Target:
    """What a citation names: a document, or one of its provisions; all None where it is the citing document itself."""

    number: str | None = None  # 31/2024/QH15
    name: str | None = None  # Luật Đất đai; the type alone where only a number is printed
    year: int | None = None  # of issue, where number or text states it
    issued: date | None = None
    anchor: str = ""  # dieu-103-khoan-2-diem-a; "" for the whole

    @property
    def own(self) -> bool:
        """Whether it is the citing document itself."""
        return self.number is None and self.name is None

    @property
    def document(self) -> str:
        """The document's normal form: its number, else its name with the year where one is stated; "" for the document itself."""
        if self.number or not self.name:
            return self.number or ""
        return f"{self.name} {self.year}" if self.year else self.name

    @property
    def normal_form(self) -> str:
        """The whole in one line: 31/2024/QH15#dieu-103, #dieu-5-khoan-2."""
        return f"{self.document}#{self.anchor}" if self.anchor else self.document


@dataclass(frozen=True, slots=True)
class Citation:
    """A place of the canonical text that names a document or a provision; `quoted` says that another document's words do so."""

    start: int
    end: int
    target: Target
    quoted: bool = False


class RelationKind(_Closed):
    """What a document does to another."""

    BASIS = "basis"  # căn cứ
    CITES = "cites"  # dẫn chiếu
    AMENDS = "amends"  # sửa đổi, bổ sung
    REPLACES = "replaces"  # thay thế
    REPEALS = "repeals"  # bãi bỏ
    CORRECTS = "corrects"  # đính chính
    SUSPENDS = "suspends"  # đình chỉ
    PAUSES = "pauses"  # tạm ngưng
    GUIDES = "guides"  # hướng dẫn
    DETAILS = "details"  # quy định chi tiết
    CONSOLIDATES = "consolidates"  # hợp nhất
    INTERPRETS = "interprets"  # giải thích
    PROMULGATES = "promulgates"  # công bố


@dataclass(frozen=True, slots=True)
class Relation:
    """What a document's text says that it does to another: where the other is named, and in which sentence.

    `passive` turns the direction: it is the other document that does it to this one. `issuer` is the body that the text says the
    other is of, in normal capitals; None where it names none, and so speaks of its own.
    """

    kind: RelationKind
    target: Target
    start: int
    end: int
    sentence: tuple[int, int]  # its span of the canonical text
    passive: bool = False
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A day of a document's validity, and who says it: the text of document `key` at `span`, or a register where that is None."""

    day: date
    key: int | None = None
    span: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Validity:
    """What is known of a document's validity: its first day of effect, and the first day on which it has none any more.

    `status` was derived, in the national database's words, and holds since the day of `because`; both are None where nothing
    ends or delays the document.
    """

    effective: Said | None = None
    expiry: Said | None = None
    status: str | None = None
    because: Said | None = None


class PersonalKind(StrEnum):
    """Which personal identifier a number is."""

    IDENTITY = "identity"
    MOBILE = "mobile"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Personal:
    """A personal identifier at `[start, end)` of the canonical text."""

    kind: PersonalKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Understood:
    """A readable document before it has an id: what a worker process hands to the catalogue."""

    canonical: Canonical
    metadata: LegalMetadata
    provisions: tuple[Provision, ...]
    format: str
    evidence: Mapping[str, Evidence] = field(default_factory=dict)  # by name of the metadata field
    units: tuple[Unit, ...] = ()
    citations: tuple[Citation, ...] = ()
    relations: tuple[Relation, ...] = ()
    personal: tuple[Personal, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A document as the catalogue knows it, without its text."""

    key: int  # the catalogue's integer, never shown; breaks ties between equal scores
    id: str  # opaque, URL-safe, given once
    metadata: LegalMetadata
    kind: Kind = Kind.LEGAL
    source: str = "default"
    site: str | None = None
    visibility: Visibility = Visibility.PUBLIC
    format: str = "text"
    page_count: int = 1

    @property
    def name(self) -> str:
        """What to call it in a list: type and number, else its title, else its id."""
        parts = [part for part in (self.metadata.type, self.metadata.number) if part]
        return " ".join(parts) if self.metadata.number else self.metadata.title or self.id
