"""GET /readyz: what it asks of the catalogue and what it tells."""

import falcon.testing
import sqlalchemy as sa

from indexer.catalogue import WritableCatalogue
from indexer.engine.memory import MemoryStore
from search_api.app import create_app
from search_api.services import Services


def test_readiness_counts_what_the_public_may_see(desk):
    """An internal document, which the desk has, is not among the numbers."""
    answer = desk.client.simulate_get("/readyz").json
    assert answer["documents"] == desk.client.simulate_get("/api/v1/search").json["total"] == len(desk.ids) - 1
    assert answer["provisions"] == desk.client.simulate_get("/api/v1/search", params={"scope": "provisions"}).json["total"]


def test_a_catalogue_that_cannot_be_read_is_not_ready(tmp_path):
    """The catalogue is really asked: one whose tables are gone since it was opened answers 503."""
    path = tmp_path / "catalogue.sqlite"
    catalogue, store = WritableCatalogue.open(path), MemoryStore()
    with store.writer() as writer:
        writer.commit(1)
    client = falcon.testing.TestClient(create_app(Services(store.engine, lambda: catalogue)))
    assert client.simulate_get("/readyz").status_code == 200
    outside = sa.create_engine(f"sqlite:///{path}")
    with outside.begin() as connection:
        connection.execute(sa.text("DROP TABLE changes"))
    outside.dispose()
    assert client.simulate_get("/readyz").status_code >= 500
    catalogue.close()
