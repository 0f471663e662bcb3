"""A simulated product platform on a loopback port, and the client `openmeter` talking to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests
from corehttp.exceptions import HttpResponseError
from openmeter import Client

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.vendors.product import Product
from sync_assets.sandbox.wire import Server

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Setup:
    """A platform, its clock, its server, and a client with its key."""

    product: Product
    clock: Clock
    server: Server
    client: Any

    def get(self, path: str, **params: str | int) -> requests.Response:
        """A bare request with the platform's key."""
        key = self.product.settings(self.server.url)["SYNC_PRODUCT_API_KEY"]
        url = f"{self.server.url}/api/{path}"
        return requests.get(url, params=params, headers={"Authorization": f"Bearer {key}"}, timeout=10)

    def put_event(self, number: int, **more: Any) -> str:
        """One usage event of now; returns its identity."""
        event = {"id": f"e{number:05d}", "source": "gateway", "type": "call", "subject": "sub_1", "data": {"n": 1}}
        event.update(more)
        self.product.put("events", event)
        return f"{event['source']}:{event['id']}"


@contextmanager
def running(seed: int = 7) -> Iterator[Setup]:
    """A fresh platform behind a server."""
    clock = Clock(now_at=NOON)
    product = Product(clock=clock, seed=seed)
    server = Server(vendor=product, clock=clock).start()
    settings = product.settings(server.url)
    client = Client(endpoint=server.url, token=settings["SYNC_PRODUCT_API_KEY"], retry_total=0)
    try:
        with client:
            yield Setup(product=product, clock=clock, server=server, client=client)
    finally:
        server.stop()


def problem_of(error: HttpResponseError) -> dict[str, Any]:
    """The problem the platform answered."""
    response: Any = error.response
    return dict(response.json())
