"""Entries and stores for the engine tests."""

import json
import random
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import zstandard

from analyzers.columns import Columns
from analyzers.filters import without_accents
from analyzers.normalise import term
from analyzers.tokenise import syllables
from indexer.engine.fields import KEYWORD_FIELDS, Scope
from indexer.engine.port import Entry, IndexStore
from indexer.engine.query import Layer

# Sentences in the manner of provincial decisions, for machines without the real corpus.
_SENTENCES = (
    "Phê duyệt quy hoạch sử dụng đất đến năm 2030 của huyện Cao Lộc.",
    "Ủy ban nhân dân tỉnh quyết định thu hồi đất để thực hiện dự án đường giao thông nông thôn.",
    "Căn cứ Luật Đất đai số 31/2024/QH15 ngày 18 tháng 01 năm 2024 của Quốc hội;",
    "Xét đề nghị của Giám đốc Sở Tài nguyên và Môi trường tại Tờ trình số 45/TTr-STNMT.",
    "Người sử dụng đất được bồi thường về đất, tài sản gắn liền với đất theo quy định của pháp luật.",
    "Quyết định này có hiệu lực kể từ ngày ký; thay thế Quyết định số 12/2019/QĐ-UBND.",
    "Chánh Văn phòng, Giám đốc các sở, ban, ngành chịu trách nhiệm thi hành Quyết định này.",
    "Mức thu phí thẩm định hồ sơ cấp giấy chứng nhận quyền sử dụng đất do Hội đồng nhân dân tỉnh quy định.",
    "Dự toán ngân sách nhà nước năm 2025 được giao cho các đơn vị theo phụ lục kèm theo.",
    "Hộ gia đình, cá nhân nộp hồ sơ tại bộ phận một cửa của ủy ban nhân dân cấp xã.",
)
TYPES = ("Quyết định", "Nghị quyết", "Thông báo", None)
ISSUERS = ("UBND tỉnh Lạng Sơn", "HĐND tỉnh Lạng Sơn", "Sở Tài chính", "")


def entry(key: int, scope: Scope = Scope.DOCUMENTS, ordinal: int = 0, visibility: str = "public", **more: Any) -> Entry:
    """Return an entry; `more` are text fields, `number` and `signer` (keywords) and columns."""
    texts = {name: more.pop(name) for name in ("title", "body", "heading", "context", "text") if name in more}
    anchor = f"dieu-{ordinal}" if scope is Scope.PROVISIONS else ""
    keywords = {name: more.pop(name, ()) for name in KEYWORD_FIELDS}
    return Entry(key, f"id-{key}", scope, ordinal, anchor, texts, keywords, {"visibility": visibility, **more})


def fill(store: IndexStore, *entries: Entry, change: int = 1) -> None:
    """Commit `entries`, those of one key together, in one batch."""
    with store.writer() as writer:
        for key in dict.fromkeys(each.key for each in entries):
            writer.replace(key, [each for each in entries if each.key == key])
        writer.commit(change)


def real_articles(shared_data: Path | None, count: int) -> list[dict[str, str]]:
    """Return `count` articles with title, law_title and text, spread over the real corpus; made up where it is absent."""
    if shared_data is None:
        return _made_up(count)
    with (shared_data / "eval/zalo/corpus.jsonl.zst").open("rb") as file:
        lines = zstandard.ZstdDecompressor().stream_reader(file).read(60 * 2**20).split(b"\n")[:-1]
    articles = [json.loads(line) for line in lines[:: len(lines) // count][:count]]
    return [{name: article[name] or "" for name in ("title", "law_title", "text")} for article in articles]


def documents(articles: list[dict[str, str]], seed: int) -> dict[int, list[Entry]]:
    """Return a document for each article: every third one has its provision too, every seventh is internal."""
    chance = random.Random(seed)
    made = {}
    for key, article in enumerate(articles, 1):
        year = chance.choice((2019, 2020, 2021, 2022, None))
        common: dict[str, Any] = {
            "visibility": "internal" if chance.random() < 1 / 7 else "public",
            "number": (f"{key}/qd-ubnd", f"{key}"),
            "type": chance.choice(TYPES),
            "issuer": chance.choice(ISSUERS),
            "year": year,
            "issued_date": year and year * 10_000 + chance.randint(1, 3) * 100 + 1,
            "ended": chance.choice((None, None, 20200101, 20220701)),
            "copy": chance.choice((None, 2**60 + key // 5, 2**62 + key % 7, 2**62 + key % 7)),
        }
        made[key] = [entry(key, title=article["title"], body=article["text"], **common)]
        if key % 3 == 0:
            texts = {"heading": article["title"], "context": article["law_title"], "text": article["text"][:800]}
            made[key].append(entry(key, Scope.PROVISIONS, 1, **texts, **common))
    return made


def syllables_alone(texts: Sequence[str], layer: Layer) -> Columns:
    """Analyse without words, whole numbers and dates, in a tenth of the time."""
    found = [spelt(text, layer) for text in texts]
    numbers: dict[str, int] = {}
    terms = np.array([numbers.setdefault(term, len(numbers)) for terms in found for term in terms], np.int32)
    counts = np.array([len(terms) for terms in found], np.int64)
    positions = np.array([position for count in counts for position in range(count)], np.int32)
    return Columns(list(numbers), terms, positions, counts, counts)


@lru_cache(4096)  # two engines are told of a text at about the same time
def spelt(text: str, layer: Layer) -> tuple[str, ...]:
    """Return the syllables of a text as they stand in a layer."""
    spelling = term if layer is Layer.MAIN else without_accents
    return tuple(spelling(syllable) for syllable in syllables(text).texts)


def _made_up(count: int) -> list[dict[str, str]]:
    chance = random.Random(7)
    articles = []
    for _ in range(count):
        text = " ".join(chance.choices(_SENTENCES, k=chance.randint(0, 9)))
        articles.append({"title": chance.choice(_SENTENCES), "law_title": chance.choice(_SENTENCES), "text": text})
    return articles
