"""A running Stripe sandbox with the vendor's own Python client pointed at it, for the contract tests."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import stripe

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.vendors.stripe import Stripe
from sync_assets.sandbox.wire import Server

OPENED_AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
OPENED_S = 1793610000  # OPENED_AT as unix seconds


@dataclass(kw_only=True)
class Account:
    """The vendor, its clock, its port and a client of it. `api` is untyped: tests read shapes, not the client."""

    vendor: Stripe
    clock: Clock
    server: Server
    api: Any

    def get(self, target: str, authorization: str) -> tuple[int, Any, dict[str, str]]:
        """Status, body and headers of a plain GET, for what the client would not send."""
        headers = {"Authorization": authorization} if authorization else {}
        try:
            with urlopen(Request(self.server.url + target, headers=headers), timeout=5) as reply:  # noqa: S310
                return reply.status, json.load(reply), dict(reply.headers)
        except HTTPError as error:
            with error:
                return error.code, json.load(error), dict(error.headers)

    def put_customers(self, count: int, *, seconds_apart: int = 1) -> None:
        """Customers cus_00, cus_01, ... in order of creation."""
        for number in range(count):
            self.vendor.put("customers", {"id": f"cus_{number:02d}", "name": f"Company {number}"})
            self.clock.advance(seconds=seconds_apart)

    def ids(self, page: Any) -> list[str]:
        """The ids of a page, in order."""
        return [row["id"] for row in page.data]

    def event_types(self, **params: Any) -> list[str]:
        """The types of the newest hundred events, oldest first."""
        return [event["type"] for event in self.api.events.list({"limit": 100, **params}).data][::-1]


@contextmanager
def running_account() -> Iterator[Account]:
    """An empty account that listens until the end of the block."""
    clock = Clock(now_at=OPENED_AT)
    vendor = Stripe(clock=clock, seed=7)
    server = Server(vendor=vendor, clock=clock).start()
    client = stripe.StripeClient(vendor.api_key, base_addresses={"api": server.url}, max_network_retries=0)
    try:
        yield Account(vendor=vendor, clock=clock, server=server, api=client.v1)
    finally:
        server.stop()
