"""Stories of what customers may use and did use: F31, F34, and what only looks like them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sync_assets_tests.second.billing import Item
from sync_assets_tests.second.customer import morning, seconds
from sync_assets_tests.second.invoicing import NOV, OCT, SEP, Odd, a_life
from sync_assets_tests.second.plain import Life, ordinary, seats
from sync_assets_tests.second.town import Town

FI_USAGE = ("FI", "product->billing")


def cancelled(life: Life, day: date, *, access_ends: datetime | None, at: datetime | None = None) -> None:
    """The subscription ends on a day; access does when the story says so."""
    town, when = life.customer.town, at or morning(day)
    town.at(when, "chargebee", "subscriptions", {
        "id": life.subscription.record_id, "status": "cancelled", "cancelled_at": seconds(when), "mrr": 0,
        "cancel_reason": None, "current_term_end": seconds(when), "next_billing_at": None,
    })  # fmt: skip
    town.at(when, "salesforce", "contracts", {
        "Id": _contract(life), "EndDate": day - timedelta(days=1), "Status": "Expired",
    })  # fmt: skip
    if access_ends:
        town.at(access_ends, "product", "entitlements", {
            "id": f"ent-{life.subscription.record_id}", "subjectKey": life.subscription.record_id,
            "featureKey": "console", "activeTo": access_ends.isoformat(),
        })  # fmt: skip


def _shorten(life: Life) -> None:
    """The contract ends with November by agreement."""
    shorter = {"Id": _contract(life), "EndDate": date(2026, 11, 30)}
    life.customer.town.at(morning(date(2026, 11, 9)), "salesforce", "contracts", shorter)


def _contract(life: Life) -> str:
    for _at, _system, stream, record in life.customer.town.plan:
        if stream == "contracts" and record.get("Opportunity__c") == life.deal:
            return str(record["Id"])
    raise AssertionError


def access(life: Life) -> str:
    """The entity of a subscription's access: the entitlement, which the product owns."""
    return f"product:ent-{life.subscription.record_id}"


def zombies(town: Town) -> None:
    """F31: the subscription ended, access did not."""
    day = date(2026, 11, 1)
    life = a_life(town, "Zombie Access", until=date(2026, 10, 31))
    cancelled(life, day, access_ends=None)
    # 400.00 a month; 19 1/2 of November's 30 days, from the first at half past nine: 400.00 x 19.1/30 = 254.72.
    town.expect("F31", access(life), ("PR", "billing->product"), ("LEAK", "EUR", 25_700), 600)
    yen = a_life(
        town, "Zombie Yen", items=seats(8, 6000), currency="JPY", entity="borealis_us", until=date(2026, 9, 30)
    )
    cancelled(yen, OCT, access_ends=None)
    # 48,000 a month, October and 0.65 of November: 79,200.
    town.expect("F31", access(yen), ("PR", "billing->product"), ("LEAK", "JPY", 79_200), 1_500)


def still_entitled(town: Town) -> None:
    """Twins of F31: cut on time, to end with the paid term, cancelled an hour ago."""
    gone = a_life(town, "Cut In Time", until=date(2026, 10, 31))
    cancelled(gone, NOV, access_ends=morning(NOV, 9, 32))
    leaving = a_life(town, "Leaving")
    town.at(morning(date(2026, 11, 10)), "chargebee", "subscriptions", {
        "id": leaving.subscription.record_id, "status": "non_renewing", "next_billing_at": None,
        "cancelled_at": seconds(morning(date(2026, 12, 1))),
        "cancel_schedule_created_at": seconds(morning(date(2026, 11, 10))),
    })  # fmt: skip
    _shorten(leaving)
    paid_on = a_life(town, "Paid Through")
    town.at(morning(date(2026, 11, 12)), "chargebee", "subscriptions", {
        "id": paid_on.subscription.record_id, "status": "non_renewing", "next_billing_at": None,
        "cancelled_at": seconds(morning(date(2026, 12, 1))),
    })  # fmt: skip
    _shorten(paid_on)
    town.at(morning(date(2026, 11, 12), 10), "product", "entitlements", {
        "id": f"ent-{paid_on.subscription.record_id}", "subjectKey": paid_on.subscription.record_id,
        "featureKey": "console",
        "activeTo": "2026-12-01T09:30:00+00:00",
    })  # fmt: skip


