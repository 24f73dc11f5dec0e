"""Which entries are copies of one another: a digest that is the same for them and, as good as always, for no others.

A document is a copy of another of the same number, issuer and day whose words are the same; where all three are known, words
that are nearly the same will do: a scan beside the file that it was printed from. A provision is a copy where its words are the
same in any document, as a law's article and its codified text are; what is short or tells when its own document takes effect says
something else in each document, and is a copy only within copies of its document. Words are compared without case, punctuation,
white space and the marks of footnotes (`[12]`), a provision's without its label.
"""

import hashlib
import re
from collections.abc import Sequence

from analyzers.citations import number_key
from indexer.catalogue import Catalogue
from indexer.legal.body_key import body_key
from indexer.model import Document, LegalMetadata, Provision

SHORTEST = 200  # characters of words that say the same in every document; of 117,691 articles 384 of the 1,799 texts
#                 that several have are shorter, and most of these name the day of effect or who is to see to it
NEAR = 0.7  # the share of runs of words that two texts have in common; with one word of 20 read wrongly it is 0.75
_RUN = 3  # words
_WORD = re.compile(r"[^\W_]+|[%<>≤≥±]")
_FOOTNOTE = re.compile(r"\[[0-9]{1,3}\]")  # not (1): that is a column, a blank of a form, or the figure of `ba (03) năm`
_TAKES_EFFECT = re.compile(r"\bnày có hiệu lực\b")


def words_of(text: str) -> str:
    """Return the words of a text as they are compared.

    >>> words_of("Điều 5.[12]  Đất đai; Thuế 5%")
    'điều 5 đất đai thuế 5 %'
    """
    return " ".join(_WORD.findall(_FOOTNOTE.sub(" ", text).lower()))


def are_near(one: str, other: str) -> bool:
    """Say whether two texts, as `words_of` gives them, are one but for slips."""
    if min(len(one), len(other)) < max(len(one), len(other)) * NEAR / 2:  # a part of the other at most
        return False
    runs, others = _runs(one), _runs(other)
    together = len(runs & others)
    return together > 0 and together >= NEAR * (len(runs) + len(others) - together)


def document_copy(document: Document, text: str, catalogue: Catalogue) -> int | None:
    """Return the digest of a document whose masked text is `text`, None for one that is too short to be told from others.

    Of documents with one number, issuer and day each takes the digest of the first before it that it is near to.
    """
    words, identity = words_of(text), _identity(document.metadata)
    if not words or (not all(identity) and len(words) < SHORTEST):
        return None
    firsts: list[str] = []  # which are near to none before them
    for key in catalogue.same_acts(document.key) if all(identity) else ():
        found = words if key == document.key else words_of(catalogue.canonical(key, masked=True).text)
        like = next((first for first in firsts if first == found or are_near(first, found)), None)
        if key == document.key:
            words = like or words
            break
        if like is None:
            firsts.append(found)
    return _digest("document", *identity, words)


def provision_copy(provision: Provision, text: str, copy: int | None) -> int | None:
    """Return the digest of a provision whose text is `text`, of a document with the digest `copy`."""
    words = words_of(text).removeprefix(words_of(provision.label)).lstrip()
    if len(words) >= SHORTEST and not _TAKES_EFFECT.search(words):
        return _digest("provision", words)
    return None if copy is None else _digest("provision", provision.anchor, str(copy), words)


def _identity(metadata: LegalMetadata) -> Sequence[str]:
    issued = metadata.issued_date
    issuer = body_key(metadata.issuer, issued) if metadata.issuer else ""
    return number_key(metadata.number) if metadata.number else "", issued.isoformat() if issued else "", issuer


def _runs(words: str) -> set[int]:
    found = words.split()
    return {hash(run) for run in zip(*(found[start:] for start in range(_RUN)), strict=False)}


def _digest(*parts: str) -> int:
    """Return a number of 62 bits: among a million different texts two have the same once in ten million such collections."""
    return int.from_bytes(hashlib.blake2b("\0".join(parts).encode(), digest_size=8).digest(), "big") >> 2
