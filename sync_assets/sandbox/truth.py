"""What was done to the company on purpose: defects with their truth, and things that only look wrong.

Belongs here: the shape of the answers a scored run is compared with, and how their money grows with time.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from sync_assets.model.breaks import Record
from sync_assets.sandbox.company.days import elapsed_terms, half_up


@dataclass(frozen=True, kw_only=True)
class Accrual:
    """A loss that grows: so much for each billing period of `months`, counted from `since` until `until` or now.

    Whole periods count in full, the current one by the share of its seconds that has passed.
    """

    per_period_minor: int
    months: int
    since: datetime
    zone: ZoneInfo
    until: datetime | None = None

    def minor(self, now: datetime) -> int:
        """The money accrued at an instant, rounded half up."""
        end = now if self.until is None else min(now, self.until)
        terms: Fraction = elapsed_terms(self.since, end, self.months, self.zone)
        return half_up(terms * self.per_period_minor)


@dataclass(frozen=True, kw_only=True)
class Truth:
    """One defect: its class and where, since when, and worth how much the truth was lost.

    `entity_id` is `system:record_id` of the record in the owner system; `system` is where it went wrong; `symptoms`
    names classes that may point at this root; `customer` is the customer's id in billing.
    """

    class_: str
    entity: str
    entity_id: str
    records: tuple[Record, ...]
    owner: str
    hop: str
    system: str
    currency: str
    money_minor: int
    kind: str
    since: datetime
    note: str
    customer: str = ""
    symptoms: tuple[str, ...] = ()
    accrual: Accrual | None = None

    def as_of(self, now: datetime) -> "Truth":
        """The same truth with the money it is worth at an instant."""
        return self if self.accrual is None else replace(self, money_minor=self.accrual.minor(now))


@dataclass(frozen=True, kw_only=True)
class Benign:
    """Something that looks like a defect and is none: nothing may be reported about it."""

    kind: str
    entity: str
    entity_id: str
    records: tuple[Record, ...]
    note: str
    customer: str = ""