CALLS = Item(code="calls-m", unit=2)


def used(life: Life, calls: dict[datetime, int], *, stored: datetime | None = None) -> None:
    """Events of the product, at their own time or all at once later."""
    for at, count in calls.items():
        number = life.customer.town.number("event", 1)
        life.customer.town.at(stored or at + timedelta(seconds=4), "product", "events", {
            "id": f"req-{number:06d}", "source": "api-gateway-eu", "type": "api-call", "specversion": "1.0",
            "subject": life.subscription.record_id, "time": at.isoformat(),
            "data": {"calls": str(count), "region": "eu-north-1", "path": "/v2/jobs"},
        })  # fmt: skip


def metered(name: str, town: Town, billed: dict[date, int], **odd: Any) -> Life:
    """A life with calls; `billed` says how many calls of the month before are on a month's invoice."""

    def with_usage(life: Life, day: date) -> None:
        starts, ends = life.subscription.period(day)
        lines = [life.subscription.line(life.subscription.items[0], starts, ends)]
        count = billed.get(day, 0)
        if count:
            before = life.subscription.period(day - timedelta(days=1))[0]
            lines.append(life.subscription.line(Item(code="calls-m", quantity=count, unit=2), before, starts))
            _usage_record(life, day, count)
        ordinary(life, day, lines=lines)

    tales: dict[date, Odd] = dict.fromkeys((SEP, OCT, NOV), with_usage)
    return a_life(town, name, tales, items=[*seats(10, 4000), CALLS], **odd)


def _usage_record(life: Life, day: date, count: int) -> None:
    at = morning(day, 9, 10)
    life.customer.town.at(at, "chargebee", "usages", {
        "id": f"us_{life.customer.town.number('usage', 900)}", "subscription_id": life.subscription.record_id,
        "item_price_id": "calls-m-EUR", "quantity": str(count), "usage_date": seconds(at - timedelta(hours=1)),
        "note": "October", "source": "api",
    })  # fmt: skip


def at_noon(month: int, day: int) -> datetime:
    """Noon of a day of the year."""
    return datetime(2026, month, day, 12, tzinfo=UTC)


def unbilled(town: Town) -> None:
    """F34: measured and not, or not wholly, on the invoice."""
    short = metered("Short Usage", town, {OCT: 5_000, NOV: 5_000})
    used(short, {at_noon(9, 10): 5_000, at_noon(10, 5): 4_000, at_noon(10, 20): 3_500})
    # 7,500 used in October, 5,000 billed: 2,500 x 0.02 = 50.00.
    town.expect("F34", f"chargebee:{short.subscription.record_id}", FI_USAGE, ("LEAK", "EUR", 5_000))
    none = metered("No Usage Line", town, {OCT: 2_000})
    used(none, {at_noon(9, 12): 2_000, at_noon(10, 8): 6_000})
    # 6,000 x 0.02 = 120.00.
    town.expect("F34", f"chargebee:{none.subscription.record_id}", FI_USAGE, ("LEAK", "EUR", 12_000))


def billed(town: Town) -> None:
    """Twins of F34: all billed, this month's, billed late with the next month's, and nothing used."""
    whole = metered("All Usage", town, {OCT: 1_200, NOV: 900})
    used(whole, {at_noon(9, 3): 1_200, at_noon(10, 30): 900, at_noon(11, 6): 4_321})
    late = metered("Late Usage", town, {OCT: 1_000, NOV: 1_700})
    used(late, {at_noon(9, 9): 1_000, at_noon(10, 9): 1_500})
    # 200 calls of September were stored on October 3, after the invoice of October 1; November's has them.
    used(late, {at_noon(9, 30): 200}, stored=at_noon(10, 3))
    metered("Nothing Used", town, {})


def tell(town: Town) -> None:
    """All of them."""
    for story in (zombies, still_entitled, unbilled, billed):
        story(town)
