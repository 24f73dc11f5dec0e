"""The application over the embedded engine."""

import os
import subprocess
import sys

import falcon.testing
import pytest
from casefiles import cases

from indexer.engine.whooshdb.store import WhooshStore
from indexer.publish import publish
from search_api.app import create_app
from search_api.services import Services


@pytest.fixture(scope="module")
def on_disk(desk, tmp_path_factory):
    """The desk's documents behind the application again, with a Whoosh index."""
    store = WhooshStore(tmp_path_factory.mktemp("index"))
    publish(desk.catalogue, store)
    services = Services(store.engine, lambda: desk.catalogue)
    yield falcon.testing.TestClient(create_app(services))
    services.engine.close()


@pytest.mark.parametrize("scope", ["documents", "provisions"])
def test_both_engines_give_the_same_answers(desk, on_disk, scope):
    """Every case's question is answered alike to the last field, but for the time taken."""
    for case in cases("queries"):
        params = {"q": case["q"], "scope": scope}
        memory, disk = (client.simulate_get("/api/v1/search", params=params).json for client in (desk.client, on_disk))
        assert memory | {"took_ms": 0} == disk | {"took_ms": 0}, case["name"]


def test_the_application_is_made_from_the_environment(tmp_path):
    """get_app reads CONGBAO_DATA, as WSGI servers need it; without an index it says so and lives."""
    program = (
        "import falcon.testing; from search_api.app import get_app; client = falcon.testing.TestClient(get_app());"
        "print(client.simulate_get('/healthz').status_code, client.simulate_get('/api/v1/search').status_code)"
    )
    environment = os.environ | {"CONGBAO_DATA": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, cwd=tmp_path, check=False
    )
    assert ended.stdout.split() == ["200", "503"], ended.stderr
