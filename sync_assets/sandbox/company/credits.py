"""What finance and support give back: credit notes on open or paid invoices, refunds, corrections billed anew."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from sync_assets.sandbox.company.charges import put_movement
from sync_assets.sandbox.company.company import Company, random_id
from sync_assets.sandbox.company.credit_records import credit_record, reference
from sync_assets.sandbox.company.days import day_of, half_up, unix
from sync_assets.sandbox.company.invoice_records import invoice_record
from sync_assets.sandbox.company.invoices import POSTED_AFTER_S, issue
from sync_assets.sandbox.company.invoicing import draw_up
from sync_assets.sandbox.company.nouns import CreditNote, Invoice, Line, Movement, Payment, Refund
from sync_assets.sandbox.company.postings import post_credit, post_refund
from sync_assets.sandbox.company.rates import exchange_rate, tax_of


def credit(company: Company, invoice: Invoice, *, percent: int, kind: str, reason: str) -> CreditNote:
    """Credit a share of every line of an invoice: an adjustment of an open one, a refundable note on a paid one."""
    customer = invoice.customer
    on = day_of(company.now, customer.entity.zone)
    note = CreditNote(
        id=f"CN-{company.number('credit_note')}",
        customer=customer,
        subscription=invoice.subscription,
        lines=[_share(company, line, percent) for line in invoice.lines],
        dated_at=company.now,
        on=on,
        rate=exchange_rate(customer.currency, customer.entity.currency, on),
        invoice=invoice,
        kind=kind,
        reason=reason,
    )
    customer.credits.append(note)
    if kind == "adjustment":
        invoice.adjusted_minor += note.total_minor
        invoice.adjustment_notes.append({"object": "adjustment_credit_note", **reference(note)})
    else:
        invoice.issued_notes.append({"object": "issued_credit_note", **reference(note)})
    if invoice.due_minor == 0 and invoice.status != "paid":
        invoice.status, invoice.paid_at = "paid", company.now
    company.systems.billing.put("credit_notes", credit_record(note))
    company.systems.billing.put("invoices", invoice_record(invoice))
    # The ERP needs the invoice before it can apply a credit to it.
    posts_at = max(company.now, invoice.posts_at or company.now)
    note.posts_at = posts_at + timedelta(seconds=customer.rng.randint(*POSTED_AFTER_S))
    company.agenda.at(note.posts_at, company.planned("erp.credit", customer, note, lambda: post_credit(company, note)))
    return note


def refund(company: Company, payment: Payment, note: CreditNote) -> None:
    """Pay a refundable credit note back to the card the money came from."""
    rng = payment.invoice.customer.rng
    amount = note.free_minor

    def pay_back() -> None:
        refund_id = refund_charge(company, payment, amount)
        company.later(rng, (3, 25), lambda: take_down(refund_id))

    def take_down(refund_id: str) -> None:
        record_refund(company, payment, note, amount, refund_id)

    company.later(rng, (5, 30), pay_back)


def refund_charge(company: Company, payment: Payment, amount: int, *, reason: str = "requested_by_customer") -> str:
    """Give money back at the processor; returns the refund's id."""
    customer, payments = payment.invoice.customer, company.systems.payments
    refund_id = random_id(customer.rng, "re_")
    movement = Movement(
        id=random_id(customer.rng, "txn_"),
        kind="refund",
        amount_minor=-amount,
        fee_minor=0,
        currency=customer.currency,
        available_at=company.now,
        customer=customer,
    )
    payment.refunded_minor += amount
    record = {"id": refund_id, "amount": amount, "currency": customer.currency.lower(), "charge": payment.charge_id}
    record |= {"payment_intent": payment.intent_id, "reason": reason, "status": "succeeded"}
    payments.put("refunds", {**record, "balance_transaction": movement.id})
    put_movement(company, movement, refund_id)
    whole = payment.refunded_minor == payment.amount_minor
    payments.put("charges", {"id": payment.charge_id, "amount_refunded": payment.refunded_minor, "refunded": whole})
    return refund_id


def bill_anew(company: Company, invoice: Invoice) -> Invoice:
    """Credit an open invoice in full and invoice the same term once more, as a corrected document."""
    credit(company, invoice, percent=100, kind="adjustment", reason="Billing Error")
    again = draw_up(company, invoice.subscription, invoice.dated_at)
    again.lines = [replace(line, id=f"li_{company.number('line'):07d}") for line in invoice.lines]
    company.later(invoice.customer.rng, (120, 600), lambda: issue(company, again))
    return again


def record_refund(company: Company, payment: Payment, note: CreditNote, amount: int, refund_id: str) -> Refund:
    """Billing learns of a refund of a credit note, and later the ERP; returns what billing records."""
    customer, billing = payment.invoice.customer, company.systems.billing
    transaction_id = random_id(customer.rng, "txn_", 16)
    note.refunded_minor += amount
    now = unix(company.now)
    note.refunds.append(
        {
            "object": "linked_refund",
            "txn_id": transaction_id,
            "applied_amount": amount,
            "applied_at": now,
            "txn_status": "success",
            "txn_date": now,
            "txn_amount": amount,
            "refund_reason_code": note.reason,
        }
    )
    note_link = {"object": "txn_credit_note", **reference(note), "cn_reference_invoice_id": note.invoice.id}
    transaction = {
        "id": transaction_id,
        "customer_id": customer.billing_id,
        "subscription_id": note.subscription.id,
        "type": "refund",
        "status": "success",
        "payment_method": "card",
        "gateway": "stripe",
        "amount": amount,
        "currency_code": customer.currency,
        "business_entity_id": customer.entity.code,
        "date": now,
        "id_at_gateway": refund_id,
        "refunded_txn_id": payment.id,
        "linked_credit_notes": [{**note_link, "applied_amount": amount, "applied_at": now}],
    }
    billing.put("transactions", transaction)
    billing.put("credit_notes", credit_record(note))
    linked = {"txn_id": transaction_id, "txn_status": "success", "txn_date": now, "txn_amount": amount}
    billing.put("transactions", {"id": payment.id, "linked_refunds": [{"object": "linked_refund", **linked}]})
    posts_at = max(company.now, note.posts_at or company.now) + timedelta(seconds=customer.rng.randint(300, 1800))
    recorded = Refund(id=transaction_id, note=note, amount_minor=amount)
    act = company.planned("erp.refund", customer, recorded, lambda: post_refund(company, recorded))
    company.agenda.at(posts_at, act)
    return recorded


def _share(company: Company, line: Line, percent: int) -> Line:
    net = half_up(Fraction(line.net_minor * percent, 100))
    return replace(
        line,
        id=f"li_{company.number('line'):07d}",
        quantity=1,
        unit_minor=net,
        amount_minor=net,
        discount_minor=0,
        tax_minor=tax_of(net, line.tax_percent),
    )
