"""Defects of card money: payments billing or the ERP never hears of, refunds without a credit note, wrong payouts."""

from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.collecting import linked_payment, transaction_record
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.credits import refund_charge
from sync_assets.sandbox.company.invoice_records import invoice_record
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer, Payment
from sync_assets.sandbox.company.payouts import Payout
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell


@defect("F60", "invoice", "FI CASH at payments->billing in chargebee", symptoms="F66 F72")
def paid_and_open(company: Company, rng: Random, window: Window) -> Customer:
    """The processor has the money; billing, or the ERP, still shows the invoice as open."""
    customer = begin(company, calm_life(company, rng, window))
    in_erp = not window.is_today and rng.random() < 0.35

    def stay_open(payment: Payment, _proceed: Act) -> None:
        invoice = payment.invoice
        invoice.linked_payments.append(linked_payment(payment, "in_progress", company.now))
        company.systems.billing.put("transactions", transaction_record(payment, "in_progress"))
        company.systems.billing.put("invoices", invoice_record(invoice))
        _tell_open(company, payment, note="the processor's confirmation was lost", hop="payments->billing")

    def not_applied(payment: Payment, _proceed: Act) -> None:
        _tell_open(company, payment, note="paid, never booked in the ERP", hop="payments->erp", system="netsuite")

    step, act = ("erp.payment", not_applied) if in_erp else ("billing.payment", stay_open)
    customer.deviations[step] = once(company, window.earliest, act)
    return customer


def _tell_open(company: Company, payment: Payment, **facts: str) -> None:
    evidence = (
        record("chargebee", "invoices", payment.invoice.id),
        record("chargebee", "transactions", payment.id),
        record("stripe", "charges", payment.charge_id),
    )
    since, money = payment.paid_at, payment.invoice.total_minor
    tell(company, "F60", payment.invoice.customer, evidence, money_minor=money, since=since, **facts)


@defect("F67", "refund", "FI MISSTATE at payments->billing in chargebee", symptoms="F60")
def refund_without_credit(company: Company, rng: Random, window: Window) -> Customer:
    """Somebody refunds a charge in the processor's dashboard; billing and the ERP do not know."""
    customer = begin(company, calm_life(company, rng, window))
    percent = rng.choice((20, 30, 50))

    def refund_later(payment: Payment, proceed: Act) -> None:
        proceed()
        company.later(rng, (3600, 40 * 3600), lambda: refund(payment))

    def refund(payment: Payment) -> None:
        amount = payment.amount_minor * percent // 100
        refund_id = refund_charge(company, payment, amount)
        evidence = (
            record("stripe", "refunds", refund_id),
            record("stripe", "charges", payment.charge_id),
            record("chargebee", "invoices", payment.invoice.id),
        )
        tell(company, "F67", customer, evidence, money_minor=amount, note="refunded in the dashboard")

    customer.deviations["erp.payment"] = once(company, window.earliest, refund_later)
    return customer


@defect("F71", "payout", "FI CASH at payments in stripe", symptoms="F72")
def wrong_payout(company: Company, rng: Random, window: Window) -> Customer:
    """A payout contains money of a charge that is not among the movements tied to it."""
    customer = begin(company, calm_life(company, rng, window))

    def untie(payout: Payout, proceed: Act) -> None:
        lost = next(each for each in payout.movements if each.customer is customer and each.kind == "charge")
        payout.linked.remove(lost)
        proceed()
        evidence = (record("stripe", "payouts", payout.id), record("stripe", "balance_transactions", lost.id))
        net = lost.amount_minor - lost.fee_minor
        tell(company, "F71", customer, evidence, money_minor=net, note="one movement is not tied to its payout")

    def holds(payout: Payout) -> bool:
        is_whole = len(payout.linked) == len(payout.movements)
        return is_whole and any(each.customer is customer and each.kind == "charge" for each in payout.movements)

    customer.deviations["payments.payout"] = once(company, window.earliest, untie, suits=holds)
    return customer
