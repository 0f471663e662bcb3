"""Twins of money that goes back or is given up, in order: bad debts in both books, refunds that came at last."""

from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.credits import refund
from sync_assets.sandbox.company.disputes import dispute
from sync_assets.sandbox.company.happenings import last_open, last_paid
from sync_assets.sandbox.company.nouns import Customer
from sync_assets.sandbox.company.postings import write_off_in_erp
from sync_assets.sandbox.defects.given_back import credited, refund_refused
from sync_assets.sandbox.defects.reversals import write_off
from sync_assets.sandbox.defects.twins import Oddity, twins
from sync_assets.sandbox.defects.twins_documents import invoice_that


def _give_up(company: Company, customer: Customer) -> None:
    """An open invoice is written off in billing, and an hour later in the books."""
    invoice = last_open(customer)
    if invoice is not None:
        owed = write_off(company, invoice)
        company.later(customer.rng, (1800, 3600), lambda: write_off_in_erp(company, invoice, owed))


def _refund_twice(company: Company, customer: Customer) -> None:
    """A refund fails, and is made again the next day."""
    invoice = last_paid(customer)
    if invoice is None or invoice.issued_notes:
        return
    payment = invoice.payments[-1]
    note = credited(company, payment)
    refund_refused(company, payment, note)
    company.later(customer.rng, (86_400, 90_000), lambda: refund(company, payment, note))


def _lose_a_dispute(company: Company, customer: Customer) -> None:
    """The cardholder disputes a payment and wins; the books follow each step."""
    invoice = last_paid(customer)
    if invoice is not None:
        dispute(company, invoice.payments[-1], is_lost=True)


def _noted(customer: Customer) -> tuple[str, str, str] | None:
    return ("credit_note", "credit_notes", customer.credits[0].id) if customer.credits else None


twins(
    {
        "written_off_in_both": Oddity(
            note="given up in billing and in the books",
            pick=invoice_that(lambda invoice: invoice.written_off_minor),
            wishes={"pays_by": "transfer"},
            happening=_give_up,
            ready=last_open,
        ),
        "refund_retried": Oddity(
            note="a refund failed and was made again",
            pick=_noted,
            wishes={},
            happening=_refund_twice,
            ready=last_paid,
        ),
        "dispute_booked": Oddity(
            note="charged back, booked and lost",
            pick=invoice_that(lambda invoice: invoice.payments),
            wishes={},
            happening=_lose_a_dispute,
            ready=last_paid,
        ),
    }
)
