"""How billing shows a credit note, and how free credit is used up by the next invoice.

Source: Chargebee API reference, credit note attributes, `applied_credits` of an invoice.
"""

from typing import Any

from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import unix
from sync_assets.sandbox.company.invoice_records import line_record, tax_records
from sync_assets.sandbox.company.nouns import CreditNote, Invoice
from sync_assets.sandbox.company.postings import apply_in_erp


def credit_record(note: CreditNote) -> dict[str, Any]:
    """The credit note in billing's shape."""
    customer = note.customer
    return {
        "id": note.id,
        "customer_id": customer.billing_id,
        "subscription_id": note.subscription.id,
        "reference_invoice_id": note.invoice.id,
        "type": note.kind,
        "create_reason_code": note.reason or None,
        "status": credit_status(note),
        "date": unix(note.dated_at),
        "generated_at": unix(note.dated_at),
        "currency_code": customer.currency,
        "business_entity_id": customer.entity.code,
        "sub_total": note.net_minor,
        "total": note.total_minor,
        "amount_allocated": note.allocated_minor,
        "amount_refunded": note.refunded_minor,
        "amount_available": note.free_minor,
        "line_items": [line_record(note, line) for line in note.lines],
        **tax_records(note),
        "allocations": list(note.allocations),
        "linked_refunds": list(note.refunds),
    }


def credit_status(note: CreditNote) -> str:
    """Adjustment notes are adjusted; refundable ones are due until refunded or allocated in full."""
    if note.kind == "adjustment":
        return "adjusted"
    return "refund_due" if note.free_minor else "refunded"


def reference(note: CreditNote) -> dict[str, Any]:
    """A credit note as its invoice lists it."""
    return {
        "cn_id": note.id,
        "cn_reason_code": "other",
        "cn_create_reason_code": note.reason or None,
        "cn_date": unix(note.dated_at),
        "cn_total": note.total_minor,
        "cn_status": credit_status(note),
    }


def apply_credits(company: Company, invoice: Invoice) -> None:
    """Let free credit of the customer pay part of an invoice that becomes final."""
    for note in invoice.customer.credits:
        amount = min(note.free_minor, invoice.due_minor)
        if amount <= 0 or note.reason != "Goodwill":
            continue
        note.allocated_minor += amount
        invoice.credited_minor += amount
        used = {"applied_amount": amount, "applied_at": unix(company.now)}
        invoice.applied_credits.append({"object": "applied_credit", **reference(note), **used})
        note.allocations.append(
            {
                "object": "allocation",
                "invoice_id": invoice.id,
                "allocated_amount": amount,
                "allocated_at": unix(company.now),
                "invoice_date": unix(invoice.dated_at),
                "invoice_status": "paid" if invoice.due_minor == 0 else "payment_due",
            }
        )
        company.systems.billing.put("credit_notes", credit_record(note))
        act = company.planned("erp.use_credit", invoice.customer, note, _applier(company, note, invoice, amount))
        company.later(invoice.customer.rng, (2500, 3200), act)


def _applier(company: Company, note: CreditNote, invoice: Invoice, amount: int) -> Any:
    return lambda: apply_in_erp(company, note, invoice, amount)
