"""The life of an invoice in billing: drawn up, issued, settled, voided; and how billing shows it.

Issuing starts what follows: credits are applied, the ERP posts it minutes later, money is collected.
"""

from datetime import timedelta

from sync_assets.sandbox.company.collecting import collect
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.credit_records import apply_credits
from sync_assets.sandbox.company.invoice_records import invoice_record
from sync_assets.sandbox.company.nouns import Invoice
from sync_assets.sandbox.company.postings import post_invoice, void_posting

POSTED_AFTER_S = (620, 2400)
"""Seconds until the ERP has an invoice."""


def show(company: Company, invoice: Invoice) -> None:
    """Write the invoice to billing as it stands."""
    company.systems.billing.put("invoices", invoice_record(invoice))


def issue(company: Company, invoice: Invoice) -> None:
    """Finalise an invoice, unless the customer's deviation does something else."""
    company.step("billing.invoice", invoice.customer, invoice, lambda: finalise(company, invoice))


def finalise(company: Company, invoice: Invoice) -> None:
    """The invoice is final from now on."""
    customer = invoice.customer
    invoice.finalised_at = company.now
    invoice.due_at = invoice.dated_at + timedelta(days=customer.net_days)
    company.invoices[invoice.id] = invoice
    customer.invoices.append(invoice)
    apply_credits(company, invoice)
    invoice.status = "posted" if customer.net_days else "payment_due"
    if invoice.due_minor == 0:
        invoice.status, invoice.paid_at = "paid", company.now
    show(company, invoice)
    if invoice.total_minor == 0:
        return
    act = company.planned("erp.invoice", customer, invoice, lambda: post_invoice(company, invoice))
    invoice.posts_at = company.later(customer.rng, POSTED_AFTER_S, act)
    if invoice.due_minor:
        company.step("payments.collect", customer, invoice, lambda: collect(company, invoice))
        company.agenda.at(invoice.due_at, lambda: _fall_due(company, invoice))


def void(company: Company, invoice: Invoice) -> None:
    """Void an open invoice in billing; the ERP follows within the half hour."""
    invoice.status = "voided"
    invoice.voided_at = company.now
    show(company, invoice)
    act = company.planned("erp.void", invoice.customer, invoice, lambda: void_posting(company, invoice))
    due_at = max(company.now, invoice.posts_at or company.now) + timedelta(
        seconds=invoice.customer.rng.randint(300, 1500)
    )
    company.agenda.at(due_at, act)


def _fall_due(company: Company, invoice: Invoice) -> None:
    if invoice.status == "posted":
        invoice.status = "payment_due"
        show(company, invoice)
