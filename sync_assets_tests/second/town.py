"""Five served vendors and a calendar of what is written into them: the second company's stage, without any business."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.vendors.chargebee import Chargebee
from sync_assets.sandbox.vendors.netsuite import NetSuite
from sync_assets.sandbox.vendors.product import Product
from sync_assets.sandbox.vendors.salesforce import Salesforce
from sync_assets.sandbox.vendors.stripe import Stripe
from sync_assets.sandbox.wire import Server

OPENS = datetime(2025, 10, 1, 6, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""Noon of a Friday. November has 30 days: 19 1/2 of them are over."""

SEED = 4711


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One break that the product must find: its class, entity, owner, hop, and money within a few minor units."""

    cls: str
    about: str
    owner: str
    hop: str
    kind: str
    currency: str
    money: int
    within: int = 0


@dataclass(kw_only=True)
class Town:
    """The vendors, what is to be written when, and how records are numbered."""

    clock: Clock = field(default_factory=lambda: Clock(now_at=OPENS))
    plan: list[tuple[datetime, str, str, Any]] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    ids: dict[tuple[str, ...], str] = field(default_factory=dict)
    expected: list[Expected] = field(default_factory=list)
    also: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        kinds = (Salesforce, Chargebee, Stripe, NetSuite, Product)
        self.vendors: dict[str, Any] = {kind.name: kind(clock=self.clock, seed=SEED) for kind in kinds}

    def at(self, instant: datetime, system: str, stream: str, record: dict[str, Any]) -> None:
        """Plan one write; what lies after the end of the play never happens."""
        self.plan.append((instant, system, stream, record))

    def drop(self, instant: datetime, system: str, stream: str, record_id: str) -> None:
        """Plan a deletion."""
        self.plan.append((instant, system, stream, record_id))

    def expect(
        self, cls: str, about: str, route: tuple[str, str], worth: tuple[str, str, int], within: int = 0
    ) -> None:
        """A break that a story means: (owner, hop) and (kind, currency, minor units)."""
        (owner, hop), (kind, currency, money) = route, worth
        self.expected.append(
            Expected(
                cls=cls, about=about, owner=owner, hop=hop, kind=kind, currency=currency, money=money, within=within
            )
        )

    def number(self, kind: str, first: int = 1) -> int:
        """The next number of a series."""
        self.numbers[kind] = self.numbers.get(kind, first - 1) + 1
        return self.numbers[kind]

    def crm_id(self, stream: str) -> str:
        """A Salesforce id of 18 characters."""
        made: str = self.vendors["salesforce"].new_id(stream)
        return made

    def play(self) -> None:
        """Write everything in the order of time."""
        for instant, system, stream, record in sorted(self.plan, key=lambda entry: entry[0]):
            if instant > NOW:
                continue
            self.clock.set(max(instant, self.clock.now()))
            if isinstance(record, str):
                self.vendors[system].delete(stream, record)
            else:
                self.vendors[system].put(stream, record)
        self.clock.set(NOW)

    @contextmanager
    def served(self) -> Iterator[dict[str, str]]:
        """Serve the vendors on loopback; gives the settings of a client."""
        servers = [Server(vendor=vendor, clock=self.clock).start() for vendor in self.vendors.values()]
        found: dict[str, str] = {}
        for vendor, server in zip(self.vendors.values(), servers, strict=True):
            found |= vendor.settings(server.url) | {f"SYNC_{vendor.name.upper()}_RATE": "60000"}
        try:
            yield found
        finally:
            for server in servers:
                server.stop()
