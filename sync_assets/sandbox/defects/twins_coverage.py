"""Twins of invoiced time and credits: periods rightly without a standing invoice, several rightful notes."""

from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.credits import credit
from sync_assets.sandbox.company.happenings import last_open, last_paid
from sync_assets.sandbox.company.invoices import void
from sync_assets.sandbox.company.nouns import Customer
from sync_assets.sandbox.defects.twins import Oddity, twins
from sync_assets.sandbox.defects.twins_documents import invoice_that


def waive(company: Company, customer: Customer) -> None:
    """Somebody lets the customer off a whole term: its invoice is voided and none takes its place."""
    invoice = last_open(customer)
    if invoice is not None:
        void(company, invoice)


def credit_in_two_parts(company: Company, customer: Customer) -> None:
    """Two notes on one paid invoice, together less than it."""
    invoice = last_paid(customer)
    if invoice is not None and not invoice.issued_notes:
        for _ in range(2):
            credit(company, invoice, percent=40, kind="refundable", reason="Goodwill")


twins(
    {
        "term_waived": Oddity(
            note="the invoice of a term was voided by somebody, and none follows",
            pick=invoice_that(lambda invoice: invoice.voided_at),
            wishes={"pays_by": "transfer"},
            happening=waive,
            ready=last_open,
        ),
        "credited_in_parts": Oddity(
            note="two equal notes stand on one invoice, and together are less than it",
            pick=invoice_that(lambda invoice: len(invoice.issued_notes) > 1),
            wishes={},
            happening=credit_in_two_parts,
            ready=last_paid,
        ),
    }
)
