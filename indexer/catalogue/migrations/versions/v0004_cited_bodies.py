"""Which body a text says that another document is of."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep the bodies named from now on; a link between two local bodies is open again until either document is read anew.

    Such a link may have been made by number and day alone, to a decision of another province. Printed names are compared here, so
    that links between documents of one body stay.
    """
    op.execute("ALTER TABLE relations ADD COLUMN issuer VARCHAR")
    op.execute(
        "UPDATE relations SET target_key = NULL, public_target_key = NULL "
        "WHERE (number LIKE '%UBND%' OR number LIKE '%HĐND%') AND target_key IS NOT NULL AND "
        "(SELECT issuer FROM legal_metadata AS cited WHERE cited.document_key = relations.target_key) IS NOT "
        "(SELECT issuer FROM legal_metadata AS citing WHERE citing.document_key = relations.document_key)"
    )
