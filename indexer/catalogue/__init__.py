"""The catalogue: documents, canonical text, metadata, provisions and the ledger; the truth that an index is a view of."""
