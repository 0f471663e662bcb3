"""The company at work: its clock, its agenda, its five systems and its own notes.

Belongs here: what every department uses. What the departments do stands in the modules named after their work.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Protocol

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.company.agenda import Act, Agenda
from sync_assets.sandbox.company.names import Registry
from sync_assets.sandbox.company.nouns import Customer, Deal, Invoice, Movement, Subscription
from sync_assets.sandbox.shelf import Record, Shelf
from sync_assets.sandbox.truth import Benign, Truth

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_FIRST_NUMBER = {"invoice": 1001, "credit_note": 1001, "erp_transaction": 5001, "erp_customer": 2001, "customer": 1}


class Writable(Protocol):
    """A system as the company writes to it."""

    name: str
    shelf: Shelf

    def put(self, stream: str, record: Record, *, event: str | None = None, visible_at: datetime | None = None) -> None:
        """Create or merge one record."""

    def delete(self, stream: str, record_id: str) -> None:
        """Delete one record."""


class Meter(Writable, Protocol):
    """The product's platform, which stores an event once as long as it remembers it."""

    def forget(self, event_id: str) -> None:
        """Lose the memory of an event, `source:id`."""


class Crm(Writable, Protocol):
    """The CRM, which gives out its own ids."""

    def new_id(self, stream: str) -> str:
        """A fresh id for a record of a stream."""

    def merge(self, loser_id: str, winner_id: str) -> None:
        """Merge one account into another."""


@dataclass(frozen=True, kw_only=True)
class Systems:
    """The five systems by role."""

    crm: Crm
    billing: Writable
    payments: Writable
    erp: Writable
    product: Meter

    def each(self) -> tuple[Writable, ...]:
        """All five."""
        return (self.crm, self.billing, self.payments, self.erp, self.product)


@dataclass(kw_only=True)
class Company:
    """The simulated company. `opens_at` is when its history begins, `today_at` when the prepared history ends."""

    seed: int
    clock: Clock
    systems: Systems
    opens_at: datetime
    today_at: datetime
    agenda: Agenda = field(init=False)
    registry: Registry = field(init=False)
    rng: Random = field(init=False)
    customers: list[Customer] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    movements: dict[str, list[Movement]] = field(default_factory=dict)
    price_entries: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    price_book: str = ""
    recognition: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    recognised_through: dict[str, date] = field(default_factory=dict)
    recognition_runs: dict[tuple[str, date], int] = field(default_factory=dict)
    protagonist: Customer | None = None
    truths: list[Truth] = field(default_factory=list)
    benign: list[Benign] = field(default_factory=list)
    _numbers: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.agenda = Agenda(clock=self.clock)
        self.registry = Registry(self.seed)
        self.rng = Random(f"company/{self.seed}")

    @property
    def now(self) -> datetime:
        """The virtual instant."""
        return self.clock.now()

    def number(self, kind: str) -> int:
        """The next running number of a kind of record."""
        self._numbers[kind] += 1
        return _FIRST_NUMBER.get(kind, 1) + self._numbers[kind] - 1

    def later(self, rng: Random, seconds: tuple[int, int], act: Act) -> datetime:
        """Plan an action after a delay drawn between two numbers of seconds; returns its instant."""
        due_at = self.now + timedelta(seconds=rng.randint(*seconds))
        self.agenda.at(due_at, act)
        return due_at

    def children(self, parent: Customer) -> list[Customer]:
        """The customers that belong to another one; some may be known before it is."""
        return [customer for customer in self.customers if customer.parent is parent]

    def step(self, name: str, customer: Customer, subject: Any, proceed: Act) -> None:
        """Take a step of the business, or what the customer's deviation of that name makes of it."""
        deviation = customer.deviations.get(name)
        if deviation is None:
            proceed()
        else:
            deviation(subject, proceed)

    def planned(self, name: str, customer: Customer, subject: Any, proceed: Act) -> Act:
        """The step as an action for the agenda: whether it deviates is decided when it is taken."""
        return lambda: self.step(name, customer, subject, proceed)

    def say(self, truth: Truth) -> None:
        """Record a defect that has just been made."""
        self.truths.append(truth)

    def spare(self, benign: Benign) -> None:
        """Record something that looks wrong and is right."""
        self.benign.append(benign)


def random_id(rng: Random, prefix: str, length: int = 24) -> str:
    """An id as card processors write them: a prefix and letters and digits."""
    return prefix + "".join(rng.choices(_BASE62, k=length))
