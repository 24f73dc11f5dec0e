"""The portal's own register of documents (`--metadata`): read whole and checked, then matched with the files."""

from indexer.register.matching import Disagreement, RegisterIndex, match, merge
from indexer.register.reading import read_register
from indexer.register.rows import Register, RegisterRow

__all__ = ["Disagreement", "Register", "RegisterIndex", "RegisterRow", "match", "merge", "read_register"]
