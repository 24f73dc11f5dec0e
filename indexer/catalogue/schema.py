"""The catalogue's tables. A change here goes with a migration in migrations/versions (tests compare the two)."""

import sqlalchemy as sa

from indexer.model import METADATA_FIELDS

REVISION = "0004"  # of the newest migration

metadata = sa.MetaData()

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("key", sa.Integer, primary_key=True),
    sa.Column("id", sa.String, nullable=False, unique=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("site", sa.String),
    sa.Column("visibility", sa.String, nullable=False),
    sa.Column("format", sa.String, nullable=False),
    sa.Column("page_count", sa.Integer, nullable=False),
    sa.Column("sha256", sa.String, nullable=False, index=True),  # of the file that was read last
    sa.Column("created_at", sa.String, nullable=False),
    sa.Column("updated_at", sa.String, nullable=False),
    sa.Column("removed_at", sa.String),  # set: only the identity is left, so that the id is never given again
    sa.Column("removed_why", sa.String),
    sqlite_autoincrement=True,  # a key is never used twice
)

texts = sa.Table(
    "texts",
    metadata,
    sa.Column("document_key", sa.Integer, sa.ForeignKey("documents.key"), primary_key=True),
    sa.Column("text", sa.LargeBinary, nullable=False),  # canonical text, UTF-8, zlib
    sa.Column("page_starts", sa.JSON, nullable=False),
    sa.Column("steps", sa.JSON, nullable=False),
    sa.Column("personal", sa.JSON),  # [start, end] of each identifier masked in public; NULL where nobody has looked yet
)

legal_metadata = sa.Table(
    "legal_metadata",
    metadata,
    sa.Column("document_key", sa.Integer, sa.ForeignKey("documents.key"), primary_key=True),
    sa.Column("number_key", sa.String, index=True),  # analyzers.citations.number_key(number)
    *(sa.Column(name, sa.String, index=name == "issued_date") for name in METADATA_FIELDS),  # what holds; dates in ISO form
    sa.Column("extracted", sa.JSON, nullable=False),  # what the document's own text states
    sa.Column("registered", sa.JSON, nullable=False),  # what the portal's register states; it wins
    sa.Column("evidence", sa.JSON, nullable=False),  # field → [start, end, page, confidence]
)

provisions = sa.Table(
    "provisions",
    metadata,
    sa.Column("document_key", sa.Integer, sa.ForeignKey("documents.key"), primary_key=True),
    sa.Column("ordinal", sa.Integer, primary_key=True),  # 1.. in reading order
    sa.Column("anchor", sa.String, nullable=False),
    sa.Column("label", sa.String, nullable=False),
    sa.Column("heading", sa.String, nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
)

relations = sa.Table(
    "relations",  # what a document says that it does to others; spans are of its own text
    metadata,
    sa.Column("document_key", sa.Integer, sa.ForeignKey("documents.key"), primary_key=True),
    sa.Column("ordinal", sa.Integer, primary_key=True),  # 1.. in reading order
    sa.Column("kind", sa.String, nullable=False),  # indexer.model.RelationKind
    sa.Column("passive", sa.Boolean, nullable=False),
    sa.Column("number_key", sa.String, index=True),  # analyzers.citations.number_key(number)
    sa.Column("number", sa.String),
    sa.Column("name", sa.String),
    sa.Column("year", sa.Integer),
    sa.Column("issued", sa.String),
    sa.Column("anchor", sa.String, nullable=False),
    sa.Column("target_key", sa.Integer, sa.ForeignKey("documents.key"), index=True),  # None: not here, or in doubt
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("sentence_start", sa.Integer, nullable=False),
    sa.Column("sentence_end", sa.Integer, nullable=False),
    sa.Column("public_target_key", sa.Integer, sa.ForeignKey("documents.key"), index=True),  # among public documents alone
    sa.Column("issuer", sa.String),  # the body that the text says the other is of; None: the document's own
)

files = sa.Table(
    "files",  # the ledger: one line for each path ever given to the indexer
    metadata,
    sa.Column("path", sa.String, primary_key=True),
    sa.Column("root", sa.String, nullable=False),  # the declared source that it lies in
    sa.Column("source", sa.String, nullable=False),
    sa.Column("publishable", sa.Boolean, nullable=False),
    sa.Column("sha256", sa.String),  # None where the file could not even be read
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("mtime_ns", sa.BigInteger, nullable=False),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("stage", sa.String),
    sa.Column("code", sa.String),
    sa.Column("reason", sa.String),
    sa.Column("document_key", sa.Integer, sa.ForeignKey("documents.key"), index=True),
    sa.Column("first_seen", sa.String, nullable=False),
    sa.Column("checked_at", sa.String, nullable=False),
    sa.Column("missing_since", sa.String),
)

withheld = sa.Table(
    "withheld",  # bytes and paths that an operator or the register keeps out, whatever becomes of their ledger lines
    metadata,
    sa.Column("kind", sa.String, primary_key=True),  # sha256 or path
    sa.Column("value", sa.String, primary_key=True),
    sa.Column("code", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
)

sources = sa.Table(
    "sources",  # what the operator last declared of a folder; it holds until declared otherwise
    metadata,
    sa.Column("path", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("publishable", sa.Boolean, nullable=False),
    sa.Column("visibility", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("site", sa.String),
)

changes = sa.Table(
    "changes",  # a document was put or removed; its present state says which, so that replaying twice does no harm
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("document_key", sa.Integer, sa.ForeignKey("documents.key"), nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sqlite_autoincrement=True,
)
