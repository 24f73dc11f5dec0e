"""CRFsuite's binary model (https://www.chokkan.org/software/crfsuite/): a linear chain over the two tags B-W and I-W."""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

_BEGINS, _JOINS = "B-W", "I-W"  # the tags: a unit begins a word, or joins the one before it
_STEPS: Final = ((_BEGINS, _BEGINS), (_JOINS, _BEGINS), (_BEGINS, _JOINS), (_JOINS, _JOINS))


class Chain(NamedTuple):
    """What a model says: each feature's weight for I-W rather than B-W, and the steps B-B, I-B, B-I, I-I."""

    weights: dict[str, float]
    steps: tuple[float, float, float, float]


def read_chain(data: bytes) -> Chain:
    """Read the bytes of a model file."""
    features_at, tags_at, names_at = struct.unpack_from("<III", data, 28)
    (count,) = struct.unpack_from("<I", data, features_at + 8)
    tags = dict(_strings(data, tags_at))
    names = dict(_strings(data, names_at))
    weights = dict.fromkeys(names, 0.0)
    steps = dict.fromkeys(_STEPS, 0.0)
    rows = memoryview(data)[features_at + 12 : features_at + 12 + 20 * count]
    for kind, source, target, weight in struct.iter_unpack("<IIId", rows):
        if kind == 0:  # from a feature to a tag
            weights[source] += weight if tags[target] == _JOINS else -weight
        else:  # from a tag to the next one
            steps[tags[source], tags[target]] = weight
    stay_out, go_out, go_in, stay_in = (steps[pair] for pair in _STEPS)
    return Chain({name: weights[number] for number, name in names.items()}, (stay_out, go_out, go_in, stay_in))


def _strings(data: bytes, at: int) -> Iterator[tuple[int, str]]:
    """Yield number and text of each string in a CQDB, CRFsuite's table of names."""
    count, offsets_at = struct.unpack_from("<II", data, at + 16)
    for offset in struct.unpack_from(f"<{count}I", data, at + offsets_at):
        if offset:
            number, size = struct.unpack_from("<II", data, at + offset)
            yield number, data[at + offset + 8 : at + offset + 7 + size].decode("utf-8")
