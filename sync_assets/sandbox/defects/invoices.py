"""Defects of billing's own invoices: drawn from a stale contract, issued twice, not the sum of their lines."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.catalogue import US
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.happenings import active_subscription, amend
from sync_assets.sandbox.company.invoice_records import invoice_record
from sync_assets.sandbox.company.invoices import finalise
from sync_assets.sandbox.company.invoicing import discounted, draw_up
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer, Invoice
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell


def make_stale(invoice: Invoice, missing: int) -> None:
    """Take so many seats off the first line, as a contract that is out of date would."""
    line = invoice.lines[0]
    line.quantity -= missing
    line.amount_minor = line.quantity * line.unit_minor
    discounted(line, invoice.subscription)


def tell_stale(company: Company, invoice: Invoice, missing: int) -> None:
    """Say that an invoice has been issued with so many seats less than were agreed."""
    line = invoice.lines[0]
    evidence = (
        record("chargebee", "invoices", invoice.id),
        record("chargebee", "subscriptions", invoice.subscription.id),
    )
    note = f"{line.quantity} seats invoiced, {line.quantity + missing} agreed before"
    tell(company, "F17", invoice.customer, evidence, money_minor=missing * line.unit_minor, note=note)


@defect("F17", "invoice", "RO LEAK at billing in chargebee", symptoms="F47")
def stale_contract(company: Company, rng: Random, window: Window) -> Customer:
    """Seats are added days before a renewal and billing knows; the renewal's invoice still has the old number."""
    customer = begin(company, calm_life(company, rng, window))
    added = rng.randint(3, 12)
    amended: list[bool] = []

    def expand_before_renewal() -> None:
        subscription = active_subscription(customer)
        if subscription is None:
            return
        at = subscription.term_end - timedelta(days=rng.randint(2, 4), hours=rng.randint(1, 9))
        if at < company.now:
            company.agenda.at(subscription.term_end + timedelta(hours=12), expand_before_renewal)
            return

        def follow() -> None:
            amend(company, subscription, added)
            amended.append(True)

        company.agenda.at(at, follow)

    def renewal(invoice: Invoice) -> bool:
        return bool(amended) and invoice.dated_at == invoice.subscription.term_start

    def issue_stale(invoice: Invoice, proceed: Act) -> None:
        make_stale(invoice, added)
        proceed()
        tell_stale(company, invoice, added)

    customer.deviations["billing.invoice"] = once(company, window.earliest, issue_stale, suits=renewal)
    company.agenda.at(window.earliest, expand_before_renewal)
    return customer


@defect("F46", "invoice", "FI OVER at billing in chargebee", symptoms="F48")
def issued_twice(company: Company, rng: Random, window: Window) -> Customer:
    """A replayed billing run issues the invoice of a term once more."""
    customer = begin(company, calm_life(company, rng, window))

    def replay(invoice: Invoice, proceed: Act) -> None:
        proceed()
        company.later(rng, (60, 240), lambda: again(invoice))

    def again(invoice: Invoice) -> None:
        second = draw_up(company, invoice.subscription, invoice.dated_at)
        second.lines = [replace(line, id=f"li_{company.number('line'):07d}") for line in invoice.lines]
        finalise(company, second)
        evidence = (record("chargebee", "invoices", second.id), record("chargebee", "invoices", invoice.id))
        note = f"the same term as invoice {invoice.id}"
        tell(company, "F46", customer, evidence, money_minor=second.total_minor, note=note)

    customer.deviations["billing.invoice"] = once(company, window.earliest, replay)
    return customer


@defect("F49", "invoice", "DE MISSTATE at billing in chargebee", symptoms="F45 F48")
def line_lost(company: Company, rng: Random, window: Window) -> Customer:
    """A line of an invoice is deleted after it was issued; the header keeps the old total."""
    wishes = {"place": (US, "USD", "US"), "tax_free": True, "support": True}
    customer = begin(company, calm_life(company, rng, window, **wishes))

    def lose_later(invoice: Invoice, proceed: Act) -> None:
        proceed()
        company.later(rng, (2400, 5400), lambda: lose(invoice))

    def lose(invoice: Invoice) -> None:
        shown = invoice_record(invoice)
        kept, lost = shown["line_items"][:-1], shown["line_items"][-1]
        company.systems.billing.put("invoices", {"id": invoice.id, "line_items": kept})
        evidence = (record("chargebee", "invoices", invoice.id),)
        note = f"line {lost['description']} is gone, the total stays {invoice.total_minor}"
        tell(company, "F49", customer, evidence, money_minor=lost["amount"], note=note)

    customer.deviations["billing.invoice"] = once(company, window.earliest, lose_later)
    return customer
