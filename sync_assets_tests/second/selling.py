"""Stories of deals that did not become what was agreed: F3, F11, F12, F20, and what only looks like them."""

from datetime import date, timedelta
from decimal import Decimal

from sync_assets_tests.second.billing import Item, Subscription
from sync_assets_tests.second.customer import Customer, Line, morning
from sync_assets_tests.second.ledger import book
from sync_assets_tests.second.money import credit
from sync_assets_tests.second.plain import Life, live, money, ordinary, seats
from sync_assets_tests.second.town import NOW, Town

RO = ("RO", "crm->billing")


def _customer(town: Town, name: str, since: date, **fields: object) -> Customer:
    return Customer(town=town, name=name, since=since, **fields)  # type: ignore[arg-type]


def never_subscribed(town: Town) -> None:
    """F11."""
    customer = _customer(town, "Sold Not Billed", date(2026, 9, 1))
    deal = customer.sign(date(2026, 9, 1), Line(code="atlas-m", quantity=12, price=money("40.00")))
    # 12 x 40.00 = 480.00 a month; September, October and 19 1/2 of 30 days of November: 480.00 x 2.65 = 1,272.00.
    town.expect("F11", f"salesforce:{deal}", RO, ("LEAK", "EUR", 127_200), 2_000)
    yen = _customer(town, "Sold In Yen", date(2026, 10, 1), currency="JPY", entity="borealis_us", without=("billing",))
    deal = yen.sign(date(2026, 10, 1), Line(code="atlas-q", quantity=30, price=money("9000")))
    # 30 x 9,000 a quarter = 90,000 a month; October and 0.65 of November: 148,500. By days 50.5/92 of 270,000: 148,207.
    town.expect("F11", f"salesforce:{deal}", RO, ("LEAK", "JPY", 148_400), 2_000)


def rightly_unsubscribed(town: Town) -> None:
    """Twins of F11: won yesterday, to begin in December, one-time work, lost, named by its short id."""
    line = Line(code="atlas-m", quantity=5, price=money("40.00"))
    yesterday = NOW - timedelta(hours=20)
    _customer(town, "Won Yesterday", date(2026, 11, 15)).sign(date(2026, 11, 19), line, signed=yesterday)
    _customer(town, "Begins December", date(2026, 11, 1)).sign(
        date(2026, 12, 15), line, signed=morning(date(2026, 11, 2))
    )
    _customer(town, "Lost Deal", date(2026, 8, 1)).sign(date(2026, 8, 1), line, stage="Closed Lost")
    once = _customer(town, "Only Onboarding", date(2026, 8, 1))
    once.sign(date(2026, 8, 1), Line(code="onboarding", price=money("500.00")))
    live(_customer(town, "Short Id", date(2026, 9, 1), short_id=True), date(2026, 9, 1), seats(5, 4000))


def other_prices(town: Town) -> None:
    """F12."""
    under = live(
        _customer(town, "Under Price", date(2026, 8, 1)), date(2026, 8, 1), seats(20, 3500),
        lines=[Line(code="atlas-m", quantity=20, price=money("40.00"))],
    )  # fmt: skip
    # 5.00 x 20 = 100.00 a month: August to October and 0.65 of November accrued 365.00.
    town.expect("F12", f"chargebee:{under.subscription.record_id}", RO, ("LEAK", "EUR", 36_500), 500)
    over = live(
        _customer(town, "Over Price", date(2026, 6, 1), currency="KWD", entity="borealis_us"), date(2026, 6, 1),
        [*seats(4, 12_500, "atlas-y"), Item(code="boost-y", quantity=10, unit=1300)],
        lines=[Line(code="atlas-y", quantity=4, price=money("125.000")),
               Line(code="boost-y", quantity=10, price=money("12.500"))],
    )  # fmt: skip
    # 0.500 x 10 = 5.000 KWD a year, 172.5 of 365 days gone: 2.363 KWD.
    town.expect("F12", f"chargebee:{over.subscription.record_id}", RO, ("OVER", "KWD", 2_363), 40)


def same_prices_said_otherwise(town: Town) -> None:
    """Twins of F12: a discount in the deal and net in billing, tiers with an average, a coupon, two items of a plan."""
    day = date(2026, 9, 1)
    live(
        _customer(town, "Net Of Discount", day), day, seats(10, 3600),
        lines=[Line(code="atlas-m", quantity=10, price=money("40.00"), discount=Decimal(10))],
    )  # fmt: skip
    live(
        _customer(town, "Average Of Tiers", day), day, [Item(code="fleet-m", quantity=12, amount=11_600)],
        lines=[Line(code="fleet-m", quantity=12, price=money("9.67"))],
    )  # fmt: skip

    def with_coupon(life: Life, first: date) -> None:
        item = life.subscription.items[0]
        starts, ends = life.subscription.period(first)
        line = life.subscription.line(item, starts, ends, discount_amount=4000)
        ordinary(life, first, lines=[line], coupon="TENOFF")

    live(
        _customer(town, "Coupon For List", day), day, seats(10, 4000),
        odd={date(2026, month, 1): with_coupon for month in (9, 10, 11)},
        lines=[Line(code="atlas-m", quantity=10, price=money("40.00"), discount=Decimal(10))],
        fields={"coupons": [{"coupon_id": "TENOFF", "applied_count": 3, "object": "coupon"}], "coupon": "TENOFF"},
    )  # fmt: skip
    live(
        _customer(town, "With Addon", day), day, [*seats(10, 4000), Item(code="boost-m", quantity=3, unit=900)],
    )  # fmt: skip


