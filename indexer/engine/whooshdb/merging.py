"""Which segments a commit writes anew: tiers, so that a small commit never rewrites a large part of the index.

Whoosh's own policy now and then rewrites half of it in one commit.
"""

from collections.abc import Sequence

from indexer.engine.whooshdb.state import SegmentRecord

SMALLEST = 1_000  # entries; all smaller segments share one tier
WIDTH = 8  # a tier holds segments of up to this many times the tier below's, and is merged when it has this many
LARGEST = 1_000_000  # entries; beyond it a segment is rewritten only for its deletions


def choose(segments: Sequence[SegmentRecord]) -> list[SegmentRecord]:
    """Return the segments to merge into the one being written, in order: full tiers, and what is more than half deleted.

    Each entry is rewritten once for every tier that it climbs: about log_8(entries / 1,000) times in its life.
    """
    chosen = [segment for segment in segments if 2 * len(segment.deleted) > segment.entries]
    tiers: dict[int, list[SegmentRecord]] = {}
    for segment in segments:
        if segment not in chosen and segment.entries <= LARGEST:
            tiers.setdefault(_tier(segment), []).append(segment)
    for tier in tiers.values():
        if len(tier) >= WIDTH:
            chosen += tier
    return [segment for segment in segments if segment in chosen]


def _tier(segment: SegmentRecord) -> int:
    live = segment.entries - len(segment.deleted)
    tier, limit = 0, SMALLEST
    while live > limit:
        tier, limit = tier + 1, limit * WIDTH
    return tier
