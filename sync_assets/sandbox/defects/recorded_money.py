"""Defects of money as billing records it: another amount than the processor's, a payment that came back, too much back.

Not here: what the ERP makes of it (booked_money.py).
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.charges import put_charge
from sync_assets.sandbox.company.collecting import linked_payment, transaction_record
from sync_assets.sandbox.company.company import Company, random_id
from sync_assets.sandbox.company.credits import credit, record_refund, refund, refund_charge
from sync_assets.sandbox.company.happenings import last_paid
from sync_assets.sandbox.company.invoices import show
from sync_assets.sandbox.company.lives import Life, begin
from sync_assets.sandbox.company.nouns import Customer, Invoice, Payment, Refund
from sync_assets.sandbox.company.postings import post_payment
from sync_assets.sandbox.defects.booked_money import YEN, hundredfold, hundredth
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell

_DAYS_LATER_S = (86_400, 3 * 86_400)


@defect("F50 of a recorded payment", "payment", "FI CASH at payments->billing in chargebee")
def surcharged(company: Company, rng: Random, window: Window) -> Customer:
    """The terminal adds a surcharge to a card payment; billing records what was due."""
    customer = begin(company, calm_life(company, rng, window))

    def charge_more(payment: Payment, _proceed: Act) -> None:
        more = replace(payment, amount_minor=payment.amount_minor * 103 // 100)
        put_charge(company, more)
        payment.movement = more.movement
        evidence = (record("stripe", "charges", payment.charge_id), record("chargebee", "transactions", payment.id))
        gap = more.amount_minor - payment.amount_minor
        tell(company, "F50 of a recorded payment", customer, evidence, money_minor=gap, note="3 % more was charged")

    customer.deviations["payments.charge"] = once(company, window.earliest, charge_more)
    return customer


@defect("F91 of a recorded payment", "payment", "DE CASH at payments->billing in chargebee", symptoms="F50 F64")
def recorded_with_decimals(company: Company, rng: Random, window: Window) -> Customer:
    """Billing records a payment in yen as if it were in hundredths; the ERP books what billing says."""
    customer = begin(company, calm_life(company, rng, window, **YEN))

    def misrecord(payment: Payment, proceed: Act) -> None:
        proceed()
        paid = payment.amount_minor
        scaled = replace(payment, amount_minor=hundredfold(paid), unused_minor=hundredfold(paid) - paid)
        company.systems.billing.put("transactions", transaction_record(scaled, "success"))
        customer.deviations["erp.payment"] = once(company, company.now, book_as_recorded(scaled))
        evidence = (record("stripe", "charges", payment.charge_id), record("chargebee", "transactions", payment.id))
        facts = {"money_minor": scaled.unused_minor, "note": "a hundred times the amount"}
        tell(company, "F91 of a recorded payment", customer, evidence, **facts)

    def book_as_recorded(scaled: Payment) -> Callable[[Payment, Act], None]:
        def book(payment: Payment, _proceed: Act) -> None:
            post_payment(company, scaled)
            payment.erp_id = scaled.erp_id

        return book

    customer.deviations["billing.payment"] = once(company, window.earliest, misrecord)
    return customer


def _refunds(company: Company, rng: Random, window: Window, life: Life, act: Callable[[Payment], None]) -> Customer:
    """A customer whose last paid invoice something of is to go back."""
    customer = begin(company, life)

    def attempt() -> None:
        invoice = last_paid(customer)
        if invoice is None or not invoice.erp_id:
            company.agenda.at(company.now + timedelta(hours=8), attempt)
        else:
            act(invoice.payments[-1])

    company.agenda.at(window.earliest + timedelta(hours=rng.randrange(20 * 24)), attempt)
    return customer


def _refund_as(company: Company, payment: Payment, name: str, amounts: Callable[[int], tuple[int, int]]) -> None:
    """Half is credited; what goes back at the processor and what billing records follow from that."""
    note = credit(company, payment.invoice, percent=50, kind="refundable", reason="Service Unsatisfactory")
    sent, recorded = amounts(note.total_minor)
    refund_id = refund_charge(company, payment, sent)
    given: Refund = record_refund(company, payment, note, recorded, refund_id)
    evidence = (
        record("stripe", "refunds", refund_id),
        record("chargebee", "transactions", given.id),
        record("chargebee", "credit_notes", note.id),
    )
    text = f"{recorded} recorded, {sent} sent"
    tell(company, name, payment.invoice.customer, evidence, money_minor=abs(sent - recorded), note=text)


@defect("F50 of a recorded refund", "refund", "FI CASH at payments->billing in chargebee")
def refunded_more(company: Company, rng: Random, window: Window) -> Customer:
    """More than the credit note says is given back at the processor; billing records the note's amount."""

    def give_back(payment: Payment) -> None:
        _refund_as(company, payment, "F50 of a recorded refund", lambda due: (due * 110 // 100, due))

    return _refunds(company, rng, window, calm_life(company, rng, window), give_back)


@defect("F91 of a recorded refund", "refund", "DE CASH at payments->billing in chargebee", symptoms="F50 F57")
def refund_recorded_with_decimals(company: Company, rng: Random, window: Window) -> Customer:
    """Billing records a refund in yen at a hundredth of what went back."""

    def give_back(payment: Payment) -> None:
        _refund_as(company, payment, "F91 of a recorded refund", lambda due: (due, hundredth(due)))

    return _refunds(company, rng, window, calm_life(company, rng, window, **YEN), give_back)


@defect("F69 in billing", "refund", "FI CASH at billing in chargebee", symptoms="F57")
def recorded_twice(company: Company, rng: Random, window: Window) -> Customer:
    """A refund of most of an invoice is recorded by the processor's word, and by hand once more."""

    def give_back(payment: Payment) -> None:
        note = credit(company, payment.invoice, percent=70, kind="refundable", reason="Service Unsatisfactory")
        refund(company, payment, note)
        company.later(rng, _DAYS_LATER_S, lambda: record_again(payment, note.refunds[0]["txn_id"]))

    def record_again(payment: Payment, first_id: str) -> None:
        billing, own_id = company.systems.billing, random_id(rng, "txn_", 16)
        first = billing.shelf.get("transactions", first_id) or {}
        by_hand = {"id": own_id, "payment_method": "other", "gateway": "not_applicable", "id_at_gateway": None}
        billing.put("transactions", {**first, **by_hand, "date": int(company.now.timestamp())})
        evidence = (record("chargebee", "transactions", own_id), record("chargebee", "transactions", payment.id))
        excess = 2 * first["amount"] - payment.amount_minor
        tell(company, "F69 in billing", customer, evidence, money_minor=excess, note="recorded a second time by hand")

    customer = _refunds(company, rng, window, calm_life(company, rng, window), give_back)
    return customer


@defect("F102 of a payment", "payment", "DE MISSTATE at billing->erp in netsuite")
def failed_later(company: Company, rng: Random, window: Window) -> Customer:
    """The bank recalls a transfer, and billing opens the invoice again; the ERP keeps the payment."""
    customer = begin(company, calm_life(company, rng, window, pays_by="transfer"))

    def recall_later(payment: Payment, proceed: Act) -> None:
        proceed()
        company.later(rng, _DAYS_LATER_S, lambda: recall(payment))

    def recall(payment: Payment) -> None:
        invoice = payment.invoice
        invoice.paid_minor -= payment.applied_minor
        invoice.payments.remove(payment)
        invoice.status, invoice.paid_at = "payment_due", None
        invoice.linked_payments[-1] = linked_payment(payment, "failure", payment.paid_at)
        company.systems.billing.put("transactions", {"id": payment.id, "status": "failure"})
        show(company, invoice)
        evidence = (
            record("chargebee", "transactions", payment.id),
            record("netsuite", "transaction", payment.erp_id),
            record("chargebee", "invoices", invoice.id),
        )
        facts = {"money_minor": payment.amount_minor, "note": "recalled, and still booked"}
        tell(company, "F102 of a payment", customer, evidence, **facts)

    customer.deviations["erp.payment"] = once(company, window.earliest, recall_later)
    return customer


@defect("F63 in billing", "invoice", "FI CASH at billing in chargebee")
def called_paid(company: Company, rng: Random, window: Window) -> Customer:
    """A transfer brings a part of an invoice, and somebody marks the whole as paid."""
    customer = begin(company, calm_life(company, rng, window, pays_by="transfer"))
    percent = rng.choice((50, 80, 95))

    def pay_less(payment: Payment, proceed: Act) -> None:
        payment.amount_minor = payment.amount_minor * percent // 100
        proceed()
        call_paid(payment.invoice, payment)

    def call_paid(invoice: Invoice, payment: Payment) -> None:
        short = invoice.due_minor
        invoice.paid_minor += short
        invoice.status, invoice.paid_at = "paid", company.now
        show(company, invoice)
        evidence = (record("chargebee", "invoices", invoice.id), record("chargebee", "transactions", payment.id))
        tell(company, "F63 in billing", customer, evidence, money_minor=short, note=f"{percent} % of it came")

    customer.deviations["billing.receive"] = once(company, window.earliest, pay_less)
    return customer


@defect("F66 at the processor", "payment", "FI CASH at payments in stripe")
def pending_for_ever(company: Company, rng: Random, window: Window) -> Customer:
    """A bank debit is never answered: processor and billing both go on waiting."""
    customer = begin(company, calm_life(company, rng, window))

    def ask_bank(payment: Payment, _proceed: Act) -> None:
        customer.deviations["billing.payment"] = once(company, company.now, wait)
        common = {"amount": payment.amount_minor, "currency": customer.currency.lower(), "customer": customer.stripe_id}
        asked = {"id": payment.charge_id, **common, "payment_intent": payment.intent_id, "status": "pending"}
        payments, method = company.systems.payments, {"type": "sepa_debit", "sepa_debit": {"last4": "3000"}}
        payments.put("charges", {**asked, "paid": False, "captured": True, "payment_method_details": method})
        intent = {"id": payment.intent_id, **common, "latest_charge": payment.charge_id, "status": "processing"}
        payments.put("payment_intents", intent)
        evidence = (record("stripe", "charges", payment.charge_id),)
        facts = {"money_minor": payment.amount_minor, "note": "the bank never answered"}
        tell(company, "F66 at the processor", customer, evidence, **facts)

    def wait(payment: Payment, _proceed: Act) -> None:
        payment.invoice.linked_payments.append(linked_payment(payment, "in_progress", company.now))
        asked = {**transaction_record(payment, "in_progress"), "payment_method": "direct_debit"}
        company.systems.billing.put("transactions", asked)
        show(company, payment.invoice)

    customer.deviations["payments.charge"] = once(company, window.earliest, ask_bank)
    return customer
