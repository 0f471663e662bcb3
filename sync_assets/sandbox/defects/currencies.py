"""Defects of currencies in the ERP: decimals that are none, a rate of another month, gains nobody books."""

from dataclasses import replace
from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.catalogue import DE, JP
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of, month_later
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer, Invoice, Line, Payment
from sync_assets.sandbox.company.postings import post_invoice, post_payment
from sync_assets.sandbox.company.rates import exchange_rate, in_base
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, on_day, once, record, tell

_HUNDREDFOLD = 100


@defect("F90", "invoice", "FI MISSTATE at erp->ledger in netsuite")
def stale_rate(company: Company, rng: Random, window: Window) -> Customer:
    """The rate of an invoice is corrected on its header; the ledger keeps it at the rate of the month before."""
    customer = begin(company, calm_life(company, rng, window, place=(DE, "GBP", "GB")))
    base = customer.entity.currency

    def post_stale(invoice: Invoice, _proceed: Act) -> None:
        rate = exchange_rate(customer.currency, base, month_later(invoice.on, -1))
        stale = replace(invoice, rate=rate)
        post_invoice(company, stale)
        invoice.erp_id = stale.erp_id
        company.systems.erp.put("transaction", {"id": invoice.erp_id, "exchangerate": invoice.rate})
        parts = [*(line.net_minor for line in invoice.lines), invoice.tax_minor]
        booked, due = (
            sum(in_base(part, customer.currency, base, each) for part in parts) for each in (rate, invoice.rate)
        )
        evidence = (record("chargebee", "invoices", invoice.id), record("netsuite", "transaction", invoice.erp_id))
        facts = {"money_minor": abs(booked - due), "currency": base}
        tell(company, "F90", customer, evidence, **facts, note=f"booked at {rate}, shown at {invoice.rate}")

    customer.deviations["erp.invoice"] = once(company, window.earliest, post_stale)
    return customer


@defect("F91", "invoice", "DE MISSTATE at billing->erp in netsuite", symptoms="F50 F60 F63 F80")
def yen_with_decimals(company: Company, rng: Random, window: Window) -> Customer:
    """An invoice in yen is posted as if its amounts were in hundredths and had to be scaled."""
    customer = begin(company, calm_life(company, rng, window, place=(JP, "JPY", "JP")))

    def post_scaled(invoice: Invoice, _proceed: Act) -> None:
        scaled = replace(invoice, lines=[_scaled(line) for line in invoice.lines])
        post_invoice(company, scaled)
        invoice.erp_id, gap = scaled.erp_id, scaled.total_minor - invoice.total_minor
        invoice.erp_gap_minor = gap
        evidence = (record("chargebee", "invoices", invoice.id), record("netsuite", "transaction", invoice.erp_id))
        tell(company, "F91", customer, evidence, money_minor=gap, note="a hundred times the amount")

    customer.deviations["erp.invoice"] = once(company, window.earliest, post_scaled)
    return customer


def _scaled(line: Line) -> Line:
    amounts = {
        name: getattr(line, name) * _HUNDREDFOLD
        for name in ("unit_minor", "amount_minor", "discount_minor", "tax_minor")
    }
    return replace(line, **amounts)


@defect("F92", "payment", "FI MISSTATE at erp->ledger in netsuite", symptoms="F80")
def gain_not_booked(company: Company, rng: Random, window: Window) -> Customer:
    """A payment takes off the receivable what it is worth on its own day, not what was invoiced."""
    life = calm_life(company, rng, window, pays_by="transfer", place=(DE, "GBP", "GB"))
    customer = begin(company, on_day(company, life, rng.randint(10, 25)))

    def gain_of(payment: Payment) -> int:
        base = customer.entity.currency
        today = exchange_rate(customer.currency, base, day_of(payment.paid_at, customer.entity.zone))
        received, invoiced = (
            in_base(payment.amount_minor, customer.currency, base, rate) for rate in (today, payment.invoice.rate)
        )
        return received - invoiced

    def book_plainly(payment: Payment, _proceed: Act) -> None:
        post_payment(company, payment, is_gain_booked=False)
        evidence = (
            record("chargebee", "transactions", payment.id),
            record("netsuite", "transaction", payment.erp_id),
        )
        facts = {"money_minor": abs(gain_of(payment)), "currency": customer.entity.currency}
        tell(company, "F92", customer, evidence, **facts, note="the rates of two days, no gain or loss")

    def has_gain(payment: Payment) -> bool:
        return bool(payment.invoice.erp_id) and abs(gain_of(payment)) > 1

    customer.deviations["erp.payment"] = once(company, window.earliest, book_plainly, suits=has_gain)
    return customer
