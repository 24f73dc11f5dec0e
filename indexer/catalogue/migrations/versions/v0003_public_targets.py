"""Which document a relation means among public ones alone; personal identifiers are looked for anew."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep public targets; what an internal document of the same number put in doubt is settled when either is read again.

    Where personal identifiers stand is looked for anew whenever a text is shown, until the document is read again.
    """
    # alembic adds a reference as a constraint of its own, which SQLite cannot
    op.execute("ALTER TABLE relations ADD COLUMN public_target_key INTEGER REFERENCES documents (key)")
    op.create_index("ix_relations_public_target_key", "relations", ["public_target_key"])
    op.execute(
        "UPDATE relations SET public_target_key = target_key "
        "WHERE target_key IN (SELECT key FROM documents WHERE visibility = 'public')"
    )
    op.execute("UPDATE texts SET personal = NULL")  # more identifiers are known by now
