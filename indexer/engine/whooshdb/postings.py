"""How much a request has to go through: the entries of the lists that its leaves have, without reading them."""

import numpy as np

from indexer.engine.fields import Scope, text_fields
from indexer.engine.port import SearchRequest
from indexer.engine.query import Fuzzy, Keyword, Near, Node, Pattern, Phrase, Prefix, Term, Wildcard, leaves_of
from indexer.engine.whooshdb.evaluate import phrase_lists, rows_alike
from indexer.engine.whooshdb.schema import pairs_name, text_name
from indexer.engine.whooshdb.segments import Segment, Snapshot
from indexer.engine.whooshdb.state import damaged


def postings(snapshot: Snapshot, request: SearchRequest) -> int:
    """Return the number of entries, over all leaves and segments. Raises IndexDamaged."""
    leaves = [leaf for node in (request.query, *request.filters) for leaf in leaves_of(node)]
    return sum(_of_leaf(leaf, view.segment, request.scope) for leaf in leaves for view in snapshot.views)


def _of_leaf(leaf: Node, segment: Segment, scope: Scope) -> int:
    match leaf:
        case Term(text):
            return int(segment.find(tuple(text_name(name, leaf.layer) for name in _fields(leaf, scope)), (text,))[:, 4].sum())
        case Phrase(terms) | Near(terms):
            return sum(_of_phrase(leaf, segment, name) for name in _fields(leaf, scope)) if terms else 0
        case Prefix() | Wildcard() | Fuzzy():
            return sum(_of_pattern(leaf, segment, text_name(name, leaf.layer)) for name in _fields(leaf, scope))
        case Keyword(field, value):
            return int(segment.find((field,), (value,))[:, 4].sum())
        case _:
            return 0


def _of_phrase(node: Phrase | Near, segment: Segment, name: str) -> int:
    """Count the lists of pairs, and those of the terms in none; without one of them nothing is gone through."""
    lists, size = phrase_lists(segment, text_name(name, node.layer), pairs_name(name, node.layer), node), len(node.terms)
    if not lists[:, 1].all():
        return 0
    paired = lists[size:, 0] >= 0
    alone = ~(np.append(paired, False) | np.append(False, paired))
    return int(lists[:size, 4][alone].sum() + lists[size:, 4][paired].sum())


def _of_pattern(node: Pattern, segment: Segment, name: str) -> int:
    dictionary = segment.dictionaries.get(name)
    if dictionary is None:
        return 0
    try:
        return int(dictionary.terms.entries[rows_alike(dictionary, node)].sum(dtype=np.int64))
    except (ValueError, IndexError) as error:
        raise damaged(segment.terms_path, "không đọc được") from error


def _fields(node: Term | Phrase | Near | Pattern, scope: Scope) -> list[str]:
    return [field.name for field in text_fields(scope) if not node.fields or field.name in node.fields]
