"""A running Chargebee sandbox with the vendor's own Python client pointed at it, for the contract tests."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from chargebee import Chargebee as Client

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.vendors.chargebee import Chargebee
from sync_assets.sandbox.wire import Server

OPENED_AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
OPENED_S = 1793610000  # OPENED_AT as unix seconds


@dataclass(kw_only=True)
class Site:
    """The vendor, its clock, its port and a client of it."""

    vendor: Chargebee
    clock: Clock
    server: Server
    client: Any

    def get(self, path: str, *, authorization: str = "", **query: str) -> tuple[int, Any, dict[str, str]]:
        """Status, body and headers of a plain GET, for what the client would not send."""
        address = f"{self.server.url}{path}?{urlencode(query)}"
        headers = {"Authorization": authorization} if authorization else {}
        try:
            with urlopen(Request(address, headers=headers), timeout=5) as reply:  # noqa: S310
                return reply.status, json.load(reply), dict(reply.headers)
        except HTTPError as error:
            with error:
                return error.code, json.load(error), dict(error.headers)

    def put_customers(self, count: int) -> None:
        """Customers c00, c01, ... created one second apart, the first at the opening."""
        for number in range(count):
            self.vendor.put("customers", {"id": f"c{number:02d}", "company": f"Company {number}"})
            self.clock.advance(seconds=1)


@contextmanager
def running_site() -> Iterator[Site]:
    """An empty site that listens until the end of the block."""
    clock = Clock(now_at=OPENED_AT)
    vendor = Chargebee(clock=clock, seed=7)
    server = Server(vendor=vendor, clock=clock).start()
    Client.verify_ca_certs = False  # the client picks http only when it need not check certificates
    client = Client(api_key=vendor.api_key, site="127", chargebee_domain=f"0.0.1:{server.port}", protocol="http")
    try:
        yield Site(vendor=vendor, clock=clock, server=server, client=client)
    finally:
        server.stop()
