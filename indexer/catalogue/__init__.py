"""The catalogue: documents, canonical text, metadata, provisions and the ledger; the truth that an index is a view of."""

from indexer.catalogue.ledger import Declaration, FoundFile, LedgerLine, Outcome, Withheld
from indexer.catalogue.reading import Catalogue, Name, Original
from indexer.catalogue.writing import Transaction, WritableCatalogue

__all__ = [
    "Catalogue",
    "Declaration",
    "FoundFile",
    "LedgerLine",
    "Name",
    "Original",
    "Outcome",
    "Transaction",
    "Withheld",
    "WritableCatalogue",
]
