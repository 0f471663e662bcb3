"""How an invoice is paid: by card through the processor within minutes, or by bank transfer around its due date.

Failed attempts stay visible in billing, as they do in reality. The ERP books a payment after its invoice.
"""

from datetime import datetime, timedelta
from typing import Any

from sync_assets.sandbox.company.charges import put_charge, put_declined
from sync_assets.sandbox.company.company import Company, random_id
from sync_assets.sandbox.company.days import unix
from sync_assets.sandbox.company.invoice_records import invoice_record
from sync_assets.sandbox.company.nouns import Invoice, Payment
from sync_assets.sandbox.company.postings import post_payment

_DAY_S = 86_400


def collect(company: Company, invoice: Invoice) -> None:
    """Plan the payment of an invoice that has just become final."""
    rng = invoice.customer.rng
    if invoice.customer.pays_by == "card":
        company.later(rng, (60, 240), lambda: charge(company, invoice))
    else:
        days = invoice.customer.net_days + rng.choice((-6, -3, -2, -1, 0, 1, 4))
        seconds = (days * _DAY_S, days * _DAY_S + 30_000)
        company.later(rng, seconds, lambda: _receive(company, invoice))


def charge(company: Company, invoice: Invoice) -> None:
    """One attempt to take an invoice's open amount from the customer's card."""
    customer = invoice.customer
    if invoice.due_minor <= 0:
        return
    payment = Payment(
        id=random_id(customer.rng, "txn_", 16),
        invoice=invoice,
        amount_minor=invoice.due_minor,
        paid_at=company.now,
        charge_id=random_id(customer.rng, "ch_"),
        intent_id=random_id(customer.rng, "pi_"),
        rate=invoice.rate,
    )
    if customer.declines > 0:
        customer.declines -= 1
        _decline(company, payment)
        company.later(customer.rng, (_DAY_S, 2 * _DAY_S), lambda: charge(company, invoice))
        return
    company.step("payments.charge", customer, payment, lambda: put_charge(company, payment))
    act = lambda: company.step(  # noqa: E731
        "billing.payment", customer, payment, lambda: settle(company, payment)
    )
    company.later(customer.rng, (3, 25), act)


def settle(company: Company, payment: Payment) -> None:
    """Billing learns of a payment: the transaction, the invoice it pays, and later the ERP."""
    invoice, customer = payment.invoice, payment.invoice.customer
    invoice.paid_minor += payment.applied_minor
    invoice.payments.append(payment)
    if invoice.due_minor == 0:
        invoice.status, invoice.paid_at = "paid", company.now
    invoice.linked_payments.append(linked_payment(payment, "success", company.now))
    company.systems.billing.put("transactions", transaction_record(payment, "success"))
    company.systems.billing.put("invoices", invoice_record(invoice))
    act = lambda: company.step(  # noqa: E731
        "erp.payment", customer, payment, lambda: post_payment(company, payment)
    )
    posted_at = max(company.now, invoice.posts_at or company.now)
    payment.posts_at = posted_at + timedelta(seconds=customer.rng.randint(300, 1800))
    company.agenda.at(payment.posts_at, act)


def transaction_record(payment: Payment, status: str) -> dict[str, Any]:
    """A payment in billing's shape."""
    invoice, customer = payment.invoice, payment.invoice.customer
    record: dict[str, Any] = {
        "id": payment.id,
        "customer_id": customer.billing_id,
        "subscription_id": invoice.subscription.id,
        "type": "payment",
        "status": status,
        "amount": payment.amount_minor,
        "amount_unused": payment.unused_minor,
        "currency_code": customer.currency,
        "business_entity_id": customer.entity.code,
        "date": unix(payment.paid_at),
        "linked_invoices": [
            {
                "object": "txn_invoice",
                "invoice_id": invoice.id,
                "applied_amount": payment.applied_minor,
                "applied_at": unix(payment.paid_at),
                "invoice_date": unix(invoice.dated_at),
                "invoice_total": invoice.total_minor,
                "invoice_status": invoice.status,
            }
        ],
    }
    if not payment.charge_id:
        reference = {"payment_method": "bank_transfer", "gateway": "not_applicable"}
        return record | reference | {"reference_number": f"WIRE-{payment.id[4:12].upper()}"}
    at_gateway = payment.intent_id if customer.number % 3 == 0 else payment.charge_id
    return record | {"payment_method": "card", "gateway": "stripe", "id_at_gateway": at_gateway}


def linked_payment(payment: Payment, status: str, applied_at: datetime) -> dict[str, Any]:
    """A payment as its invoice lists it; failed attempts name the amount they would have paid."""
    return {
        "object": "linked_payment",
        "txn_id": payment.id,
        "applied_amount": payment.applied_minor,
        "applied_at": unix(applied_at),
        "txn_status": status,
        "txn_date": unix(payment.paid_at),
        "txn_amount": payment.amount_minor,
    }


def _decline(company: Company, payment: Payment) -> None:
    put_declined(company, payment)
    payment.invoice.linked_payments.append(linked_payment(payment, "failure", company.now))
    failed = {"error_code": "card_declined", "error_text": "insufficient funds"}
    company.systems.billing.put("transactions", {**transaction_record(payment, "failure"), **failed})
    company.systems.billing.put("invoices", invoice_record(payment.invoice))


def _receive(company: Company, invoice: Invoice) -> None:
    customer = invoice.customer
    if invoice.due_minor <= 0 or invoice.status == "voided":
        return
    payment = Payment(
        id=random_id(customer.rng, "txn_", 16),
        invoice=invoice,
        amount_minor=invoice.due_minor,
        paid_at=company.now,
        rate=invoice.rate,
    )
    company.step("billing.receive", customer, payment, lambda: settle(company, payment))
