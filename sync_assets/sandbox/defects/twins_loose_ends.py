"""Twins of documents with a loose end: a draft or a credit that may wait, a reason in somebody's own words."""

from datetime import timedelta
from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.credits import credit, refund
from sync_assets.sandbox.company.happenings import last_paid
from sync_assets.sandbox.company.invoices import show
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer, Invoice
from sync_assets.sandbox.defects.registry import Window, calm_life, once, record
from sync_assets.sandbox.defects.twins import TWINS, Oddity, spare, twins
from sync_assets.sandbox.defects.twins_documents import invoice_that

_HELD_S = (14 * 3600, 20 * 3600)
"""Seconds for which somebody looks at a draft before closing it; a day is the limit."""


def hold_next(company: Company, customer: Customer) -> None:
    """The next invoice stays a draft for most of a day."""

    def hold(invoice: Invoice, proceed: Act) -> None:
        show(company, invoice)
        company.later(customer.rng, _HELD_S, proceed)

    customer.deviations["billing.invoice"] = once(company, company.now, hold)


def _was_held(invoice: Invoice) -> bool:
    held = invoice.finalised_at - invoice.dated_at if invoice.finalised_at else timedelta()
    return held.total_seconds() >= _HELD_S[0]


def credit_in_own_words(company: Company, customer: Customer) -> None:
    """A part of the last paid invoice is credited for a reason that is on no list, and paid back."""
    invoice = last_paid(customer)
    if invoice is not None and not invoice.issued_notes and invoice.payments[-1].charge_id:
        note = credit(company, invoice, percent=10, kind="refundable", reason="Agreed on the phone")
        refund(company, invoice.payments[-1], note)


twins(
    {
        "draft_looked_at": Oddity(
            note="the draft is looked at for most of a day and then issued",
            pick=invoice_that(_was_held),
            wishes={},
            happening=hold_next,
        ),
        "reason_in_own_words": Oddity(
            note="credited for a reason in the clerk's own words",
            pick=invoice_that(lambda invoice: invoice.issued_notes),
            wishes={},
            happening=credit_in_own_words,
            ready=last_paid,
        ),
    }
)


_WAITS = timedelta(days=12)
"""Credit may wait for thirty days."""


def _credit_waiting(company: Company, rng: Random, window: Window) -> Customer:
    """A part of a paid invoice was credited days ago, and nobody has used or paid it back yet."""
    customer = begin(company, calm_life(company, rng, window))

    def give() -> None:
        invoice = last_paid(customer)
        if invoice is not None:
            note = credit(company, invoice, percent=15, kind="refundable", reason="Service Unsatisfactory")
            seen = record("chargebee", "credit_notes", note.id)
            spare(
                company, "credit_waiting", customer, ("credit_note", seen), note="credit given days ago, not used yet"
            )

    company.agenda.at(company.today_at - _WAITS, give)
    return customer


TWINS["credit_waiting"] = _credit_waiting
