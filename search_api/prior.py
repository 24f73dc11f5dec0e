"""What is believed before any word is looked at: of documents that fit alike, one in force, and a newer one, is meant.

The scores grow with the number of the question's words, as theirs do, and are small beside them, so that only close ones change
places.
"""

from datetime import date

from indexer.engine.query import All, And, Constant, Node, Not, OneOf, Or, Range

IN_FORCE_SCORE = 0.36  # a word, for what is not known to have ended by the day asked on
NEWER_SCORE = 0.12  # a word, for each of the spans that a document was issued within
NEWER_YEARS = (5, 10, 20)  # so at most 0.36 a word in all
MOST_WORDS = 10  # of which so much is believed
_ENDED = "Hết hiệu lực toàn bộ"  # in a register, whatever day it ended


def with_prior(node: Node, words: int, on: date) -> Node:
    """Return a query that finds what `node` finds, and scores what is in force on a day, and newer, a little more.

    `words` is how many the question has.
    """
    share = min(max(words, 1), MOST_WORDS)
    ended = Or((Range("ended", None, int(f"{on:%Y%m%d}")), OneOf("status", (_ENDED,))))
    newer = (Constant(Range("issued_date", (on.year - years) * 10_000, None), share * NEWER_SCORE) for years in NEWER_YEARS)
    return And((node, Or((Constant(All(), 0.0), Constant(Not(ended), share * IN_FORCE_SCORE), *newer))))
