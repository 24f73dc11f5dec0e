"""Units against underthesea's own pattern, and what hostile chunks cost."""

import pytest
from growth import assert_grows_linearly, repeated
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analyzers.normalise import nfc
from analyzers.units import units

PIECES = (
    "UBND . ... , -- - ĐỀ 12 2022 / : x 3 v.v v.v. T Ư ° C H M & ’ Tp ThS The s e-mail NĐ-CP @ https://a.vn/b a.vn = > < ) :D"
)
chunks = st.lists(st.sampled_from([*PIECES.split(), *" \n_²+ă"]), max_size=14).map("".join)


def ours(text: str) -> list[str]:
    """The units of a text."""
    pieces = text.split()
    last = text.endswith((".", ".\n"))
    return [unit for at, piece in enumerate(pieces) for unit in units(piece, last=last and at == len(pieces) - 1)]


@settings(max_examples=300)
@given(chunks | st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
@example("UBND.")
@example("UBND.\n")
@example("UBND. ")
@example("congbao.chinhphu.vn/x?y=1; theo.docx, 43H-0530 1.600m-2.000m 60.542.000 30/2020/NĐ-CP")
def test_texts_are_cut_as_underthesea_cuts_them(text):
    """The pattern is underthesea's, but for time: the chunks of a text give the units of the whole."""
    tokenize = pytest.importorskip("underthesea.pipeline.word_tokenize.regex_tokenize").tokenize
    text = nfc(text)
    assert ours(text) == tokenize(text, use_character_normalize=False, use_token_normalize=False)


@given(st.text(max_size=40))
def test_units_leave_nothing_out(text):
    """Put together the units are the chunk, and none is empty."""
    for chunk in text.split():
        for last in (False, True):
            found = units(chunk, last=last)
            assert "".join(found) == chunk
            assert all(found)


HOSTILE = ["http:a!(", "!", "a.", "a1.", "a-", "a@", "1A", "1.", "1,1-", "a+", "A.A&", "1", "a'", "-"]


@pytest.mark.parametrize("begin", ["", "http://"])
@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_chunks_take_linear_time(begin, piece):
    """Up to 60,000 characters without white space, the time grows as the text does and nothing of it is lost."""

    def read(chunk):
        assert "".join(units(chunk)) == chunk

    assert_grows_linearly(read, lambda length: begin + repeated(piece)(length), 60_000)
