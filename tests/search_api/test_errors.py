"""What goes wrong, as problem documents and as pages."""

import logging

import falcon.testing
import pytest

from indexer import errors
from indexer.engine.memory import MemoryStore
from search_api.app import create_app
from search_api.render import Problem
from search_api.services import Services


def _raising(error):
    def opener():
        raise error

    return opener


@pytest.mark.parametrize(
    "error",
    [
        errors.IndexMissing("/srv/secret: chạy `congbao index`"),
        errors.IndexOutdated("/srv/secret: chạy `congbao reindex`"),
        errors.IndexDamaged("/srv/secret/segment"),
        errors.DataFolderUnfit("/srv/secret"),
        errors.CatalogueTooNew("/srv/secret"),
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/search", "/api/v1/suggest?q=a", "/readyz", "/"])
def test_what_is_not_ready_is_503_without_internals(error, path, caplog):
    """Readers learn that they may come back; the operator finds the sentence in the log."""
    client = falcon.testing.TestClient(create_app(Services(_raising(error), _raising(error))))
    with caplog.at_level(logging.ERROR):
        answer = client.simulate_get(path)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert "/srv/secret" not in answer.text
    assert "/srv/secret" in caplog.text


def test_the_unexpected_is_500_without_internals(caplog):
    """A defect shows nothing of itself to readers, all of itself to the log, and /healthz still answers."""
    client = falcon.testing.TestClient(create_app(Services(_raising(ZeroDivisionError("secret")), _raising(ZeroDivisionError()))))
    answer = client.simulate_get("/api/v1/search")
    assert answer.status_code == 500
    assert Problem.model_validate(answer.json).type.endswith(":internal")
    assert "secret" not in answer.text
    assert "ZeroDivisionError" in caplog.text
    assert client.simulate_get("/healthz").status_code == 200


def test_an_index_made_later_is_found_without_a_restart(desk):
    """What failed to open is tried again."""
    store = MemoryStore()
    client = falcon.testing.TestClient(create_app(Services(store.engine, lambda: desk.catalogue)))
    assert client.simulate_get("/readyz").status_code == 503
    with store.writer() as writer:
        writer.commit(1)
    assert client.simulate_get("/readyz").json["change"] == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_405_and_named(desk, method):
    """The answer says which methods there are."""
    answer = desk.client.simulate_request(method, "/api/v1/search")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert desk.client.simulate_options("/api/v1/search").headers["allow"] == answer.headers["allow"]
    assert all(allowed in answer.json["detail"] for allowed in answer.headers["allow"].split(", "))
    assert answer.headers["content-type"] == "application/problem+json"


def test_addresses_that_are_none_are_404(desk):
    """Programs get a problem document, people a page with the search box."""
    assert desk.client.simulate_get("/api/v2/search").json["status"] == 404
    page = desk.client.simulate_get("/khong-co")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert 'role="search"' in page.text


def test_bad_parameters_of_pages_are_pages(desk):
    """A person reads the same sentence as a program, on a page."""
    page = desk.client.simulate_get("/", params={"page": "0"})
    assert page.status_code == 400
    assert "số trang từ 1" in page.text


def test_each_error_of_the_project_has_a_problem():
    """Nothing that the project raises on purpose becomes a 500."""
    from search_api.errors import problem_of

    kinds = [errors.CongbaoError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    made = {errors.BadQuery: ("q", "r"), errors.UnreadableFile: ("s", "c", "r")}
    assert len(kinds) > 10
    assert all(problem_of(kind(*made.get(kind, ("m",)))).status != 500 for kind in kinds)
