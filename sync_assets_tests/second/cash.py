"""Stories of money: F60, F67, F71, and what only looks like them."""

from datetime import date, timedelta
from typing import Any

from sync_assets_tests.second.catalogue import UNDEPOSITED
from sync_assets_tests.second.customer import morning
from sync_assets_tests.second.invoicing import NOV, OCT, Odd, a_life
from sync_assets_tests.second.ledger import book
from sync_assets_tests.second.money import (
    charge,
    credit,
    pay_by_card,
    pay_by_transfer,
    record_payment,
    record_refund,
    refund,
)  # fmt: skip
from sync_assets_tests.second.plain import Life, ordinary, seats
from sync_assets_tests.second.town import NOW, Town

YEN: dict[str, Any] = {"items": seats(8, 6000), "currency": "JPY", "entity": "borealis_us"}


def paid_but_open(town: Town) -> None:
    """F60: the processor has the money, billing or the ERP still ask for it."""

    def timed_out(life: Life, day: date) -> None:
        bill = life.subscription.bill(day, tax_percent=19)
        book(bill)
        at = morning(day + timedelta(days=1))
        name, _ = charge(life.customer, at, bill.total)
        record_payment(bill, at, bill.total, reference=name, whole=False, status="timeout")
        # 400.00 and 19 %.
        town.expect("F60", f"chargebee:{bill.number}", ("FI", "payments->billing"), ("CASH", "EUR", 47_600))

    def not_in_erp(life: Life, day: date) -> None:
        bill = life.subscription.bill(day)
        book(bill)
        pay_by_card(bill, None)
        # 8 x 6,000.
        town.expect("F60", f"chargebee:{bill.number}", ("FI", "payments->erp"), ("CASH", "JPY", 48_000))

    a_life(town, "Timed Out", {NOV: timed_out}, tax_percent=19)
    a_life(town, "Open In Erp", {NOV: not_in_erp}, **YEN)


def open_and_unpaid(town: Town) -> None:
    """Twins of F60: half paid, paid in two, a debit on its way, paid minutes ago, by transfer, never paid."""

    def half(life: Life, day: date) -> None:
        bill = life.subscription.bill(day)
        pay_by_card(bill, book(bill), amount=15_000)

    def in_two(life: Life, day: date) -> None:
        bill = life.subscription.bill(day)
        number = book(bill)
        pay_by_card(bill, number, amount=15_000)
        pay_by_card(bill, number, days=5, amount=25_000)

    def on_its_way(life: Life, day: date) -> None:
        bill = life.subscription.bill(day)
        book(bill)
        at = NOW - timedelta(days=2)
        name, _ = charge(life.customer, at, bill.total, status="pending", paid=False,
                         payment_method_details={"type": "sepa_debit", "sepa_debit": {"last4": "3000"}})  # fmt: skip
        record_payment(bill, at, bill.total, reference=name, whole=False, status="in_progress",
                       payment_method="direct_debit")  # fmt: skip

    def by_transfer(life: Life, day: date) -> None:
        bill = life.subscription.bill(day)
        pay_by_transfer(bill, book(bill))

    def never(life: Life, day: date) -> None:
        book(life.subscription.bill(day))

    tales: dict[str, Odd] = {
        "Half Paid": half, "Paid In Two": in_two, "Debit On Its Way": on_its_way, "By Transfer": by_transfer,
        "Not Paid Yet": never,
    }  # fmt: skip
    for name, tale in tales.items():
        a_life(town, name, {NOV: tale})


def refunded_without_note(town: Town) -> None:
    """F67: given back from the processor's own dashboard, or recorded in billing without a credit note."""

    def dashboard(life: Life, day: date) -> None:
        ordinary(life, day)
        name = refund(life.paid[day], morning(day + timedelta(days=8)), 12_000)
        # Three seats of 40.00.
        town.expect("F67", f"stripe:{name}", ("FI", "payments->billing"), ("MISSTATE", "EUR", 12_000))

    def no_note(life: Life, day: date) -> None:
        ordinary(life, day)
        paid, at = life.paid[day], morning(day + timedelta(days=8))
        name = refund(paid, at, 48_000)
        record_refund(paid, at, 48_000, reference=name, note=None)
        # All of 8 x 6,000.
        town.expect("F67", f"stripe:{name}", ("FI", "payments->billing"), ("MISSTATE", "JPY", 48_000))

    a_life(town, "Dashboard Refund", {OCT: dashboard})
    a_life(town, "Refund No Note", {OCT: no_note}, **YEN)