def twice_subscribed(town: Town) -> None:
    """F20: a replayed webhook made another subscription for the same deal; it is billed too."""
    day = date(2026, 9, 1)
    first = live(_customer(town, "Twice Subscribed", day), day, seats(6, 4000))
    again = _again(first, date(2026, 10, 1), seats(6, 4000))
    # 6 x 40.00 = 240.00 a month, October and 0.65 of November: 396.00.
    town.expect("F20", f"chargebee:{again.record_id}", ("RO", "billing"), ("OVER", "EUR", 39_600), 500)
    yen = live(
        _customer(town, "Twice In Yen", day, currency="JPY", entity="borealis_us"), day, seats(7, 6000)
    )  # fmt: skip
    again = _again(yen, date(2026, 11, 1), seats(7, 6000))
    # 42,000 a month, 0.65 of November: 27,300.
    town.expect("F20", f"chargebee:{again.record_id}", ("RO", "billing"), ("OVER", "JPY", 27_300), 1_000)


def _again(life: Life, starts: date, items: list[Item]) -> Subscription:
    double = Subscription(customer=life.customer, starts=starts, items=items, deal=life.deal)
    other = Life(customer=life.customer, subscription=double, deal=life.deal)
    day = starts
    while day <= NOW.date():
        if day > starts:
            double.renew(day)
        ordinary(other, day)
        day = date(day.year, day.month + 1, 1)
    return double


def rightly_twice(town: Town) -> None:
    """Twins of F20: a deal split over two subscriptions, a double cancelled and credited, a replaced one."""
    day = date(2026, 9, 1)
    split = _customer(town, "Split Deal", day)
    deal = split.sign(
        day, Line(code="atlas-m", quantity=6, price=money("40.00")), Line(code="desk-m", price=money("150.00"))
    )
    for items in (seats(6, 4000), [Item(code="desk-m", unit=15_000)]):
        life = Life(
            customer=split, deal=deal, subscription=Subscription(customer=split, starts=day, items=items, deal=deal)
        )
        for month in (9, 10, 11):
            if month > 9:
                life.subscription.renew(date(2026, month, 1))
            ordinary(life, date(2026, month, 1))
    one = live(_customer(town, "Double Undone", day), day, seats(4, 4000))
    double = Subscription(
        customer=one.customer, starts=date(2026, 10, 1), items=seats(4, 4000), deal=one.deal, access=False
    )
    bill = double.bill(date(2026, 10, 1))
    credit(bill, morning(date(2026, 10, 1), 12), book(bill), lines=bill.lines, kind="adjustment")
    town.at(morning(date(2026, 10, 1), 12, 5), "chargebee", "subscriptions", {
        "id": double.record_id, "status": "cancelled",
        "cancelled_at": int(morning(date(2026, 10, 1), 12, 5).timestamp()),
        "cancel_reason": None, "current_term_end": int(morning(date(2026, 10, 1), 12, 5).timestamp()),
        "next_billing_at": None, "mrr": 0,
    })  # fmt: skip


def strangers(town: Town) -> None:
    """F3 and its twins."""
    day = date(2026, 9, 1)
    unknown = live(
        _customer(town, "Unknown To Sales", day, without=("crm",), billing_fields={
            "cf_salesforce_account_id": None, "vat_number": None, "email": "ops@unknown-to-sales.example",
        }), day, seats(5, 4000),
    )  # fmt: skip
    # 5 x 40.00 a month.
    town.expect("F3", f"chargebee:{unknown.customer.billing_id}", RO, ("CONTROL", "EUR", 20_000))
    # Nobody sold it, so the subscription has no deal either.
    town.also.add(("F19", f"chargebee:{unknown.subscription.record_id}"))
    live(
        _customer(town, "Self Serve", day, without=("crm",), billing_fields={
            "cf_salesforce_account_id": None, "cf_source": "self_serve",
        }), day, seats(2, 4000),
    )  # fmt: skip
    live(
        _customer(town, "Known By Tax Id", day, billing_fields={"cf_salesforce_account_id": None}), day, seats(2, 4000)
    )  # fmt: skip


def tell(town: Town) -> None:
    """All of them."""
    for story in (
        never_subscribed, rightly_unsubscribed, other_prices, same_prices_said_otherwise, twice_subscribed,
        rightly_twice, strangers,
    ):  # fmt: skip
        story(town)
