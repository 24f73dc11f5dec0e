"""Page numbers, running titles and stamps are set aside; everything else stays, in order."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.extract.pdf.running import set_aside
from indexer.model import RawPage, Run

CASES = json.loads((Path(__file__).parents[1] / "cases" / "running.json").read_text(encoding="utf-8"))


def page_of(text: str) -> RawPage:
    """A page as the reader gives it, every word in a font of its own."""
    words = [Run(word, f"F{place % 3}") for place, word in enumerate(text.split(" "))]
    return RawPage(
        (*(Run(word.text + " ", word.font) for word in words[:-1]), Run(words[-1].text + "\n", words[-1].font)) if text else ()
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_stands_beside_the_text(case: dict[str, Any]) -> None:
    """Each case says why it matters."""
    pages, aside = set_aside([page_of(text) for text in case["pages"]])
    assert [page.text.rstrip("\n") for page in pages] == case["kept"]
    assert [" ".join(line.split()) for line in "".join(run.text for run in aside).splitlines()] == case["aside"]


LINES = st.sampled_from(
    ["1", "2", "- 3 -", "CÔNG BÁO/Số 5", "CÔNG BÁO/Số 5 2", "Điều 1.", "Ký bởi: a", "Ngày ký: 1:20", "một hai", ""]
)


@given(st.lists(st.lists(LINES, max_size=12).map("\n".join), max_size=6))
def test_nothing_is_lost_or_made(texts: list[str]) -> None:
    """Every line is kept or set aside once, the kept ones in their order."""
    pages = [page_of(text) for text in texts]
    kept, aside = set_aside(pages)
    lines = [line for page in kept for line in page.text.splitlines()] + "".join(run.text for run in aside).splitlines()
    assert sorted(lines) == sorted(line for page in pages for line in page.text.splitlines())
    for before, after in zip(pages, kept, strict=True):
        rest = iter(before.text.splitlines())
        assert all(line in rest for line in after.text.splitlines())