def refunded_with_note(town: Town) -> None:
    """Twins of F67: with its credit note, a refund that failed, one of an hour ago, of a payment made twice."""

    def with_note(life: Life, day: date) -> None:
        ordinary(life, day, tax_percent=19)
        paid, at = life.paid[day], morning(day + timedelta(days=8))
        # Two of ten seats: 80.00 and 15.20 of tax.
        part = {**paid.bill.lines[0], "id": "li_back", "quantity": 2, "amount": 8000, "tax_amount": 1520}
        note = credit(paid.bill, at, life.booked[day], lines=[part], kind="refundable")
        name = refund(paid, at + timedelta(minutes=1), 9520)
        record_refund(paid, at + timedelta(minutes=2), 9520, reference=name, note=note)

    def failed(life: Life, day: date) -> None:
        ordinary(life, day)
        name = refund(life.paid[day], morning(day + timedelta(days=8)), 12_000, status="failed",
                      failure_reason="expired_or_canceled_card")  # fmt: skip
        # No refund without a note, but one that the customer still waits for.
        town.also.add(("F69", f"stripe:{name}"))

    def just_now(life: Life, day: date) -> None:
        ordinary(life, day)
        refund(life.paid[day], NOW - timedelta(hours=3), 4000)

    def paid_twice(life: Life, day: date) -> None:
        ordinary(life, day)
        at = morning(day + timedelta(days=3))
        name, intent = charge(life.customer, at, 40_000)
        bill = life.bills[day]
        town.at(at, "chargebee", "transactions", {
            "id": f"txn_twice{name[-3:]}", "customer_id": life.customer.billing_id, "type": "payment", "amount": 40_000,
            "currency_code": "EUR", "gateway": "stripe", "id_at_gateway": name, "amount_unused": 0,
            "linked_invoices": [], "business_entity_id": life.customer.entity, "date": int(at.timestamp()),
        })  # fmt: skip
        paid = type(life.paid[day])(
            bill=bill, transaction=f"txn_twice{name[-3:]}", charge=name, intent=intent, amount=40_000, at=at
        )
        back = at + timedelta(hours=5)
        record_refund(paid, back, 40_000, reference=refund(paid, back, 40_000), note=None)
        book_payment_unapplied(life, at, 40_000, paid.transaction)

    a_life(town, "With Note", {OCT: with_note}, tax_percent=19)
    a_life(town, "Refund Failed", {OCT: failed})
    a_life(town, "Refund Just Now", {NOV: just_now})
    a_life(town, "Paid Twice Back", {OCT: paid_twice})


def book_payment_unapplied(life: Life, at: Any, amount: int, transaction: str) -> None:
    """The ERP's payment on account."""
    from sync_assets_tests.second.catalogue import RECEIVABLE, major
    from sync_assets_tests.second.ledger import Document, post

    value, customer = major(amount, life.customer.currency), life.customer
    Document(
        town=customer.town, kind="CustPymt", at=at + timedelta(hours=1), entity=customer.entity,
        currency=customer.currency, customer=customer,
        postings=[post(UNDEPOSITED, value), post(RECEIVABLE, -value)],
        fields={"externalid": f"chargebee_transaction_{transaction}", "status": "B", "tranid": transaction},
    ).save()  # fmt: skip


def payouts(town: Town) -> dict[str, dict[str, Any]]:
    """F71: two payouts that are not their parts, and twins that need not be."""
    wrong = {"po_1EURde20260907": 1_000, "po_1USDus20261012": -725}
    for name, off in wrong.items():
        # What arrived differs from its parts by so much.
        town.expect("F71", f"stripe:{name}", ("FI", "payments"), ("CASH", name[4:7], abs(off)))
    return {name: {"amount_off": off} for name, off in wrong.items()} | {
        "po_1EURde20261116": {"reconciliation_status": "in_progress"},
    }


def manual_payout(town: Town) -> None:
    """A twin of F71: a payout by hand has no parts that the processor names."""
    at = morning(date(2026, 10, 7))
    town.at(at, "stripe", "payouts", {
        "id": "po_1byhand", "amount": 10_000, "currency": "eur", "automatic": False, "status": "failed",
        "failure_code": "account_closed", "reconciliation_status": "not_applicable",
        "balance_transaction": "txn_byhand",
    })  # fmt: skip
    town.at(at, "stripe", "balance_transactions", {
        "id": "txn_byhand", "amount": -10_000, "currency": "eur", "type": "payout", "source": "po_1byhand",
    })  # fmt: skip
    town.at(at + timedelta(days=2), "stripe", "balance_transactions", {
        "id": "txn_byhandback", "amount": 10_000, "currency": "eur", "type": "payout_failure", "source": "po_1byhand",
    })  # fmt: skip


def tell(town: Town) -> None:
    """All of them but the payouts, which come last."""
    for story in (
        paid_but_open, open_and_unpaid, refunded_without_note, refunded_with_note, manual_payout,
    ):  # fmt: skip
        story(town)
