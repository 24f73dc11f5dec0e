"""Journeys: what the public, staff and other systems ask, and what must come of it, over whole pipelines.

tests/journeys/samples.json is asked over samples/ and two internal decisions, real.json over documents of the folder beside the
checkout. A journey of `staff` runs `congbao search`, those of `public` and `system` go over HTTP. `ask` are the parameters
(`internal` is the command's flag, `path` another address). Of `expect` everything must hold:

    first     number of the first hit, or how its title begins; of an article its label
    among     numbers that are in the first five
    order     numbers of all hits, in order
    absent    numbers that no hit has
    total     exact
    facets    by facet some values with their counts; by `facets_whole` all of them
    step      a code of `interpretation`
    suggests  the first suggestion
    status    of HTTP, 200 where none is stated; `parameter` of the problem document
    pages     pages of that size, read to the end, hold every hit once in the order of one large page
    again     304 for who holds the answer, 200 for who asks something else
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import falcon.testing
import operator_desk
import pytest
from typer.testing import CliRunner

from benchmarks.laws import as_stated
from indexer.catalogue import WritableCatalogue
from indexer.config import Options
from indexer.datafolder import DataFolder
from indexer.engine.whooshdb.store import WhooshStore
from indexer.model import Visibility
from indexer.publish import rebuild
from search_api.app import create_app, open_services
from search_api.cli import app
from search_api.evaluation import run
from search_api.evaluation.collection import items, records

FOLDER = Path(__file__).parent / "journeys"
SEARCH = "/api/v1/search"
EVERY, LONGEST = 25, 4_000  # of the real documents each 25th, 350 in all, and how many characters of each
INTERNAL = {901: "Về việc phân công trực lãnh đạo dịp nghỉ lễ", 902: "Về việc điều động cán bộ Phòng Quản lý đất đai"}
Journey = dict[str, Any]


@dataclass(frozen=True)
class Service:
    """A data folder that is searched, and HTTP over it."""

    data: Path
    client: falcon.testing.TestClient

    def ask(self, journey: Journey) -> tuple[int, dict[str, Any]]:
        """Return HTTP's status, or the exit code's counterpart, and the answer."""
        asked = dict(journey["ask"])
        if journey["client"] == "staff":
            return self._command(asked)
        got = self.client.simulate_get(asked.pop("path", SEARCH), params=asked)
        return got.status_code, got.json

    def _command(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        told = ["search", asked.pop("q"), "--data", str(self.data), "--json"]
        for name, value in asked.items():
            for each in value if isinstance(value, list) else [value]:
                told += [f"--{name}"] if each is True else [f"--{name}", str(each)]
        done = CliRunner().invoke(app, told)
        assert done.exit_code == 0, done.exception or done.output
        return 200, json.loads(done.stdout)


def _service(data: Path) -> Service:
    return Service(data, falcon.testing.TestClient(create_app(open_services(Options(data=data)))))


@pytest.fixture(scope="session")
def sampled(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Service:
    """samples/ and two internal decisions, read as `congbao index` reads them."""
    folder = tmp_path_factory.mktemp("journeys")
    inside = folder / "noi-bo"
    inside.mkdir()
    for number, title in INTERNAL.items():
        operator_desk.write(inside / f"{number}.txt", number, f"{title}; thời hạn theo danh sách kèm theo.", title)
    desk = operator_desk.Desk(folder / "data")
    desk.index(samples, source="cong-bao")
    desk.index(inside, source="noi-bo", visibility=Visibility.INTERNAL)
    return _service(folder / "data")


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Service:
    """Each 25th of the whole national texts, their beginnings, with what is stated of them."""
    folder = DataFolder(tmp_path_factory.mktemp("journeys-real"))
    chosen = islice(records(shared_data / "fulltext/docs.jsonl.zst"), 0, None, EVERY)
    short = ({**as_stated(numbered), "text": numbered[1]["text"][:LONGEST]} for numbered in enumerate(chosen))
    catalogue = WritableCatalogue.open(folder.catalogue)
    run.fill(catalogue, items(short))
    rebuild(catalogue, WhooshStore(folder.index, workers=2))
    catalogue.close()
    return _service(folder.path)


def journeys(name: str) -> list[Any]:
    """Read the journeys of a file."""
    rows = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert len({row["name"] for row in rows}) == len(rows)
    return [pytest.param(row, id=row["name"]) for row in rows]


@pytest.mark.parametrize("journey", journeys("samples"))
def test_a_journey_over_the_samples(journey: Journey, sampled: Service) -> None:
    """The answer is what the journey expects."""
    travel(journey, sampled)


@pytest.mark.parametrize("journey", journeys("real"))
def test_a_journey_over_real_documents(journey: Journey, real: Service) -> None:
    """The answer is what the journey expects."""
    travel(journey, real)


@pytest.mark.parametrize("name", ["samples", "real"])
def test_a_journey_says_what_is_known(name: str) -> None:
    """Every journey has a client, a reason and expectations of the kinds that are looked at."""
    for (journey,) in (each.values for each in journeys(name)):
        assert journey["client"] in {"public", "staff", "system"}
        assert journey["why"]
        assert journey["expect"]
        assert journey["expect"].keys() <= CHECKS.keys() | {"status", "pages", "again"}


def travel(journey: Journey, service: Service) -> None:
    """Ask, and fail with question, expectation and the first five answers where they do not agree."""
    status, answer = service.ask(journey)
    expected = dict(journey["expect"])
    wanted = expected.pop("status", 200)
    seen: dict[str, Any] = {"status": status, "detail": answer.get("detail")} if status != wanted else {}
    if not seen:
        seen |= _pages_seen(service, journey["ask"], size) if (size := expected.pop("pages", 0)) else {}
        seen |= _again_seen(service, journey["ask"]) if expected.pop("again", False) else {}
        seen |= {name: got for name, wanted in expected.items() if (got := CHECKS[name](answer, wanted)) != wanted}
    if seen:
        found = answer.get("hits") or answer.get("suggestions") or []
        hits = [f"    {name_of(hit)} | {hit.get('title', '')}" for hit in found[:5]]
        told = [f"{journey['client']}: {journey['ask']}", f"  why: {journey['why']}", f"  expected: {journey['expect']}"]
        pytest.fail("\n".join([*told, f"  seen: {seen}", "  first answers:", *hits]), pytrace=False)


def name_of(hit: Mapping[str, Any]) -> str:
    """Return what an answer is called: a suggestion's text, or a document's number and an article's label."""
    label = (hit.get("provision") or {}).get("label")
    return " ".join(filter(None, (label, hit.get("number"), hit.get("text"))))


