"""Compiled loops over posting arrays; `compiled.py` says where their machine code is kept."""

from indexer.engine.whooshdb.kernels.columns import count, select
from indexer.engine.whooshdb.kernels.lists import encode
from indexer.engine.whooshdb.kernels.looking import look_again
from indexer.engine.whooshdb.kernels.phrases import find_phrase
from indexer.engine.whooshdb.kernels.programs import evaluate
from indexer.engine.whooshdb.kernels.terms import resembling, unite
from indexer.engine.whooshdb.kernels.tokens import by_term, cut, neighbours, place, read_lists

KERNELS = (
    by_term,
    count,
    cut,
    encode,
    evaluate,
    find_phrase,
    look_again,
    neighbours,
    place,
    read_lists,
    resembling,
    select,
    unite,
)
