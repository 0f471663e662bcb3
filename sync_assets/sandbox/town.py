"""The simulated company as others use it: five vendors on loopback, time that moves, and what was done on purpose.

Belongs here: the facade. What the business does is in `company`, what goes wrong in `defects`.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Protocol

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.company.check import check_books
from sync_assets.sandbox.company.check_flows import check_flows
from sync_assets.sandbox.company.closing import plan_days
from sync_assets.sandbox.company.company import Company, Systems
from sync_assets.sandbox.company.days import month_later
from sync_assets.sandbox.company.founding import found
from sync_assets.sandbox.company.population import populate, prospect
from sync_assets.sandbox.defects.day import plan_day
from sync_assets.sandbox.defects.plan import plan_history
from sync_assets.sandbox.shelf import Shelf
from sync_assets.sandbox.truth import Benign, Truth
from sync_assets.sandbox.vendors.chargebee import Chargebee
from sync_assets.sandbox.vendors.netsuite import NetSuite
from sync_assets.sandbox.vendors.product import Product
from sync_assets.sandbox.vendors.salesforce import Salesforce
from sync_assets.sandbox.vendors.stripe import Stripe
from sync_assets.sandbox.wire import Reply, Request, Server

HISTORY_MONTHS = 14


class _Vendor(Protocol):
    name: str
    shelf: Shelf

    def settings(self, url: str) -> dict[str, str]: ...

    def census(self) -> dict[str, list[str]]: ...

    def answer(self, request: Request) -> Reply: ...


class Sandbox:
    """One simulated company with its history made up, ready to be served.

    Args:
        seed: everything follows from it.
        customers: how many customers there are at the end of the history, defective and benign ones included.
        now: where the history ends and the clock stands; default: a day before real time, on the hour.
        defects: how many defects of which class are in the history; default: one of each for every 60 customers.
        twins: whether customers with harmless oddities are among them.
    """

    def __init__(
        self,
        *,
        seed: int = 7,
        customers: int = 60,
        now: datetime | None = None,
        defects: Mapping[str, int] | None = None,
        twins: bool = True,
    ) -> None:
        today_at = now or (datetime.now(UTC) - timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
        opens_on = month_later(today_at.date(), -HISTORY_MONTHS)
        opens_at = today_at.replace(year=opens_on.year, month=opens_on.month, day=opens_on.day)
        self.clock = Clock(now_at=opens_at)
        self.salesforce = Salesforce(clock=self.clock, seed=seed)
        self.chargebee = Chargebee(clock=self.clock, seed=seed)
        self.stripe = Stripe(clock=self.clock, seed=seed)
        self.netsuite = NetSuite(clock=self.clock, seed=seed)
        self.product = Product(clock=self.clock, seed=seed)
        self.vendors: tuple[_Vendor, ...] = (self.salesforce, self.chargebee, self.stripe, self.netsuite, self.product)
        self.servers: dict[str, Server] = {}
        systems = Systems(
            crm=self.salesforce,
            billing=self.chargebee,
            payments=self.stripe,
            erp=self.netsuite,
            product=self.product,
        )
        self.company = Company(seed=seed, clock=self.clock, systems=systems, opens_at=opens_at, today_at=today_at)
        self.company.agenda.hold = self._hold
        self._days = 0
        self._stopped = threading.Event()
        self._live: threading.Thread | None = None
        self._make_up(customers, defects, twins=twins)

    def start(self, port: int = 0) -> "Sandbox":
        """Serve the five vendors on loopback: on free ports, or on five ports from `port` on."""
        for number, vendor in enumerate(self.vendors):
            server = Server(vendor=vendor, clock=self.clock, port=port + number if port else 0)
            self.servers[vendor.name] = server.start()
        return self

    def stop(self) -> None:
        """End business and close the ports."""
        self._stopped.set()
        if self._live is not None:
            self._live.join()
            self._live = None
        for server in self.servers.values():
            server.stop()
        self.servers.clear()

    def settings(self) -> dict[str, str]:
        """The settings a client of the served vendors needs.

        Raises:
            ValueError: the vendors are not being served.
        """
        if not self.servers:
            raise ValueError("The sandbox has not started; its addresses are not known yet.")
        found: dict[str, str] = {}
        for vendor in self.vendors:
            found |= vendor.settings(self.servers[vendor.name].url)
        return found

    def census(self) -> dict[str, dict[str, list[str]]]:
        """Per system and stream the ids that exist now."""
        return {vendor.name: vendor.census() for vendor in self.vendors}

    def advance(self, by: timedelta) -> None:
        """Let business go on for so long, all at once."""
        self.company.agenda.run_until(self.clock.now() + by)

    def plan_day(self) -> None:
        """Plan what a day from now brings: ordinary business, the story of a late amendment, some other defects."""
        self._days += 1
        plan_day(self.company, Random(f"day/{self.company.seed}/{self._days}"))

    def day_of_business(self) -> None:
        """A planned day goes by, all at once."""
        self.plan_day()
        self.advance(timedelta(days=1))

    def live(self, step: timedelta = timedelta(minutes=1), *, every_s: float = 1.0) -> None:
        """Let business go on in the background: every so many real seconds a step, until real time is reached.

        From then on the sandbox's clock keeps pace with the real one.
        """
        self._stopped.clear()
        self._live = threading.Thread(target=self._go_on, args=(step, every_s), daemon=True)
        self._live.start()

    def check(self) -> list[str]:
        """Where the company's books do not agree; defects show here too, so only a sandbox without any is empty."""
        now = self.clock.now()
        systems = self.company.systems
        return [*check_books(systems, now), *check_flows(systems, now, self.stripe.rows.paid_out)]

    @property
    def truths(self) -> list[Truth]:
        """The defects made so far, with the money they are worth now."""
        return [truth.as_of(self.clock.now()) for truth in self.company.truths]

    @property
    def benign(self) -> list[Benign]:
        """What looks wrong and is right."""
        return list(self.company.benign)

    def _make_up(self, customers: int, defects: Mapping[str, int] | None, *, twins: bool) -> None:
        found(self.company)
        plan_days(self.company)
        special = plan_history(self.company, customers, defects, twins=twins)
        known = populate(self.company, max(customers - special, 0))
        for number in range(customers // 8):
            prospect(self.company, Random(f"prospect/{self.company.seed}/{number}"), known)
        self.company.agenda.run_until(self.company.today_at)

    def _go_on(self, step: timedelta, every_s: float) -> None:
        day_ends_at = self.clock.now()
        while not self._stopped.wait(every_s):
            if self.clock.now() >= day_ends_at:
                self.plan_day()
                day_ends_at = self.clock.now() + timedelta(days=1)
            target = min(self.clock.now() + step, datetime.now(UTC))
            if target > self.clock.now():
                self.company.agenda.run_until(target)

    @contextmanager
    def _hold(self) -> Iterator[None]:
        with ExitStack() as held:
            for vendor in self.vendors:
                held.enter_context(vendor.shelf.lock)
            yield