def _numbers(answer: Mapping[str, Any]) -> list[str | None]:
    return [hit["number"] for hit in answer["hits"]]


def _first(answer: Mapping[str, Any], wanted: str) -> str | None:
    """Return `wanted` where the first hit is that, else what it is."""
    if not answer["hits"]:
        return None
    hit = answer["hits"][0]
    names = (name_of(hit), hit["number"], (hit["title"] or "")[: len(wanted)])
    return wanted if wanted in names else name_of(hit)


def _facets(answer: Mapping[str, Any], wanted: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    found = {name: {str(each["value"]): each["count"] for each in answer["facets"][name]} for name in wanted}
    return {name: {value: found[name].get(value, 0) for value in values} for name, values in wanted.items()}


CHECKS = {
    "first": _first,
    "among": lambda answer, wanted: [number for number in wanted if number in _numbers(answer)[:5]],
    "order": lambda answer, _: _numbers(answer),
    "absent": lambda answer, wanted: [number for number in wanted if number not in _numbers(answer)],
    "total": lambda answer, _: answer["total"],
    "facets": _facets,
    "facets_whole": lambda answer, wanted: {
        name: {str(each["value"]): each["count"] for each in answer["facets"][name]} for name in wanted
    },
    "step": lambda answer, wanted: wanted if wanted in [step["step"] for step in answer["interpretation"]] else None,
    "suggests": lambda answer, _: next((each["text"] for each in answer["suggestions"]), None),
    "parameter": lambda answer, _: answer.get("parameter"),
}


def _pages_seen(service: Service, asked: Mapping[str, Any], size: int) -> dict[str, Any]:
    """Read all pages; return nothing where they are those of one large page."""
    whole = [_key(hit) for hit in service.client.simulate_get(SEARCH, params={**asked, "size": 100}).json["hits"]]
    read = list(_read_pages(service, asked, size))
    return {} if read == whole and len(set(read)) == len(read) > size else {"pages": read}


def _read_pages(service: Service, asked: Mapping[str, Any], size: int) -> Iterator[str]:
    number, last = 1, 1
    while number <= last:
        answer = service.client.simulate_get(SEARCH, params={**asked, "size": size, "page": number}).json
        yield from map(_key, answer["hits"])
        number, last = number + 1, answer["page"]["pages"]


def _key(hit: Mapping[str, Any]) -> str:
    return f"{hit['id']} {name_of(hit)}"


def _again_seen(service: Service, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return nothing where the answer is not sent twice to who holds it, and another question gets its own."""
    tag = service.client.simulate_get(SEARCH, params=asked).headers["ETag"]
    held = service.client.simulate_get(SEARCH, params=asked, headers={"If-None-Match": tag})
    other = service.client.simulate_get(SEARCH, params={**asked, "size": 3}, headers={"If-None-Match": tag})
    again = (held.status_code, held.text, other.status_code)
    return {} if again == (304, "", 200) else {"again": again}
