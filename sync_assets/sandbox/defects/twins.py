"""Benign twins: customers whose records look broken and are right. Nothing may ever be reported about them.

A twin is a calm customer with one oddity; shortly before the history ends the record that shows it is noted down.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any, TypeAlias

from sync_assets.model.breaks import Record
from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.happenings import active_subscription
from sync_assets.sandbox.company.lives import Happening, begin
from sync_assets.sandbox.company.nouns import Customer
from sync_assets.sandbox.defects.registry import Window, calm_life, record
from sync_assets.sandbox.truth import Benign

PlanTwin: TypeAlias = Callable[[Company, Random, Window], Customer]
Pick: TypeAlias = Callable[[Customer], tuple[str, str, str] | None]
"""Finds the record that shows the oddity: (entity, stream of billing, record id)."""


@dataclass(frozen=True, kw_only=True)
class Oddity:
    """One kind of twin: how its life differs, what happens to it, and where to see it."""

    note: str
    pick: Pick
    wishes: dict[str, Any]
    happening: Happening | None = None
    ready: Callable[[Customer], object | None] = active_subscription


TWINS: dict[str, PlanTwin] = {}
"""Kind to the function that plans one such customer; those under way at the end stand in `in_flight`."""


def twins(oddities: Mapping[str, Oddity]) -> None:
    """Make kinds of twins known, by their names."""
    if known := TWINS.keys() & oddities.keys():
        raise KeyError(f"{', '.join(sorted(known))}: twins of that name stand elsewhere already.")
    TWINS.update({kind: _plan(kind, oddity) for kind, oddity in oddities.items()})


def _plan(kind: str, oddity: Oddity) -> PlanTwin:
    def plan(company: Company, rng: Random, window: Window) -> Customer:
        customer = begin(company, calm_life(company, rng, window, **oddity.wishes))
        if oddity.happening is not None:
            # Early in the window: what it leads to shows a billing period later.
            first_at = window.earliest + timedelta(hours=rng.randrange(20 * 24))
            company.agenda.at(first_at, _attempt(company, customer, oddity))
        company.agenda.at(company.today_at - timedelta(seconds=1), lambda: _note_down(company, kind, oddity, customer))
        return customer

    return plan


def _attempt(company: Company, customer: Customer, oddity: Oddity) -> Act:
    def attempt() -> None:
        if oddity.ready(customer) is None:
            company.agenda.at(company.now + timedelta(hours=8), attempt)
        elif oddity.happening is not None:
            oddity.happening(company, customer)

    return attempt


def _note_down(company: Company, kind: str, oddity: Oddity, customer: Customer) -> None:
    seen = oddity.pick(customer)
    if seen is not None:
        entity, stream, record_id = seen
        spare(company, kind, customer, (entity, record("chargebee", stream, record_id)), note=oddity.note)


def spare(company: Company, kind: str, customer: Customer, seen: tuple[str, Record], *, note: str) -> None:
    """Record something that looks wrong and is right."""
    entity, evidence = seen
    entity_id = f"{evidence.system}:{evidence.record_id}"
    company.spare(
        Benign(
            kind=kind,
            entity=entity,
            entity_id=entity_id,
            records=(evidence,),
            note=note,
            customer=customer.billing_id,
        )
    )
