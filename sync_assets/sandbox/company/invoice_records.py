"""How billing shows an invoice and the lines of a document: names and shapes only.

Source: Chargebee API reference, invoice and line item attributes (the last second of a line is its `date_to`).
"""

from typing import Any

from sync_assets.sandbox.company.days import unix
from sync_assets.sandbox.company.nouns import Document, Invoice, Line
from sync_assets.sandbox.company.rates import TAX_NAMES


def invoice_record(invoice: Invoice) -> dict[str, Any]:
    """The invoice in billing's shape."""
    customer = invoice.customer
    discount = sum(line.discount_minor for line in invoice.lines)
    record: dict[str, Any] = {
        "id": invoice.id,
        "customer_id": customer.billing_id,
        "subscription_id": invoice.subscription.id,
        "recurring": True,
        "first_invoice": invoice.is_first,
        "status": invoice.status,
        "date": unix(invoice.dated_at),
        "due_date": unix(invoice.due_at) if invoice.due_at else None,
        "generated_at": unix(invoice.finalised_at or invoice.dated_at),
        "paid_at": unix(invoice.paid_at) if invoice.paid_at else None,
        "voided_at": unix(invoice.voided_at) if invoice.voided_at else None,
        "net_term_days": customer.net_days,
        "currency_code": customer.currency,
        "business_entity_id": customer.entity.code,
        "vat_number": customer.profile.tax_id,
        "sub_total": sum(line.amount_minor for line in invoice.lines),
        "tax": invoice.tax_minor,
        "total": invoice.total_minor,
        "amount_paid": invoice.paid_minor,
        "amount_adjusted": invoice.adjusted_minor,
        "credits_applied": invoice.credited_minor,
        "write_off_amount": invoice.written_off_minor,
        "amount_due": invoice.due_minor,
        "line_items": [line_record(invoice, line) for line in invoice.lines],
        **tax_records(invoice),
        "linked_payments": list(invoice.linked_payments),
        "applied_credits": list(invoice.applied_credits),
        "adjustment_credit_notes": list(invoice.adjustment_notes),
        "issued_credit_notes": list(invoice.issued_notes),
    }
    if discount:
        coupon = f"WELCOME{invoice.subscription.coupon_percent}"
        kind = "document_level_coupon"
        record["discounts"] = [{"object": "discount", "entity_type": kind, "entity_id": coupon, "amount": discount}]
        record["line_item_discounts"] = [
            {
                "object": "line_item_discount",
                "line_item_id": line.id,
                "discount_type": kind,
                "coupon_id": coupon,
                "entity_id": coupon,
                "discount_amount": line.discount_minor,
            }
            for line in invoice.lines
            if line.discount_minor
        ]
    return record


def line_record(document: Document, line: Line) -> dict[str, Any]:
    """One line of an invoice or credit note."""
    customer = document.customer
    return {
        "id": line.id,
        "subscription_id": document.subscription.id,
        "customer_id": customer.billing_id,
        "date_from": unix(line.starts_at),
        "date_to": unix(line.ends_at) - 1,
        "quantity": line.quantity,
        "unit_amount": line.unit_minor,
        "amount": line.amount_minor,
        "pricing_model": line.product.model,
        "discount_amount": line.discount_minor,
        "item_level_discount_amount": 0,
        "is_taxed": line.tax_percent > 0,
        "tax_amount": line.tax_minor,
        "tax_rate": line.tax_percent or None,
        "metered": line.product.metered,
        "description": line.product.name,
        "entity_type": f"{line.product.kind}_item_price",
        "entity_id": line.product.price_id(customer.currency),
    }


def tax_records(document: Document) -> dict[str, Any]:
    """The taxes of a document, by name and by line; nothing where no tax is due."""
    if not document.tax_minor:
        return {}
    name = TAX_NAMES[document.customer.profile.country]
    by_line = [
        {
            "object": "line_item_tax",
            "line_item_id": line.id,
            "tax_name": name,
            "tax_rate": line.tax_percent,
            "taxable_amount": line.net_minor,
            "is_partial_tax_applied": False,
            "is_non_compliance_tax": False,
            "tax_amount": line.tax_minor,
        }
        for line in document.lines
    ]
    return {"taxes": [{"object": "tax", "name": name, "amount": document.tax_minor}], "line_item_taxes": by_line}
