"""How a defect is made: the registry of classes, the window it must fall into, a calm customer for it, its truth."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeAlias

from sync_assets.model.breaks import Record
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of, midnight, month_later
from sync_assets.sandbox.company.lives import Life
from sync_assets.sandbox.company.nouns import Customer, Deviation
from sync_assets.sandbox.company.population import PLACES, start_in_history
from sync_assets.sandbox.defects.facts import Fact, fact
from sync_assets.sandbox.truth import Accrual, Truth


@dataclass(frozen=True, kw_only=True)
class Window:
    """When a defect is to happen. In a day's window everything about it is new that day."""

    earliest: datetime
    latest: datetime
    is_today: bool = False

    def draw(self, rng: Random) -> datetime:
        """An instant in the window."""
        return self.earliest + timedelta(seconds=rng.randrange(int((self.latest - self.earliest).total_seconds())))


Inject: TypeAlias = Callable[[Company, Random, Window], Customer]
"""Plans one defect on a customer of its own, and returns the customer."""

DEFECTS: dict[str, Inject] = {}
"""Name of a defect to the function that makes it: its class, and the way where a class goes wrong in several."""

FACTS: dict[str, Fact] = {}
"""Name of a defect to what is known of it beforehand."""


def defect(name: str, entity: str, words: str, *, symptoms: str = "") -> Callable[[Inject], Inject]:
    """Mark the function that makes a defect, e.g. `F75` or `F75 of a refund`, with its facts (see `facts.fact`)."""
    if name in DEFECTS:
        raise KeyError(f"{name} is made by {DEFECTS[name].__module__} already.")

    def mark(inject: Inject) -> Inject:
        DEFECTS[name] = inject
        FACTS[name] = fact(entity, words, symptoms)
        return inject

    return mark


def class_of(name: str) -> str:
    """The class of a defect, e.g. `F75` of `F75 of a refund`."""
    return name.partition(" ")[0]


def calm_life(company: Company, rng: Random, window: Window, **wishes: Any) -> Life:
    """A monthly card customer to whom nothing else happens, old enough to have invoices in the window.

    `wishes` are fields of `Life` that must be so.
    """
    place = wishes.pop("place", None) or rng.choice(PLACES)
    if window.is_today:
        starts_at = window.earliest + timedelta(minutes=rng.randint(100, 150))
    else:
        starts_at = start_in_history(company, rng, place[0])
        # Old enough to be in its second month when the window opens.
        too_late = starts_at - (window.earliest - timedelta(days=35))
        if too_late > timedelta(0):
            zone = place[0].zone
            starts_at = midnight(day_of(starts_at - too_late - timedelta(days=rng.randint(1, 90)), zone), zone)
    life = Life(
        starts_at=starts_at.replace(microsecond=0),
        entity=place[0],
        currency=place[1],
        country=place[2],
        seats=rng.randint(8, 40),
        discount_percent=rng.choice((0, 0, 10, 20)),
        short_ids=rng.random() < 0.2,
    )
    return replace(life, **wishes)


def on_day(company: Company, life: Life, day: int) -> Life:
    """The same life begun on a certain day of its month, or of the next where that day lies before all business."""
    zone = life.entity.zone
    starts_on = day_of(life.starts_at, zone).replace(day=day)
    if midnight(starts_on, zone) < company.now + timedelta(days=1):
        starts_on = month_later(starts_on, 1)
    return replace(life, starts_at=midnight(starts_on, zone))


def once(company: Company, since: datetime, act: Deviation, *, suits: Callable[[Any], bool] = bool) -> Deviation:
    """A deviation that is taken one time: by the first suitable subject from an instant on."""
    done: list[bool] = []

    def deviate(subject: Any, proceed: Callable[[], None]) -> None:
        if done or company.now < since or not suits(subject):
            proceed()
            return
        done.append(True)
        act(subject, proceed)

    return deviate


def record(system: str, stream: str, record_id: object) -> Record:
    """One record as evidence."""
    return Record(system=system, stream=stream, record_id=str(record_id))


def tell(company: Company, name: str, customer: Customer, evidence: tuple[Record, ...], **facts: Any) -> None:
    """Record a defect's truth: its own facts, the first piece of evidence as its entity, and what is given."""
    fact = FACTS[name]
    first = evidence[0]
    accrual: Accrual | None = facts.get("accrual")
    known: dict[str, Any] = {
        "class_": class_of(name),
        "entity": fact.entity,
        "entity_id": f"{first.system}:{first.record_id}",
        "records": evidence,
        "owner": fact.owner,
        "hop": fact.hop,
        "system": fact.system,
        "currency": customer.currency,
        "money_minor": 0 if accrual is None else accrual.minor(company.now),
        "kind": fact.kind,
        "since": company.now,
        "customer": customer.billing_id,
        "symptoms": fact.symptoms,
    }
    company.say(Truth(**{**known, **facts}))
