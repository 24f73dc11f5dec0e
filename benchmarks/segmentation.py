"""Word segmentation measured: this project's and `underthesea.word_tokenize` on the same texts, in turn.

Both return the same list of tokens; what indexing uses (`analyzers.segment.find_words`, places without strings) is measured
beside them. A round reads all texts once; figures are medians of the rounds, in syllables (chunks between white space) a second
of processor time of one core. The first round is a warm-up and fills what is remembered.
"""

import argparse
import io
import json
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Final

import zstandard

from analyzers.segment import find_words, tokens

_LONGEST: Final = 20_000  # characters of a text; underthesea's pattern is slower than linear on some longer ones


def main() -> None:
    """Measure and print; `--json` for programs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", type=Path, required=True, help='JSON Lines with "text", plain or .zst')
    parser.add_argument("--limit", type=int, default=200, help="how many texts, spread over the file")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures here")
    arguments = parser.parse_args()
    figures = measure(_texts(arguments.docs, arguments.limit), arguments.rounds)
    text = json.dumps(figures, ensure_ascii=False, indent=2)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    print(text)


def measure(texts: Sequence[str], rounds: int) -> dict[str, float]:
    """Segment `texts` by both, and return speeds, their ratio and the agreement."""
    from underthesea import word_tokenize

    count = sum(len(text.split()) for text in texts)
    same = ours = theirs = 0
    for text in texts:
        mine, reference = tokens(text), word_tokenize(text)
        same, ours, theirs = same + agreement(mine, reference), ours + len(mine), theirs + len(reference)
    speeds: dict[Callable[[str], object], list[float]] = {tokens: [], find_words: [], word_tokenize: []}
    for _ in range(rounds):  # interleaved: a noisy moment hits all sides
        for segmenter, found in speeds.items():
            began = time.process_time()
            for text in texts:
                segmenter(text)
            found.append(count / (time.process_time() - began))
    medians = [statistics.median(found) for found in speeds.values()]
    return {
        "texts": len(texts),
        "syllables": count,
        "underthesea_tokens": theirs,
        "agreement_of_ours": round(same / ours, 6),
        "agreement_of_theirs": round(same / theirs, 6),
        "tokens_syllables_a_second": round(medians[0]),
        "words_syllables_a_second": round(medians[1]),
        "underthesea_syllables_a_second": round(medians[2]),
        "ratio_of_tokens": round(medians[0] / medians[2], 1),
        "ratio_of_words": round(medians[1] / medians[2], 1),
    }


def agreement(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """Count the tokens that both have at the same place, places being counted in letters and figures."""
    return (_placed(ours) & _placed(theirs)).total()


def _placed(found: Sequence[str]) -> Counter[tuple[int, str]]:
    places = accumulate((sum(map(str.isalnum, token)) for token in found), initial=0)
    return Counter(zip(places, found, strict=False))


def _texts(file: Path, limit: int) -> list[str]:
    """Read `limit` texts from all over the file."""
    with file.open("rb") as packed:
        data = zstandard.ZstdDecompressor().stream_reader(packed) if file.suffix == ".zst" else packed
        lines = list(io.TextIOWrapper(data, encoding="utf-8", newline="\n"))
    return [json.loads(line)["text"][:_LONGEST] for line in lines[:: max(1, len(lines) // limit)][:limit]]


if __name__ == "__main__":
    main()
