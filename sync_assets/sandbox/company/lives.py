"""What one customer will be like: where it sits, what it buys, how it pays, when it begins - and its beginning.

A life is data; what else happens in it is a list of (instant, happening).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import TypeAlias

from sync_assets.sandbox.company import contracts, crm
from sync_assets.sandbox.company.catalogue import (
    API_CALLS,
    SEATS_ANNUAL,
    SEATS_MONTHLY,
    SUPPORT_ANNUAL,
    SUPPORT_MONTHLY,
    LegalEntity,
    Product,
)
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.customers import register
from sync_assets.sandbox.company.days import day_of, midnight, month_later
from sync_assets.sandbox.company.nouns import Customer, Deal, DealLine, Item
from sync_assets.sandbox.company.rates import TAX_PERCENT
from sync_assets.sandbox.company.subscriptions import create, items_of
from sync_assets.sandbox.company.terms import enter

Happening: TypeAlias = Callable[[Company, Customer], None]


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a deal's seats become so many months after its start."""

    months: int
    seats: int
    discount_percent: int


@dataclass(frozen=True, kw_only=True)
class Life:
    """One customer's plan. `lead_s` is how long before the start its first deal is opened."""

    starts_at: datetime
    entity: LegalEntity
    currency: str
    country: str
    seats: int
    annual: bool = False
    support: bool = False
    metered: bool = False
    self_serve: bool = False
    pays_by: str = "card"
    discount_percent: int = 0
    shows_discount: bool = True
    coupon_percent: int = 0
    coupon_terms: int = 0
    declines: int = 0
    short_ids: bool = False
    tax_free: bool = False
    lead_s: int = 20 * 86_400
    step: "Step | None" = None
    beside: "Product | None" = None
    happenings: tuple[tuple[datetime, Happening], ...] = ()


def begin(company: Company, life: Life, *, parent: Customer | None = None) -> Customer:
    """A new customer whose life is planned from now on; one that had to begin before now begins tomorrow."""
    if not life.self_serve and life.starts_at < company.now + timedelta(hours=1):
        tomorrow = day_of(company.now, life.entity.zone) + timedelta(days=1)
        life = replace(life, starts_at=midnight(tomorrow, life.entity.zone))
    number = company.number("customer")
    customer = Customer(
        number=number,
        profile=company.registry.profile(life.country),
        entity=life.entity,
        currency=life.currency,
        tax_percent=0 if life.tax_free else TAX_PERCENT[life.country],
        rng=Random(f"customer/{company.seed}/{number}"),
        pays_by=life.pays_by,
        net_days=0 if life.pays_by == "card" else 30,
        self_serve=life.self_serve,
        short_ids=life.short_ids,
        declines=life.declines,
        parent=parent,
    )
    company.customers.append(customer)
    if life.self_serve:
        company.agenda.at(life.starts_at, lambda: _sign_up(company, customer, life))
    else:
        _plan_first_deal(company, customer, life)
    for instant, happening in life.happenings:
        company.agenda.at(instant, _happens(company, customer, happening))
    return customer


def lines_of(life: Life) -> list[DealLine]:
    """What the customer agrees to buy, at sales prices."""
    seats = SEATS_ANNUAL if life.annual else SEATS_MONTHLY
    listed = seats.prices[life.currency]
    if life.shows_discount:
        plan = DealLine(product=seats, quantity=life.seats, unit_minor=listed, discount_percent=life.discount_percent)
    else:
        plan = DealLine(product=seats, quantity=life.seats, unit_minor=listed * (100 - life.discount_percent) // 100)
    lines = [plan]
    if life.step is not None:
        starts_on = month_later(day_of(life.starts_at, life.entity.zone), life.step.months)
        step = replace(plan, starts_on=starts_on, quantity=life.step.seats)
        lines.append(replace(step, discount_percent=life.step.discount_percent))
    if life.beside is not None:
        lines.append(DealLine(product=life.beside, quantity=1, unit_minor=life.beside.prices[life.currency]))
    if life.support:
        support = SUPPORT_ANNUAL if life.annual else SUPPORT_MONTHLY
        lines.append(DealLine(product=support, quantity=1, unit_minor=support.prices[life.currency]))
    if life.metered and not life.annual:
        lines.append(DealLine(product=API_CALLS, quantity=1, unit_minor=API_CALLS.prices[life.currency]))
    return lines


def sell(company: Company, deal: Deal, *, opens_at: datetime, wins_at: datetime) -> None:
    """Plan a deal's way through the CRM and, minutes after it is won, into billing."""

    def open_deal() -> None:
        crm.open_account(company, deal.customer)
        crm.propose(company, deal)

    def win_deal() -> None:
        contracts.win(company, deal)
        company.later(deal.customer.rng, (120, 1200), lambda: sign(company, deal))

    company.agenda.at(opens_at, open_deal)
    company.agenda.at(wins_at, win_deal)


def sign(company: Company, deal: Deal) -> None:
    """A won deal reaches billing: the customer, if new, and the subscription."""
    customer = deal.customer
    register(company, customer)
    company.step("billing.subscribe", customer, deal, lambda: subscribe(company, deal))


def subscribe(company: Company, deal: Deal, items: list[Item] | None = None) -> None:
    """The subscription a deal asks for, with its own items unless others are given."""
    subscription = create(company, deal.customer, items or items_of(deal), deal=deal, starts_at=deal.starts_at)
    enter(company, subscription)


def _plan_first_deal(company: Company, customer: Customer, life: Life) -> None:
    rng = customer.rng
    deal = Deal(customer=customer, lines=lines_of(life), starts_at=life.starts_at)
    opens_at = max(company.now + timedelta(seconds=30), life.starts_at - timedelta(seconds=life.lead_s))
    room_s = int((life.starts_at - opens_at).total_seconds())
    # Won at the latest an hour before the start, so that billing has it in time.
    wins_at = opens_at + timedelta(seconds=max(60, min(room_s - 3600, rng.randint(room_s // 3, room_s - room_s // 10))))
    sell(company, deal, opens_at=opens_at, wins_at=wins_at)


def _sign_up(company: Company, customer: Customer, life: Life) -> None:
    register(company, customer)
    items = [
        Item(product=line.product, quantity=line.quantity, unit_minor=line.product.prices[life.currency])
        for line in lines_of(life)
    ]
    subscription = create(company, customer, items, deal=None, starts_at=company.now)
    subscription.coupon_percent, subscription.coupon_terms = life.coupon_percent, life.coupon_terms
    company.later(customer.rng, (5, 30), lambda: enter(company, subscription))


def _happens(company: Company, customer: Customer, happening: Happening) -> Callable[[], None]:
    return lambda: happening(company, customer)
