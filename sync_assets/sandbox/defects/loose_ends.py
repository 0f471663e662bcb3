"""Defects of documents with a loose end: a draft nobody closes, a note without a reason, credit nobody uses."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from sync_assets.model.breaks import Record
from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.credits import credit
from sync_assets.sandbox.company.happenings import last_paid
from sync_assets.sandbox.company.invoices import show
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import CreditNote, Customer, Invoice
from sync_assets.sandbox.defects.coverage import is_of_a_term
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell


@defect("F58", "invoice", "FI CASH at billing in chargebee", symptoms="F45 F48")
def never_closed(company: Company, rng: Random, window: Window) -> Customer:
    """The invoice of a term is drawn up as a draft, and nobody closes it."""
    customer = begin(company, calm_life(company, rng, window))

    def leave_open(invoice: Invoice, _proceed: Act) -> None:
        show(company, invoice)
        evidence = (record("chargebee", "invoices", invoice.id),)
        facts = {"money_minor": invoice.total_minor, "since": invoice.dated_at}
        tell(company, "F58", customer, evidence, **facts, note="the draft was never closed")

    customer.deviations["billing.invoice"] = once(company, window.earliest, leave_open, suits=is_of_a_term)
    return customer


def _after_payment(
    company: Company, rng: Random, at: datetime, customer: Customer, act: Callable[[Invoice], None]
) -> None:
    """Do something to the customer's last paid invoice, as soon after an instant as there is one in the books."""

    def attempt() -> None:
        invoice = last_paid(customer)
        if invoice is None or not invoice.erp_id:
            company.later(rng, (14_400, 28_800), attempt)
        else:
            act(invoice)

    company.agenda.at(at, attempt)


def _of_note(note: CreditNote) -> tuple[Record, ...]:
    return (record("chargebee", "credit_notes", note.id), record("chargebee", "invoices", note.invoice.id))


@defect("F55", "credit_note", "FI LEAK at billing in chargebee", symptoms="F57")
def without_reason(company: Company, rng: Random, window: Window) -> Customer:
    """Somebody credits part of a paid invoice and gives no reason."""
    customer = begin(company, calm_life(company, rng, window))
    percent = rng.choice((5, 15, 30))

    def give(invoice: Invoice) -> None:
        note = credit(company, invoice, percent=percent, kind="refundable", reason="")
        tell(company, "F55", customer, _of_note(note), money_minor=note.total_minor, note="credited without a reason")

    _after_payment(company, rng, window.draw(rng), customer, give)
    return customer


@defect("F57", "credit_note", "FI CASH at billing in chargebee")
def left_lying(company: Company, rng: Random, window: Window) -> Customer:
    """A credit is neither paid back nor set off, in billing or, where the next invoice uses it, in the ERP."""
    customer = begin(company, calm_life(company, rng, window))
    percent = rng.choice((10, 20, 25))
    in_erp = rng.random() < 0.5

    def give(invoice: Invoice) -> None:
        reason = "Goodwill" if in_erp else "Service Unsatisfactory"
        note = credit(company, invoice, percent=percent, kind="refundable", reason=reason)
        if not in_erp:
            tell(company, "F57", customer, _of_note(note), money_minor=note.total_minor, note="nobody uses the credit")

    def not_used(note: CreditNote, _proceed: Act) -> None:
        where = {"hop": "billing->erp", "system": "netsuite", "kind": "MISSTATE"}
        amount = note.allocated_minor
        tell(company, "F57", customer, _of_note(note), money_minor=amount, note="free in the ERP", **where)

    customer.deviations["erp.use_credit"] = once(company, window.earliest, not_used)
    # Older than the thirty days that credit may wait.
    at = window.earliest + timedelta(hours=rng.randrange(30 * 24))
    _after_payment(company, rng, at, customer, give)
    return customer
