"""Stories of invoices: F17, F46, F49, F50, F51, F75, and what only looks like them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sync_assets_tests.second.billing import Item
from sync_assets_tests.second.billing import bill as issue
from sync_assets_tests.second.customer import Customer, Line, morning, seconds
from sync_assets_tests.second.ledger import book
from sync_assets_tests.second.money import credit, pay_by_card, pay_by_transfer
from sync_assets_tests.second.plain import Life, live, money, ordinary, seats
from sync_assets_tests.second.town import NOW, Town

SEP, OCT, NOV = (date(2026, month, 1) for month in (9, 10, 11))
FI_BILLING, FI_ERP, FI_LEDGER = ("FI", "billing"), ("FI", "billing->erp"), ("FI", "erp->ledger")
Odd = Callable[[Life, date], None]


def a_life(town: Town, name: str, odd: dict[date, Odd] | None = None, **fields: Any) -> Life:
    """Ten seats at 40.00 EUR since September, unless said otherwise."""
    about = {key: fields.pop(key) for key in ("currency", "entity", "billing_fields") if key in fields}
    items = fields.pop("items", None) or seats(10, 4000)
    return live(Customer(town=town, name=name, since=SEP, **about), SEP, items, odd=odd, **fields)


def voided(life: Life, number: str, at: Any) -> None:
    """Billing voids an invoice."""
    life.customer.town.at(at, "chargebee", "invoices", {
        "id": number, "status": "voided", "voided_at": seconds(at), "void_reason_code": "Wrong", "amount_due": 0,
    })  # fmt: skip


def stale(town: Town) -> None:
    """F17: the upgrade was known before the bill run, and the bill run took the old version."""
    up = date(2026, 9, 15)

    def old_seats(count: int, unit: int) -> Odd:
        def told(life: Life, day: date) -> None:
            starts, ends = life.subscription.period(day)
            line = life.subscription.line(Item(code="atlas-m", quantity=count, unit=unit), starts, ends)
            ordinary(life, day, lines=[line])

        return told

    for name, changed, billed, kind, worth in (
        # 20 seats agreed, 10 billed in October: 10 x 40.00 = 400.00.
        ("Stale Seats", seats(20, 4000), old_seats(10, 4000), "LEAK", 40_000),
        # 35.00 agreed from mid September on, 40.00 billed in October for 10 seats: 50.00.
        ("Stale Price", seats(10, 3500), old_seats(10, 4000), "OVER", 5_000),
    ):
        life = a_life(town, name, {OCT: billed})
        _upgrade(life, up, changed)
        # November's bill run took the old version again.
        for day in (OCT, NOV):
            town.expect("F17", f"chargebee:{life.bills[day].number}", ("RO", "billing"), (kind, "EUR", worth))


def _upgrade(life: Life, day: date, items: list[Item]) -> None:
    """The same in CRM and billing; the rest of the running month is billed or credited by days."""
    subscription, before = life.subscription, life.subscription.items[0]
    after = items[0]
    life.customer.amend(
        morning(day, 8), life.deal,
        Line(code=after.code, quantity=after.quantity, price=money(f"{(after.unit or 0) / 100:.2f}")),
        effective=day, before=before.quantity,
    )  # fmt: skip
    town = life.customer.town
    subscription.items = items
    # What was planned for later days shows the new items; renewals were planned with the old ones.
    for index, (at, system, stream, record) in enumerate(town.plan):
        if stream == "subscriptions" and record.get("id") == subscription.record_id and at > morning(day):
            fresh = subscription.record(at)
            town.plan[index] = (at, system, stream, {**record, **fresh})
    town.at(morning(day), "chargebee", "subscriptions", subscription.record(morning(day)))
    rest = after.charged - before.charged
    starts, ends = day, subscription.period(day)[1]
    # 16 of September's 30 days are left.
    part = rest * (ends - starts).days // 30
    added = abs(after.quantity - before.quantity) or after.quantity
    line = subscription.line(
        Item(code=after.code, quantity=added, unit=after.unit, amount=part),
        starts, ends, description="Prorated",
    )  # fmt: skip
    if part > 0:
        bill = subscription.bill(day, lines=[line], number=f"BI-26-P{town.number('prorated', 100)}")
        pay_by_transfer(bill, book(bill))


def fresh(town: Town) -> None:
    """Twins of F17: upgraded, prorated and billed anew; an upgrade known only after the bill; an upgrade to come."""

    def told_new(count: int) -> Odd:
        def told(life: Life, day: date) -> None:
            starts, ends = life.subscription.period(day)
            line = life.subscription.line(Item(code="atlas-m", quantity=count, unit=4000), starts, ends)
            ordinary(life, day, lines=[line])

        return told

    good = a_life(town, "Upgraded Well", {OCT: told_new(15), NOV: told_new(15)})
    _upgrade(good, date(2026, 9, 15), seats(15, 4000))
    late = a_life(town, "Known Too Late")
    _upgrade(late, date(2026, 11, 16), seats(12, 4000))
    waiting = a_life(town, "Scheduled Change")
    town.at(morning(date(2026, 11, 10)), "chargebee", "subscriptions", {
        "id": waiting.subscription.record_id, "has_scheduled_changes": True,
    })  # fmt: skip


def billed_twice(town: Town) -> None:
    """F46: one period on two invoices, and one position twice on one invoice."""

    def second_invoice(life: Life, day: date) -> None:
        ordinary(life, day, tax_percent=19)
        starts, ends = life.subscription.period(day)
        again = life.subscription.bill(
            day + timedelta(days=2),
            lines=[life.subscription.line(life.subscription.items[0], starts, ends)],
            tax_percent=19,
        )
        book(again)
        # 10 x 40.00 and 19 % tax once more: 476.00.
        town.expect("F46", f"chargebee:{again.number}", FI_BILLING, ("OVER", "EUR", 47_600))

    a_life(town, "Billed Again", {OCT: second_invoice}, tax_percent=19)

    def two_lines(life: Life, day: date) -> None:
        starts, ends = life.subscription.period(day)
        item = life.subscription.items[0]
        lines = [life.subscription.line(item, starts, ends) for _ in range(2)]
        ordinary(life, day, lines=lines)
        # 8 x 6,000 once more.
        town.expect("F46", f"chargebee:{life.bills[day].number}", FI_BILLING, ("OVER", "JPY", 48_000))

    a_life(town, "Two Lines", {NOV: two_lines}, items=seats(8, 6000), currency="JPY", entity="borealis_us")


def rightly_twice(town: Town) -> None:
    """Twins of F46: the double is voided, or credited whole; two sub-periods of an addon in one month."""

    def again(life: Life, day: date) -> Any:
        ordinary(life, day)
        starts, ends = life.subscription.period(day)
        return life.subscription.bill(
            day + timedelta(days=1), lines=[life.subscription.line(life.subscription.items[0], starts, ends)]
        )

    def then_void(life: Life, day: date) -> None:
        double = again(life, day)
        number, at = book(double), morning(day + timedelta(days=3))
        voided(life, double.number, at)
        void_in_erp(town, number, at + timedelta(minutes=20))

    def then_credit(life: Life, day: date) -> None:
        double = again(life, day)
        credit(double, morning(day + timedelta(days=2)), book(double), lines=double.lines, kind="adjustment")

    def two_parts(life: Life, day: date) -> None:
        starts, ends = life.subscription.period(day)
        plan, addon = life.subscription.items
        middle = starts + timedelta(days=14)
        # 14 and 16 of November's 30 days: 900 x 30 x 14/30, 900 x 30 x 16/30.
        parts = [(30, 12_600, starts, middle), (30, 14_400, middle, ends)]
        lines = [life.subscription.line(plan, starts, ends)] + [
            life.subscription.line(Item(code=addon.code, quantity=n, unit=900, amount=worth), since, until)
            for n, worth, since, until in parts
        ]
        ordinary(life, day, lines=lines)

    a_life(town, "Double Voided", {OCT: then_void})
    a_life(town, "Double Credited", {OCT: then_credit})
    a_life(
        town, "Addon In Parts", {NOV: two_parts}, items=[*seats(10, 4000), Item(code="boost-m", quantity=30, unit=900)]
    )


def void_in_erp(town: Town, number: int, at: Any) -> None:
    """The ERP voids a document: it stays, with no amounts, and its ledger lines are nil."""
    town.at(at, "netsuite", "transaction", {
        "id": number, "status": "V", "voided": "T", "foreigntotal": 0, "foreignamountunpaid": 0, "memo": "VOID",
    })  # fmt: skip
    for _at, _system, stream, record in list(town.plan):
        if stream == "transactionaccountingline" and record["transaction"] == number:
            zero = {"amount": 0, "debit": 0, "credit": None}
            keys = {key: record[key] for key in ("transaction", "transactionline")}
            town.at(at, "netsuite", stream, {**keys, **zero})
        if stream == "transactionline" and record["transaction"] == number:
            town.at(at, "netsuite", stream, {
                "transaction": number, "id": record["id"], "foreignamount": 0, "netamount": 0,
            })  # fmt: skip


def wrong_sums(town: Town) -> None:
    """F49: the header is not what its lines say."""

    def more(life: Life, day: date) -> None:
        bill = life.subscription.bill(day, tax_percent=19, total=48_100)
        pay_by_transfer(bill, book(bill))
        # Lines and tax come to 400.00 + 76.00 = 476.00, the header says 481.00.
        town.expect("F49", f"chargebee:{bill.number}", ("DE", "billing"), ("MISSTATE", "EUR", 500))

    def other_tax(life: Life, day: date) -> None:
        bill = life.subscription.bill(day, tax=300, total=60_300)
        pay_by_transfer(bill, book(bill))
        # Ten seats at 6,000 without tax on any line, 300 of tax in the header.
        town.expect("F49", f"chargebee:{bill.number}", ("DE", "billing"), ("MISSTATE", "JPY", 300))

    a_life(town, "Header Says More", {NOV: more}, tax_percent=19)
    a_life(town, "Header Has Tax", {NOV: other_tax}, items=seats(10, 6000), currency="JPY", entity="borealis_us")


def right_sums(town: Town) -> None:
    """Twins of F49: tax included in prices, a coupon on the document, rounding off, credit used."""

    def inclusive(life: Life, day: date) -> None:
        starts, ends = life.subscription.period(day)
        # 400.00 with 19 % inside: 63.87 of tax.
        line = life.subscription.line(life.subscription.items[0], starts, ends)
        bill = life.subscription.bill(day, lines=[line], price_type="tax_inclusive", tax=6387, total=40_000)
        line["tax_amount"] = 6387
        pay_by_transfer(bill, _book_inclusive(bill))

    def off(life: Life, day: date) -> None:
        starts, ends = life.subscription.period(day)
        line = life.subscription.line(life.subscription.items[0], starts, ends, discount_amount=2500)
        ordinary(life, day, lines=[line], coupon="WELCOME25", tax_percent=19)

    def rounded(life: Life, day: date) -> None:
        starts, ends = life.subscription.period(day)
        # 399.90 and 75.98 of tax are 475.88, paid as 475.90.
        lines = [life.subscription.line(life.subscription.items[0], starts, ends)]
        bill = life.subscription.bill(day, lines=lines, tax_percent=19, total=47_590, round_off_amount=2)
        pay_by_transfer(bill, book(bill))

    a_life(town, "Tax Inside", {NOV: inclusive})
    a_life(town, "Document Coupon", {SEP: off, OCT: off, NOV: off}, tax_percent=19)
    a_life(town, "Rounded Off", {NOV: rounded}, items=seats(10, 3999), tax_percent=19)


def _book_inclusive(bill: Any) -> int:
    return book(replace(bill, lines=[{**bill.lines[0], "amount": 33_613}]))


def unlike_in_erp(town: Town) -> None:
    """F50: the ERP has another amount, or an invoice that billing voided."""

    def less(life: Life, day: date) -> None:
        bill = life.subscription.bill(day)
        book(bill, total=39_000)
        # 400.00 against 390.00.
        town.expect("F50", f"chargebee:{bill.number}", FI_ERP, ("MISSTATE", "EUR", 1_000))

    def only_here(life: Life, day: date) -> None:
        bill = life.subscription.bill(day)
        book(bill)
        voided(life, bill.number, morning(day + timedelta(days=4)))
        # Void in billing, open in the ERP: all of 4 x 125.00 + 2 x 12.50 = 525.000 KWD.
        town.expect("F50", f"chargebee:{bill.number}", FI_ERP, ("MISSTATE", "KWD", 525_000))
        good = life.subscription.bill(day + timedelta(days=4))
        life.paid[day] = pay_by_card(good, book(good))

    a_life(town, "Less In Erp", {NOV: less})
    live(
        Customer(town=town, name="Void Here Only", since=SEP, currency="KWD", entity="borealis_us"), SEP,
        [*seats(4, 12_500, "atlas-y"), Item(code="boost-y", quantity=2, unit=1250)], odd={SEP: only_here},
    )  # fmt: skip


def absent_in_erp(town: Town) -> None:
    """F51 and its twins: a draft, nothing to pay, known by its number only, issued an hour ago."""

    def unbooked(life: Life, day: date) -> None:
        bill = life.subscription.bill(day, tax_percent=19)
        town.expect("F51", f"chargebee:{bill.number}", FI_ERP, ("MISSTATE", "EUR", 47_600))  # 400.00 and 19 %

    def unbooked_yen(life: Life, day: date) -> None:
        bill = life.subscription.bill(day)
        number = book(bill, in_ledger=False)
        town.drop(morning(day + timedelta(days=3)), "netsuite", "transaction", str(number))
        town.expect("F51", f"chargebee:{bill.number}", FI_ERP, ("MISSTATE", "JPY", 54_000))  # 9 x 6,000

    def by_number(life: Life, day: date) -> None:
        bill = life.subscription.bill(day)
        pay_by_transfer(bill, book(bill, externalid=None))

    def nothing(life: Life, day: date) -> None:
        starts, ends = life.subscription.period(day)
        line = life.subscription.line(life.subscription.items[0], starts, ends, discount_amount=40_000)
        life.subscription.bill(day, lines=[line], coupon="FREE", status="paid", paid_at=seconds(morning(day)))

    a_life(town, "Not In Erp", {OCT: unbooked}, tax_percent=19)
    a_life(town, "Gone From Erp", {NOV: unbooked_yen}, items=seats(9, 6000), currency="JPY", entity="borealis_us")
    a_life(town, "By Number Only", {NOV: by_number})
    a_life(town, "Free Month", {NOV: nothing})
    fresh_day = NOW - timedelta(minutes=40)
    one = a_life(town, "Just Issued")
    starts = date(2026, 11, 20)
    kit = one.subscription.line(Item(code="onboarding", unit=50_000), starts, starts)
    issue(one.customer, fresh_day, [kit])
    draft = a_life(town, "Still Pending")
    pending = draft.subscription.line(Item(code="onboarding", unit=50_000), starts, starts)
    issue(draft.customer, NOW - timedelta(hours=6), [pending], status="pending")


def unposted(town: Town) -> None:
    """F75: documents of the ERP without a ledger."""

    def no_ledger(life: Life, day: date) -> None:
        bill = life.subscription.bill(day, tax_percent=19)
        book(bill, in_ledger=False)
        # 400.00 and 19 %.
        town.expect("F75", f"chargebee:{bill.number}", FI_LEDGER, ("MISSTATE", "EUR", 47_600))

    def no_ledger_memo(life: Life, day: date) -> None:
        ordinary(life, day)
        bill = life.bills[day]
        part = {**bill.lines[0], "quantity": 1, "amount": 6000, "id": "li_memo"}
        at = morning(day + timedelta(days=6))
        note = credit(bill, at, life.booked[day], lines=[part], kind="refundable", status="refund_due")
        memo = town.ids["memo", note]
        town.plan = [
            entry for entry in town.plan
            if not (entry[2] == "transactionaccountingline" and str(entry[3]["transaction"]) == memo)
        ]  # fmt: skip
        # One of nine seats at 6,000.
        town.expect("F75", f"chargebee:{note}", FI_LEDGER, ("MISSTATE", "JPY", 6_000))

    a_life(town, "No Ledger", {NOV: no_ledger}, tax_percent=19)
    a_life(town, "No Ledger Memo", {NOV: no_ledger_memo}, items=seats(9, 6000), currency="JPY", entity="borealis_us")


def tell(town: Town) -> None:
    """All of them."""
    for story in (
        stale, fresh, billed_twice, rightly_twice, wrong_sums, right_sums, unlike_in_erp, absent_in_erp, unposted,
    ):  # fmt: skip
        story(town)
