"""What customers do with the product: events, some late, some delivered twice, and their push to billing.

Every event of a period has arrived before the period's usage is pushed.
"""

from datetime import datetime, timedelta

from sync_assets.sandbox.company.company import Company, random_id
from sync_assets.sandbox.company.days import unix
from sync_assets.sandbox.company.nouns import Item, Subscription

_LATE_S = (600, 5 * 3600)
_PROMPT_S = (1, 120)
_AGAIN_S = (30, 1800)


def use(company: Company, subscription: Subscription) -> None:
    """Plan the events of the current term of a metered subscription."""
    if subscription.metered_item is not None:
        company.step("product.use", subscription.customer, subscription, lambda: _plan_events(company, subscription))


def _plan_events(company: Company, subscription: Subscription) -> None:
    rng = subscription.customer.rng
    span_s = unix(subscription.term_end) - unix(subscription.term_start)
    for _ in range(rng.randint(8, 12)):
        happened_at = subscription.term_start + timedelta(seconds=rng.randrange(span_s))
        plan_event(company, subscription, happened_at, late=rng.random() < 0.06, twice=rng.random() < 0.05)


def plan_event(
    company: Company, subscription: Subscription, happened_at: datetime, *, late: bool = False, twice: bool = False
) -> str:
    """One event at an instant: delivered soon after, or hours later, or a second time; returns its id."""
    rng = subscription.customer.rng
    units = rng.randint(40, 900)
    event_id = random_id(rng, "req-", 10)
    event = {
        "id": event_id,
        "source": "api-gateway",
        "specversion": "1.0",
        "type": "api.call",
        "subject": subscription.id,
        "time": happened_at,
        "data": {"units": units, "route": rng.choice(("/v1/search", "/v1/render", "/v1/export"))},
    }
    delay = timedelta(seconds=rng.randint(*(_LATE_S if late else _PROMPT_S)))

    def arrive() -> None:
        subscription.usage.append((happened_at, units))
        company.systems.product.put("events", event)

    arrives_at = max(happened_at + delay, company.now)
    company.agenda.at(arrives_at, arrive)
    if twice:
        again_at = arrives_at + timedelta(seconds=rng.randint(*_AGAIN_S))
        company.agenda.at(again_at, lambda: company.systems.product.put("events", event))
    return event_id


def metered_units(subscription: Subscription, over: tuple[datetime, datetime]) -> int:
    """The units that happened in a period, as far as they have arrived."""
    return sum(units for happened_at, units in subscription.usage if over[0] <= happened_at < over[1])


class UsagePush:
    """What the product is about to report to billing for one period; a deviation may change `units`."""

    def __init__(self, subscription: Subscription, over: tuple[datetime, datetime], units: int) -> None:
        self.subscription, self.over, self.units = subscription, over, units
        self.id = f"usg_{subscription.id[4:]}_{over[0]:%Y%m%d}"


def push_usage(
    company: Company, subscription: Subscription, item: Item, over: tuple[datetime, datetime]
) -> tuple[int, str]:
    """Report a period's units to billing; returns the units reported and the id of billing's usage record."""
    customer = subscription.customer
    push = UsagePush(subscription, over, metered_units(subscription, over))

    def report() -> None:
        if push.units == 0:
            return
        record = {
            "id": push.id,
            "subscription_id": subscription.id,
            "item_price_id": item.product.price_id(customer.currency),
            "usage_date": unix(over[1]) - 1,
            "quantity": str(push.units),
            "note": "api_calls",
        }
        company.systems.billing.put("usages", record)

    company.step("product.push_usage", customer, push, report)
    return push.units, push.id
