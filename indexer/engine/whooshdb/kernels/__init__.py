"""Compiled loops over posting arrays; `compiled.py` says where their machine code is kept."""

from indexer.engine.whooshdb.kernels.columns import count, select
from indexer.engine.whooshdb.kernels.lists import encode
from indexer.engine.whooshdb.kernels.looking import look_again
from indexer.engine.whooshdb.kernels.phrases import add_hits, find_phrase
from indexer.engine.whooshdb.kernels.programs import evaluate
from indexer.engine.whooshdb.kernels.terms import find_terms, fitting, frequencies, resembling, unite
from indexer.engine.whooshdb.kernels.tokens import by_term, cut, neighbours, pair_digests, place, read_lists

KERNELS = (
    add_hits,
    by_term,
    count,
    cut,
    encode,
    evaluate,
    find_phrase,
    find_terms,
    fitting,
    frequencies,
    look_again,
    neighbours,
    pair_digests,
    place,
    read_lists,
    resembling,
    select,
    unite,
)
