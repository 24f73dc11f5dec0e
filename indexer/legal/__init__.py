"""Understanding: header fields, structure and secrecy marks of a legal document, from its canonical text."""
