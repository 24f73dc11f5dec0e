"""Relations between documents; where personal identifiers stand in texts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Documents of before have no relations until they are read again; their spans are found when they are shown."""
    op.add_column("texts", sa.Column("personal", sa.JSON))
    op.create_table(
        "relations",
        sa.Column("document_key", sa.Integer, sa.ForeignKey("documents.key"), primary_key=True),
        sa.Column("ordinal", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("passive", sa.Boolean, nullable=False),
        sa.Column("number_key", sa.String, index=True),
        sa.Column("number", sa.String),
        sa.Column("name", sa.String),
        sa.Column("year", sa.Integer),
        sa.Column("issued", sa.String),
        sa.Column("anchor", sa.String, nullable=False),
        sa.Column("target_key", sa.Integer, sa.ForeignKey("documents.key"), index=True),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("sentence_start", sa.Integer, nullable=False),
        sa.Column("sentence_end", sa.Integer, nullable=False),
    )
