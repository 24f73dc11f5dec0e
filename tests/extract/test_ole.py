"""Compound files: their streams, and structures that are refused."""

import io
import random
import struct
import tracemalloc

import pytest
from compound import compound_file
from growth import assert_grows_linearly
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import UnreadableFile
from indexer.extract.ole import CompoundFile

SIZES = (0, 1, 63, 64, 65, 4095, 4096, 4097, 20_000)


def content(size: int) -> bytes:
    """Bytes that are nowhere the same."""
    return random.Random(size).randbytes(size)


def read_all(data: bytes) -> dict[str, bytes]:
    """Read every stream."""
    file = CompoundFile(io.BytesIO(data))
    return {name: file.read(name) for name in sorted(file.names)}


@pytest.mark.parametrize("sector", [512, 4096])
def test_streams_of_every_size(sector):
    """Small streams lie in the mini stream, others in sectors, and each comes back whole."""
    streams = {f"{size:05}": content(size) for size in SIZES}
    assert read_all(compound_file(streams, sector)) == streams


def test_a_file_whose_list_of_fat_sectors_goes_on_outside_its_header():
    """That is so beyond 7 MB."""
    streams = {"a": content(16 << 20), "b": b"z"}
    assert read_all(compound_file(streams)) == streams


def test_what_is_not_there_is_damage():
    """A stream of another name, no compound file at all, and one cut short in its middle."""
    whole = compound_file({"a": content(20_000)})
    for data, name in ((whole, "b"), (b"", "a"), (b"x" * 2000, "a"), (whole[:9000], "a")):
        with pytest.raises(UnreadableFile) as refusal:
            CompoundFile(io.BytesIO(data)).read(name)
        assert refusal.value.code == "damaged"


def test_a_last_sector_may_be_cut_short():
    """Some programs write no padding behind the last byte that counts."""
    data = compound_file({"a": content(5000)})
    fat = len(data) - 512
    used = data[fat:].rstrip(b"\xff")
    file = CompoundFile(io.BytesIO(data[:fat] + used + b"\xff" * (-len(used) % 4)))
    assert file.read("a") == content(5000)


def test_chains_that_go_round_end():
    """A stream whose chain is a circle is read to its size; a directory that is one is damage."""
    data = bytearray(compound_file({"a": content(20_000)}))
    fat = len(data) - 512
    struct.pack_into("<I", data, fat + 4 * 2, 1)
    assert read_all(bytes(data))["a"][:1536] == content(20_000)[:1536]
    first = struct.unpack_from("<I", data, 48)[0]
    struct.pack_into("<I", data, fat + 4 * first, first)
    with pytest.raises(UnreadableFile):
        CompoundFile(io.BytesIO(bytes(data)))


@pytest.mark.parametrize("size", [0xFFFFFF00, 4000, 1])
def test_sizes_are_not_believed(size):
    """A stream that says it is larger than the file, or so small that it would lie in the mini stream, costs nothing."""
    data = bytearray(compound_file({"a": content(20_000)}))
    struct.pack_into("<I", data, data.index(b"a\0\0") + 120, size)
    tracemalloc.start()
    with pytest.raises(UnreadableFile):
        CompoundFile(io.BytesIO(bytes(data))).read("a")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def test_a_directory_that_goes_round_ends():
    """An entry that names itself and the root as its neighbours is found once."""
    data = bytearray(compound_file({"a": b"1", "b": b"2"}))
    struct.pack_into("<II", data, data.index(b"b\0\0") + 68, 0, 2)
    assert read_all(bytes(data)) == {"a": b"1", "b": b"2"}


def test_time_grows_as_the_file_does():
    """A stream of many sectors takes time in proportion."""
    assert_grows_linearly(read_all, lambda size: compound_file({"a": bytes(size)}), 8 << 20)


SAMPLE = compound_file({"a": content(5000), "b": content(100), "c": b""})
CHANGES = st.lists(st.tuples(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255)), max_size=8)


@settings(max_examples=300, deadline=None)
@given(changes=CHANGES, kept=st.integers(0, len(SAMPLE)))
def test_altered_files_give_streams_or_are_refused(changes, kept):
    """A file with bytes changed or cut is never another error, and never gives more than it holds."""
    data = bytearray(SAMPLE)
    for place, value in changes:
        data[place] = value
    streams = read_or_nothing(bytes(data[:kept]))
    assert all(len(stream) <= kept for stream in streams.values())


def read_or_nothing(data: bytes) -> dict[str, bytes]:
    """Read every stream of bytes that may be anything; none where they are refused."""
    try:
        return read_all(data)
    except UnreadableFile:
        return {}
