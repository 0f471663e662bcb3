"""An ordinary customer's life, as one call: it signs, subscribes, is billed, booked and pays, month after month."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sync_assets_tests.second.billing import Bill, Item, Subscription, month_after
from sync_assets_tests.second.catalogue import PRODUCTS, major
from sync_assets_tests.second.customer import Customer, Line
from sync_assets_tests.second.ledger import book
from sync_assets_tests.second.money import Paid, pay_by_card
from sync_assets_tests.second.town import NOW


@dataclass(kw_only=True)
class Life:
    """What came of a customer: its subscription and, by the first day of the period, what was billed and paid."""

    customer: Customer
    subscription: Subscription
    deal: str
    bills: dict[date, Bill] = field(default_factory=dict)
    booked: dict[date, int] = field(default_factory=dict)
    paid: dict[date, Paid] = field(default_factory=dict)


def lines_of(items: list[Item], currency: str) -> list[Line]:
    """The deal that says the same as the items."""
    return [
        Line(code=item.code, quantity=item.quantity, price=major(item.unit or 0, currency))
        for item in items
        if not PRODUCTS[item.code].metered
    ]


def live(
    customer: Customer,
    starts: date,
    items: list[Item],
    *,
    odd: dict[date, Callable[[Life, date], None]] | None = None,
    **fields: Any,
) -> Life:
    """A life from a day on; `odd` days are told by the story instead of the ordinary bill, booking and payment."""
    months = PRODUCTS[items[0].code].months
    tax = fields.pop("tax_percent", 0)
    until = fields.pop("until", NOW.date())
    signs = fields.pop("lines", None) or lines_of(items, customer.currency)
    deal = customer.sign(starts, *signs) if "crm" not in customer.without else ""
    subscription = Subscription(
        customer=customer, starts=starts, items=items, deal=deal or None, months=months, **fields
    )  # fmt: skip
    life = Life(customer=customer, subscription=subscription, deal=deal)
    day = starts
    while day <= until:
        if day > starts:
            subscription.renew(day)
        tale = (odd or {}).get(day)
        if tale:
            tale(life, day)
        else:
            ordinary(life, day, tax_percent=tax)
        day = month_after(day, months)
    return life


def ordinary(life: Life, day: date, **fields: Any) -> None:
    """Bill, book, pay."""
    bill = life.subscription.bill(day, **fields)
    life.bills[day] = bill
    life.booked[day] = book(bill)
    life.paid[day] = pay_by_card(bill, life.booked[day])


def seats(count: int, unit: int, code: str = "atlas-m") -> list[Item]:
    """So many seats of a plan."""
    return [Item(code=code, quantity=count, unit=unit)]


def money(amount: str) -> Decimal:
    """A price as people write it."""
    return Decimal(amount)
