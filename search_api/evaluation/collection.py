"""A folder of questions with judgements, and its corpus as documents of the catalogue.

    corpus.jsonl or corpus.jsonl.zst   `_id`, `text`; of articles `law_id`, `article_id`, `title`, `law_title`,
                                       of whole documents `number`, `type`, `issuer`, `issued_date`, `title`
    queries.jsonl                      `_id`, `text`
    qrels.tsv                          question, corpus id, gain; one line of heads

Fields may be missing or null. A line ends at LF alone: texts hold U+2028 and form feeds. Articles of one `law_id` become one
document with a provision each: the law's title, then `Điều n. heading` and the text of each, in the file's order.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TextIO

import zstandard

from analyzers.citations import find_dates, find_numbers
from indexer.engine.fields import Scope
from indexer.errors import BadConfiguration
from indexer.legal.document_type import leading_type, type_of_symbol
from indexer.legal.issuer import issuer_of_symbol
from indexer.legal.number import symbol_of
from indexer.legal.structure import read_provisions
from indexer.model import Canonical, LegalMetadata, Provision, Understood

Record = dict[str, Any]
_LONGEST_HEADING = 300  # characters of a first line that stands apart from its article's text


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and the corpus ids that answer it with their gains."""

    id: str
    text: str
    relevant: dict[str, int]


@dataclass(frozen=True, slots=True)
class Item:
    """A document made of the corpus; `ids` are the corpus ids of its provisions in order, or its own alone."""

    understood: Understood
    ids: tuple[str, ...]


class Collection:
    """The corpus, the judged questions, and whether articles or whole documents are looked for."""

    def __init__(self, folder: Path) -> None:
        """Find the files. Raises BadConfiguration, naming what is missing or malformed."""
        self._corpus = next((path for name in ("corpus.jsonl", "corpus.jsonl.zst") if (path := folder / name).is_file()), None)
        if self._corpus is None:
            raise BadConfiguration(f"Không có corpus.jsonl hoặc corpus.jsonl.zst trong {folder}.")
        judged = _judgements(folder / "qrels.tsv")
        self.questions = [
            Question(str(record["_id"]), record["text"], judged[str(record["_id"])])
            for record in records(folder / "queries.jsonl", ("_id", "text"))
            if str(record["_id"]) in judged
        ]
        if not self.questions:
            raise BadConfiguration(f"Không câu hỏi nào trong {folder}/queries.jsonl có đánh giá trong qrels.tsv.")
        first = next(records(self._corpus), {})
        self.scope = Scope.PROVISIONS if first.get("law_id") else Scope.DOCUMENTS

    def items(self) -> Iterator[Item]:
        """Yield the documents that the corpus makes. Raises BadConfiguration for one of articles and whole documents both."""
        return items(self._alike())

    def _alike(self) -> Iterator[Record]:
        assert self._corpus is not None
        of_laws = self.scope is Scope.PROVISIONS
        for record in records(self._corpus, ("_id",)):
            if bool(record.get("law_id")) is not of_laws:
                is_other = "thiếu" if of_laws else "có"
                raise BadConfiguration(f"{self._corpus}: dòng của `{record['_id']}` {is_other} law_id, khác với dòng đầu tiên.")
            yield record


def items(lines: Iterable[Record]) -> Iterator[Item]:
    """Yield the documents that records make: those that are whole first, then the laws that articles make."""
    laws: dict[str, list[Record]] = {}
    for record in lines:
        if record.get("law_id"):
            laws.setdefault(record["law_id"], []).append(record)
        else:
            canonical = Canonical(_text(record))
            yield Item(Understood(canonical, _metadata(record), read_provisions(canonical), "text"), (str(record["_id"]),))
    for articles in laws.values():
        yield Item(_law(articles), tuple(str(article["_id"]) for article in articles))


def records(path: Path, needed: tuple[str, ...] = ()) -> Iterator[Record]:
    """Yield the records of a file, packed or not; each states what is `needed`. Raises BadConfiguration, naming the line."""
    if not path.is_file():
        raise BadConfiguration(f"Không có tệp {path}.")
    with _opened(path) as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    record = json.loads(line)
                except ValueError as error:
                    raise BadConfiguration(f"{path}, dòng {number} không phải JSON.") from error
                if not isinstance(record, dict):
                    raise BadConfiguration(f"{path}, dòng {number} không phải một đối tượng JSON.")
                if lacking := [name for name in needed if record.get(name) is None]:
                    raise BadConfiguration(f"{path}, dòng {number} thiếu {', '.join(lacking)}.")
                yield record


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    with path.open("rb") as file:
        if path.suffix != ".zst":
            yield io.TextIOWrapper(file, encoding="utf-8", newline="\n")
            return
        with zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True) as whole:
            yield io.TextIOWrapper(whole, encoding="utf-8", newline="\n")


def _judgements(path: Path) -> dict[str, dict[str, int]]:
    if not path.is_file():
        raise BadConfiguration(f"Không có tệp {path}.")
    judged: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
            if number == 1 or not row:
                continue
            if len(row) != 3 or not row[2].strip().isdecimal():
                raise BadConfiguration(f"{path}, dòng {number}: cần ba cột câu hỏi, mã trong corpus, điểm (số nguyên không âm).")
            if int(row[2]):
                judged.setdefault(row[0], {})[row[1]] = int(row[2])
    return judged


def _law(articles: list[Record]) -> Understood:
    """Return the document that articles of one law make."""
    title = next((article["law_title"] for article in articles if article.get("law_title")), "")
    number = next((match.value for match in find_numbers(articles[0]["law_id"])), None)
    if not title and not number:  # it is named, not numbered
        title = articles[0]["law_id"]
    pieces, provisions, length = [f"{title}\n"], [], len(title) + 1
    for place, article in enumerate(articles, 1):
        label, (heading, text) = f"Điều {article.get('article_id') or place}", _heading(article)
        piece = f"{label}. {heading}\n{text}\n"
        provisions.append(Provision(f"dieu-{place}", label, heading, length, length + len(piece)))
        pieces.append(piece)
        length += len(piece)
    return Understood(Canonical("".join(pieces)), _metadata({"number": number, "title": title}), tuple(provisions), "text")


def _heading(article: Record) -> tuple[str, str]:
    """Return an article's heading and text; without a title, a first line that an empty one parts from the rest is one."""
    text = _text(article)
    if article.get("title"):
        return article["title"], text
    first, blank, rest = text.partition("\n\n")
    return (first, rest) if blank and len(first) <= _LONGEST_HEADING and "\n" not in first else ("", text)


def _text(record: Record) -> str:
    return record.get("text") or record.get("title") or "-"


def _metadata(record: Record) -> LegalMetadata:
    """Return what a record states; type and issuer that are not stated are read from number and title."""
    title, number = record.get("title") or None, record.get("number") or None
    symbol = symbol_of(number) if number else None
    issuer = issuer_of_symbol(symbol, (0, 0)) if symbol else None
    return LegalMetadata(
        number=number,
        symbol=symbol,
        type=record.get("type") or leading_type(title or "") or (type_of_symbol(symbol) if symbol else None),
        issuer=record.get("issuer") or (issuer.name if issuer else None),
        issued_date=_day(record.get("issued_date")),
        title=title,
    )


def _day(stated: str | None) -> date | None:
    """Return the day that 2022-03-23, 2022-03-23T00:00:00 or 23/03/2022 names."""
    found = find_dates((stated or "").partition("T")[0])
    return found[0].date if found else None
