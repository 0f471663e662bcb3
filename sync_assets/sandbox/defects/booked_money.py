"""Defects of money in the ERP's books: payments, refunds and deposits of another amount, or without a booking."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TypeAlias

from sync_assets.model.breaks import Record
from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.catalogue import JP
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.credits import credit, refund
from sync_assets.sandbox.company.happenings import last_paid
from sync_assets.sandbox.company.lives import Life, begin
from sync_assets.sandbox.company.nouns import Customer, Movement, Payment, Refund
from sync_assets.sandbox.company.payouts import Payout, deposit
from sync_assets.sandbox.company.postings import post_payment, post_refund
from sync_assets.sandbox.defects.banked import is_whole
from sync_assets.sandbox.defects.memos import unbook
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell

_Misread: TypeAlias = Callable[[int], int]

YEN = {"place": (JP, "JPY", "JP"), "tax_free": True, "discount_percent": 0}
"""Free of tax and discount every amount is whole hundreds of yen, which a hundredth of is whole yen again."""


def _typed(minor: int) -> int:
    """What somebody types who is not careful."""
    return minor - minor * 10 // 100


def hundredfold(minor: int) -> int:
    """Yen taken for hundredths of something, and scaled."""
    return minor * 100


def hundredth(minor: int) -> int:
    """Yen taken for an amount with two decimals."""
    return minor // 100


def of_payment(payment: Payment) -> tuple[Record, ...]:
    """A payment in billing and in the ERP."""
    return (record("chargebee", "transactions", payment.id), record("netsuite", "transaction", payment.erp_id))


def _payment_as(company: Company, window: Window, life: Life, name: str, misread: _Misread) -> Customer:
    customer = begin(company, life)

    def book(payment: Payment, _proceed: Act) -> None:
        misread_payment = replace(payment, amount_minor=misread(payment.amount_minor))
        post_payment(company, misread_payment)
        payment.erp_id, gap = misread_payment.erp_id, abs(misread_payment.amount_minor - payment.amount_minor)
        text = f"{misread_payment.amount_minor} in the ERP instead of {payment.amount_minor}"
        tell(company, name, customer, of_payment(payment), money_minor=gap, note=text)

    customer.deviations["erp.payment"] = once(company, window.earliest, book)
    return customer


@defect("F50 of a booked payment", "payment", "FI MISSTATE at payments->erp in netsuite")
def payment_typed_wrong(company: Company, rng: Random, window: Window) -> Customer:
    """Somebody types a payment into the ERP, over less than came."""
    return _payment_as(company, window, calm_life(company, rng, window), "F50 of a booked payment", _typed)


@defect("F91 of a booked payment", "payment", "DE MISSTATE at payments->erp in netsuite", symptoms="F50")
def payment_with_decimals(company: Company, rng: Random, window: Window) -> Customer:
    """A payment in yen is booked as if it were in hundredths and had to be scaled."""
    life = calm_life(company, rng, window, **YEN)
    return _payment_as(company, window, life, "F91 of a booked payment", hundredfold)


@defect("F75 of a payment", "payment", "FI MISSTATE at erp->ledger in netsuite", symptoms="F60 F80")
def payment_not_booked(company: Company, rng: Random, window: Window) -> Customer:
    """The ERP has the payment and calls it posted, but its ledger has no lines for it."""
    customer = begin(company, calm_life(company, rng, window))

    def half_post(payment: Payment, proceed: Act) -> None:
        proceed()
        unbook(company, payment.erp_id)
        facts = {"money_minor": payment.amount_minor, "note": "no accounting lines"}
        tell(company, "F75 of a payment", customer, of_payment(payment), **facts)

    customer.deviations["erp.payment"] = once(company, window.earliest, half_post)
    return customer


def _refunded(company: Company, rng: Random, window: Window, life: Life) -> Customer:
    """A customer who gets half of a paid invoice back."""
    customer = begin(company, life)

    def give_back() -> None:
        invoice = last_paid(customer)
        if invoice is None:
            company.agenda.at(company.now + timedelta(hours=8), give_back)
        else:
            note = credit(company, invoice, percent=50, kind="refundable", reason="Service Unsatisfactory")
            refund(company, invoice.payments[-1], note)

    company.agenda.at(window.earliest + timedelta(hours=rng.randrange(20 * 24)), give_back)
    return customer


def of_refund(given: Refund) -> tuple[Record, ...]:
    """A refund in billing and in the ERP, and the credit note it is for."""
    own = (record("chargebee", "transactions", given.id), record("netsuite", "transaction", given.erp_id))
    return (*own, record("chargebee", "credit_notes", given.note.id))


def _refund_as(company: Company, customer: Customer, window: Window, name: str, misread: _Misread) -> Customer:
    def book(given: Refund, _proceed: Act) -> None:
        misread_refund = replace(given, amount_minor=misread(given.amount_minor))
        post_refund(company, misread_refund)
        given.erp_id, gap = misread_refund.erp_id, abs(misread_refund.amount_minor - given.amount_minor)
        text = f"{misread_refund.amount_minor} in the ERP instead of {given.amount_minor}"
        tell(company, name, customer, of_refund(given), money_minor=gap, note=text)

    customer.deviations["erp.refund"] = once(company, window.earliest, book)
    return customer


@defect("F50 of a booked refund", "refund", "FI MISSTATE at payments->erp in netsuite", symptoms="F57")
def refund_typed_wrong(company: Company, rng: Random, window: Window) -> Customer:
    """Somebody types a refund into the ERP, over less than went back."""
    customer = _refunded(company, rng, window, calm_life(company, rng, window))
    return _refund_as(company, customer, window, "F50 of a booked refund", _typed)


@defect("F91 of a booked refund", "refund", "DE MISSTATE at payments->erp in netsuite", symptoms="F50 F57")
def refund_with_decimals(company: Company, rng: Random, window: Window) -> Customer:
    """A refund in yen is booked at a hundredth; more than its credit memo has the ERP would not take."""
    customer = _refunded(company, rng, window, calm_life(company, rng, window, **YEN))
    return _refund_as(company, customer, window, "F91 of a booked refund", hundredth)


@defect("F75 of a refund", "refund", "FI MISSTATE at erp->ledger in netsuite", symptoms="F80")
def refund_not_booked(company: Company, rng: Random, window: Window) -> Customer:
    """The ERP has the refund and calls it posted, but its ledger has no lines for it."""
    customer = _refunded(company, rng, window, calm_life(company, rng, window))

    def half_post(given: Refund, proceed: Act) -> None:
        proceed()
        unbook(company, given.erp_id)
        facts = {"money_minor": given.amount_minor, "note": "no accounting lines"}
        tell(company, "F75 of a refund", customer, of_refund(given), **facts)

    customer.deviations["erp.refund"] = once(company, window.earliest, half_post)
    return customer


def _deposit_as(
    company: Company, window: Window, life: Life, name: str, misread: Callable[[Payout], Payout]
) -> Customer:
    customer = begin(company, life)

    def book(payout: Payout, _proceed: Act) -> None:
        other = misread(payout)
        deposit(company, other)
        gap = abs(other.amount_minor - payout.amount_minor)
        text = f"{other.amount_minor} in the ERP instead of {payout.amount_minor}"
        facts = {"money_minor": gap, "currency": payout.currency, "note": text}
        tell(company, name, customer, (record("stripe", "payouts", payout.id),), **facts)

    def is_fit(payout: Payout) -> bool:
        return is_whole(payout) and payout.currency == life.currency

    customer.deviations["erp.deposit"] = once(company, window.earliest, book, suits=is_fit)
    return customer


@defect("F50 of a deposit", "payout", "FI MISSTATE at payments->erp in netsuite")
def deposit_typed_wrong(company: Company, rng: Random, window: Window) -> Customer:
    """Somebody types a deposit into the ERP, over less than arrived at the bank."""

    def typed(payout: Payout) -> Payout:
        return replace(payout, amount_minor=_typed(payout.amount_minor))

    return _deposit_as(company, window, calm_life(company, rng, window), "F50 of a deposit", typed)


@defect("F91 of a deposit", "payout", "DE MISSTATE at payments->erp in netsuite", symptoms="F50 F73")
def deposit_with_decimals(company: Company, rng: Random, window: Window) -> Customer:
    """A deposit in yen is booked as if it were in hundredths and had to be scaled."""

    def scaled(payout: Payout) -> Payout:
        movements = [_scaled(each) for each in payout.movements]
        return replace(payout, amount_minor=hundredfold(payout.amount_minor), movements=movements)

    return _deposit_as(company, window, calm_life(company, rng, window, **YEN), "F91 of a deposit", scaled)


def _scaled(movement: Movement) -> Movement:
    return replace(
        movement,
        amount_minor=hundredfold(movement.amount_minor),
        fee_minor=hundredfold(movement.fee_minor),
        booked_base=None if movement.booked_base is None else hundredfold(movement.booked_base),
    )
