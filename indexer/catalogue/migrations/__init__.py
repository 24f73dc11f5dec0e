"""Schema versions of the catalogue, applied by alembic when a writing command opens it."""
