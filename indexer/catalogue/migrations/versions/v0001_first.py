"""The first schema: documents, texts, metadata, provisions, files (the ledger), withheld, sources, changes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_METADATA = (
    "number",
    "symbol",
    "type",
    "issuer",
    "issued_date",
    "effective_date",
    "expiry_date",
    "title",
    "signer",
    "signer_position",
    "field",
    "status",
    "gazette_issue",
    "gazette_page",
)


def upgrade() -> None:
    """Create every table; written out, so that later versions of schema.py do not change this one."""
    op.create_table(
        "documents",
        sa.Column("key", sa.Integer, primary_key=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("site", sa.String),
        sa.Column("visibility", sa.String, nullable=False),
        sa.Column("format", sa.String, nullable=False),
        sa.Column("page_count", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String, nullable=False, index=True),
        sa.Column("created_at", sa.String, nullable=False),
        sa.Column("updated_at", sa.String, nullable=False),
        sa.Column("removed_at", sa.String),
        sa.Column("removed_why", sa.String),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "texts",
        sa.Column("document_key", sa.Integer, sa.ForeignKey("documents.key"), primary_key=True),
        sa.Column("text", sa.LargeBinary, nullable=False),
        sa.Column("page_starts", sa.JSON, nullable=False),
        sa.Column("steps", sa.JSON, nullable=False),
    )
    op.create_table(
        "legal_metadata",
        sa.Column("document_key", sa.Integer, sa.ForeignKey("documents.key"), primary_key=True),
        sa.Column("number_key", sa.String, index=True),
        *(sa.Column(name, sa.String, index=name == "issued_date") for name in _METADATA),
        sa.Column("extracted", sa.JSON, nullable=False),
        sa.Column("registered", sa.JSON, nullable=False),
        sa.Column("evidence", sa.JSON, nullable=False),
    )
    op.create_table(
        "provisions",
        sa.Column("document_key", sa.Integer, sa.ForeignKey("documents.key"), primary_key=True),
        sa.Column("ordinal", sa.Integer, primary_key=True),
        sa.Column("anchor", sa.String, nullable=False),
        sa.Column("label", sa.String, nullable=False),
        sa.Column("heading", sa.String, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
    )
    op.create_table(
        "files",
        sa.Column("path", sa.String, primary_key=True),
        sa.Column("root", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("publishable", sa.Boolean, nullable=False),
        sa.Column("sha256", sa.String),
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
    op.create_table(
        "withheld",
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("value", sa.String, primary_key=True),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
    )
    op.create_table(
        "sources",
        sa.Column("path", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("publishable", sa.Boolean, nullable=False),
        sa.Column("visibility", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("site", sa.String),
    )
    op.create_table(
        "changes",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("document_key", sa.Integer, sa.ForeignKey("documents.key"), nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
