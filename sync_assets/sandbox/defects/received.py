"""Defects of money that should have come once: an invoice paid by nothing, by a part, or by two charges."""

from dataclasses import replace
from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.charges import put_charge, put_movement
from sync_assets.sandbox.company.company import Company, random_id
from sync_assets.sandbox.company.invoices import show
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer, Invoice, Movement, Payment
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell

_RETURNED_AFTER_S = (2 * 86_400, 4 * 86_400)


@defect("F61", "invoice", "FI CASH at payments->billing in chargebee")
def paid_by_nothing(company: Company, rng: Random, window: Window) -> Customer:
    """A debit recorded as done is returned days later, or somebody marks an invoice as paid without any payment."""
    customer = begin(company, calm_life(company, rng, window))

    def return_later(payment: Payment, proceed: Act) -> None:
        proceed()
        company.systems.billing.put("transactions", {"id": payment.id, "payment_method": "direct_debit"})
        company.later(rng, _RETURNED_AFTER_S, lambda: _return(company, payment))

    def mark_later(invoice: Invoice, proceed: Act) -> None:
        proceed()
        # Before the card is charged, a minute after the invoice became final.
        company.later(rng, (20, 40), lambda: _mark_paid(company, invoice))

    step, act = ("billing.payment", return_later) if rng.random() < 0.6 else ("billing.invoice", mark_later)
    customer.deviations[step] = once(company, window.earliest, act)
    return customer


def _return(company: Company, payment: Payment) -> None:
    invoice, payments = payment.invoice, company.systems.payments
    back = Movement(
        id=random_id(invoice.customer.rng, "txn_"),
        kind="payment_failure_refund",
        amount_minor=-payment.amount_minor,
        fee_minor=0,
        currency=invoice.customer.currency,
        available_at=company.now,
        customer=invoice.customer,
    )
    failed = {"id": payment.charge_id, "status": "failed", "paid": False, "failure_code": "insufficient_funds"}
    method = {"type": "sepa_debit", "sepa_debit": {"last4": "3000"}}
    payments.put("charges", {**failed, "payment_method_details": method, "failure_balance_transaction": back.id})
    put_movement(company, back, payment.charge_id)
    evidence = (
        record("chargebee", "invoices", invoice.id),
        record("chargebee", "transactions", payment.id),
        record("stripe", "charges", payment.charge_id),
    )
    facts = {"money_minor": invoice.total_minor, "since": invoice.paid_at, "note": "the debit was returned"}
    tell(company, "F61", invoice.customer, evidence, **facts)


def _mark_paid(company: Company, invoice: Invoice) -> None:
    owed = invoice.due_minor
    invoice.paid_minor += owed
    invoice.status, invoice.paid_at = "paid", company.now
    show(company, invoice)
    evidence = (record("chargebee", "invoices", invoice.id),)
    facts = {"money_minor": owed, "hop": "billing", "note": "marked as paid, no payment recorded"}
    tell(company, "F61", invoice.customer, evidence, **facts)


@defect("F63", "invoice", "FI CASH at payments->billing in chargebee", symptoms="F50")
def paid_in_part(company: Company, rng: Random, window: Window) -> Customer:
    """The card is charged a part of what is due, and billing records the whole."""
    customer = begin(company, calm_life(company, rng, window))
    percent = rng.choice((50, 80, 95))

    def charge_less(payment: Payment, _proceed: Act) -> None:
        part = replace(payment, amount_minor=payment.amount_minor * percent // 100)
        put_charge(company, part)
        payment.movement = part.movement
        evidence = (
            record("chargebee", "invoices", payment.invoice.id),
            record("chargebee", "transactions", payment.id),
            record("stripe", "charges", payment.charge_id),
        )
        short = payment.amount_minor - part.amount_minor
        tell(company, "F63", customer, evidence, money_minor=short, note=f"{percent} % of it was charged")

    customer.deviations["payments.charge"] = once(company, window.earliest, charge_less)
    return customer


@defect("F65", "payment", "FI OVER at billing->payments in stripe")
def charged_twice(company: Company, rng: Random, window: Window) -> Customer:
    """A request that timed out is repeated without its key; the first one had gone through."""
    customer = begin(company, calm_life(company, rng, window))

    def repeat(payment: Payment, proceed: Act) -> None:
        proceed()
        company.later(rng, (30, 300), lambda: again(payment))

    def again(payment: Payment) -> None:
        charge_id, intent_id = random_id(customer.rng, "ch_"), random_id(customer.rng, "pi_")
        second = replace(payment, charge_id=charge_id, intent_id=intent_id, movement=None, paid_at=company.now)
        put_charge(company, second)
        evidence = (
            record("stripe", "charges", second.charge_id),
            record("stripe", "charges", payment.charge_id),
            record("chargebee", "invoices", payment.invoice.id),
        )
        tell(company, "F65", customer, evidence, money_minor=second.amount_minor, note="the retry charged again")

    customer.deviations["payments.charge"] = once(company, window.earliest, repeat)
    return customer
