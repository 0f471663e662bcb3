"""What the product says about disagreement: verdicts, kinds of money, who owns the repair, and the break itself."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What can be said about a counterpart, given how far each system has been read."""

    UNKNOWABLE = "UNKNOWABLE"
    IN_FLIGHT = "IN_FLIGHT"
    LATE = "LATE"
    BROKEN = "BROKEN"


class Kind(StrEnum):
    """The direction of the money of a break."""

    LEAK = "LEAK"
    OVER = "OVER"
    CASH = "CASH"
    MISSTATE = "MISSTATE"
    CONTROL = "CONTROL"


OWNERS = {"RO": "RevOps", "FI": "finance", "SU": "support", "PR": "product", "DE": "data"}
"""Who repairs a break: code to people."""


@dataclass(frozen=True, kw_only=True)
class Divergence:
    """Where the truth was lost: the hop, the copy, the field, and when and by which run it was first seen."""

    hop: str
    system: str
    record_id: str | None
    field: str
    at: datetime
    run_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Record:
    """One record of one stream, as evidence."""

    system: str
    stream: str
    record_id: str


@dataclass(frozen=True, kw_only=True)
class Break:
    """One place where integrity broke. `money_at_risk_minor` is a magnitude; `kind` gives its direction."""

    break_id: str
    class_: str
    title: str
    verdict: Verdict
    owner: str
    entity: str
    entity_id: str
    customer_id: str | None
    records: tuple[Record, ...]
    expected: str
    found: str
    currency: str | None
    money_at_risk_minor: int
    kind: Kind
    caused_by: str | None
    first_divergence: Divergence
    opened_at: datetime
    last_seen_at: datetime
    explanation: str
    closed_at: datetime | None = None
    forward_minor: int = 0
    labels: tuple[str, ...] = field(default=())

    @property
    def is_root(self) -> bool:
        """A break that no other break explains; only these carry money."""
        return self.caused_by is None
