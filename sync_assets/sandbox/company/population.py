"""Ordinary customers: a mix of countries, plans and habits drawn from the seed, and prospects who never buy."""

from datetime import datetime, timedelta
from random import Random

from sync_assets.sandbox.company import crm
from sync_assets.sandbox.company.catalogue import DE, JP, US, LegalEntity
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of, midnight
from sync_assets.sandbox.company.happenings import (
    adjust,
    buy_more,
    charge_back,
    decline_next,
    expand,
    grant_goodwill,
    leave,
    refund_part,
)
from sync_assets.sandbox.company.lives import Happening, Life, begin, lines_of
from sync_assets.sandbox.company.nouns import Customer, Deal
from sync_assets.sandbox.company.rates import TAX_PERCENT

Place = tuple[LegalEntity, str, str]

PLACES: tuple[Place, ...] = ((US, "USD", "US"), (DE, "EUR", "DE"), (DE, "GBP", "GB"), (JP, "JPY", "JP"))
_WEIGHTS = (9, 6, 2, 3)
_CARD_HABITS: tuple[tuple[float, Happening], ...] = (
    (0.10, decline_next(1)),
    (0.07, refund_part),
    (0.03, charge_back),
    (0.05, grant_goodwill),
)
_DEAL_HABITS: tuple[tuple[float, Happening], ...] = ((0.35, expand(5)), (0.06, buy_more))


def ordinary_life(company: Company, rng: Random) -> Life:
    """A customer as most are, beginning somewhere in the prepared history."""
    place = rng.choices(PLACES, weights=_WEIGHTS)[0]
    self_serve = rng.random() < 0.15
    annual = not self_serve and rng.random() < 0.3
    by_card = self_serve or rng.random() < 0.7
    starts_at = start_in_history(company, rng, place[0], self_serve=self_serve)
    gets_coupon = self_serve and rng.random() < 0.4
    return Life(
        starts_at=starts_at,
        entity=place[0],
        currency=place[1],
        country=place[2],
        seats=rng.randint(2, 6) if self_serve else rng.randint(5, 60),
        annual=annual,
        support=not self_serve and rng.random() < 0.4,
        metered=not annual and rng.random() < 0.45,
        self_serve=self_serve,
        pays_by="card" if by_card else "transfer",
        discount_percent=0 if self_serve else rng.choice((0, 0, 5, 10, 15, 20)),
        shows_discount=rng.random() < 0.5,
        coupon_percent=rng.choice((10, 25)) if gets_coupon else 0,
        coupon_terms=3 if gets_coupon else 0,
        short_ids=rng.random() < 0.2,
        tax_free=place[2] == "US" and rng.random() < 0.3,
        lead_s=rng.randint(10, 40) * 86_400,
        happenings=_habits(company, rng, starts_at, by_card=by_card, self_serve=self_serve),
    )


def populate(company: Company, count: int) -> list[Customer]:
    """So many ordinary customers, every sixth the child of one of its legal entity that came well before it."""
    drawn = [Random(f"life/{company.seed}/{number}") for number in range(count)]
    lives = sorted(((ordinary_life(company, rng), rng) for rng in drawn), key=lambda pair: pair[0].starts_at)
    found: list[tuple[Life, Customer]] = []
    for life, rng in lives:
        parents = [customer for earlier, customer in found if _may_parent(earlier, life)]
        is_child = bool(parents) and not life.self_serve and rng.random() < 0.17
        found.append((life, begin(company, life, parent=rng.choice(parents) if is_child else None)))
    return [customer for _, customer in found]


def _may_parent(earlier: Life, life: Life) -> bool:
    same = earlier.entity is life.entity and earlier.currency == life.currency
    return same and not earlier.self_serve and earlier.starts_at + timedelta(days=45) < life.starts_at


def start_in_history(company: Company, rng: Random, entity: LegalEntity, *, self_serve: bool = False) -> datetime:
    """An instant between the company's opening and ten days ago; sales-led starts fall on a local midnight."""
    span_s = int((company.today_at - company.opens_at).total_seconds())
    instant = company.opens_at + timedelta(seconds=rng.randint(3 * 86_400, max(span_s - 10 * 86_400, 4 * 86_400)))
    return instant.replace(microsecond=0) if self_serve else midnight(day_of(instant, entity.zone), entity.zone)


def prospect(company: Company, rng: Random, known: list[Customer]) -> None:
    """Somebody who talks to sales and does not buy; one in four turns out to be a known customer and is merged."""
    place = rng.choices(PLACES, weights=_WEIGHTS)[0]
    starts_at = start_in_history(company, rng, place[0])
    life = Life(starts_at=starts_at, entity=place[0], currency=place[1], country=place[2], seats=rng.randint(5, 40))
    customer = Customer(
        number=0,
        profile=company.registry.profile(place[2]),
        entity=place[0],
        currency=place[1],
        tax_percent=TAX_PERCENT[place[2]],
        rng=rng,
    )
    deal = Deal(customer=customer, lines=lines_of(life), starts_at=starts_at + timedelta(days=60))

    def open_deal() -> None:
        crm.open_account(company, customer)
        crm.propose(company, deal)
        if rng.random() < 0.7:
            company.later(rng, (86_400, 30 * 86_400), lambda: crm.lose(company, deal))
        if rng.random() < 0.25:
            company.later(rng, (31 * 86_400, 40 * 86_400), merge)

    def merge() -> None:
        winners = [each for each in known if each.account_id and each.entity is customer.entity]
        if winners:
            company.systems.crm.merge(customer.account_id, rng.choice(winners).account_id)

    company.agenda.at(starts_at, open_deal)


def _habits(
    company: Company, rng: Random, starts_at: datetime, *, by_card: bool, self_serve: bool
) -> tuple[tuple[datetime, Happening], ...]:
    habits = (*(_CARD_HABITS if by_card else ((0.1, adjust),)), *(() if self_serve else _DEAL_HABITS))
    if rng.random() < (0.2 if self_serve else 0.1):
        habits = (*habits, (1.0, leave))
    span_s = int((company.today_at - starts_at).total_seconds())
    return tuple(
        (starts_at + timedelta(seconds=rng.randint(span_s // 5, span_s)), happening)
        for share, happening in habits
        if rng.random() < share
    )
