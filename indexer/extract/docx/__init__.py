"""Word (DOCX)."""
