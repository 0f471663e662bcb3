"""Defects of money that goes back: refunds that fail or go twice, chargebacks that nobody books or answers."""

from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.charges import put_movement
from sync_assets.sandbox.company.company import Company, random_id
from sync_assets.sandbox.company.credit_records import credit_record, reference
from sync_assets.sandbox.company.credits import credit, refund, refund_charge
from sync_assets.sandbox.company.days import unix
from sync_assets.sandbox.company.disputes import dispute
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import CreditNote, Customer, Movement, Payment
from sync_assets.sandbox.company.rates import DISPUTE_FEES
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell

_DAYS_LATER_S = (86_400, 3 * 86_400)


def fail_refund(company: Company, payment: Payment, refund_id: str, amount: int) -> None:
    """A refund that the bank sends back: the processor has the money again, the customer has not."""
    customer, payments = payment.invoice.customer, company.systems.payments
    back = Movement(
        id=random_id(customer.rng, "txn_"),
        kind="refund_failure",
        amount_minor=amount,
        fee_minor=0,
        currency=customer.currency,
        available_at=company.now,
        customer=customer,
    )
    failed = {"id": refund_id, "status": "failed", "failure_reason": "expired_or_canceled_card"}
    payments.put("refunds", {**failed, "failure_balance_transaction": back.id})
    put_movement(company, back, refund_id)
    payment.refunded_minor -= amount
    whole = payment.refunded_minor == payment.amount_minor
    payments.put("charges", {"id": payment.charge_id, "amount_refunded": payment.refunded_minor, "refunded": whole})


def refund_refused(company: Company, payment: Payment, note: CreditNote) -> str:
    """Billing asks for a refund that fails at once; returns the id of its transaction."""
    customer, billing = payment.invoice.customer, company.systems.billing
    amount, own_id, now = note.free_minor, random_id(customer.rng, "txn_", 16), unix(company.now)
    refund_id = refund_charge(company, payment, amount)
    fail_refund(company, payment, refund_id, amount)
    note_link = {"object": "txn_credit_note", **reference(note), "cn_reference_invoice_id": note.invoice.id}
    transaction = {
        "id": own_id,
        "customer_id": customer.billing_id,
        "subscription_id": note.subscription.id,
        "type": "refund",
        "status": "failure",
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
    link = {"object": "linked_refund", "txn_id": own_id, "txn_status": "failure", "txn_amount": amount}
    note.refunds.append({**link, "applied_amount": amount, "applied_at": now, "txn_date": now})
    billing.put("credit_notes", credit_record(note))
    return own_id


def credited(company: Company, payment: Payment) -> CreditNote:
    """A part of a paid invoice is credited, to be paid back."""
    return credit(company, payment.invoice, percent=40, kind="refundable", reason="Service Unsatisfactory")


@defect("F68", "credit_note", "FI OVER at billing->payments in stripe", symptoms="F69")
def never_refunded(company: Company, rng: Random, window: Window) -> Customer:
    """The refund of a credit note fails, at once or days later when billing has recorded it as done."""
    customer = begin(company, calm_life(company, rng, window))
    is_known = rng.random() < 0.5

    def credit_later(payment: Payment, proceed: Act) -> None:
        proceed()
        company.later(rng, _DAYS_LATER_S, lambda: give_back(payment))

    def give_back(payment: Payment) -> None:
        note = credited(company, payment)
        owed = note.free_minor
        if is_known:
            say(note, owed, refund_refused(company, payment, note))
            return
        refund(company, payment, note)
        company.later(rng, _DAYS_LATER_S, lambda: return_it(payment, note, owed))

    def return_it(payment: Payment, note: CreditNote, owed: int) -> None:
        own_id = note.refunds[-1]["txn_id"]
        held = company.systems.billing.shelf.get("transactions", own_id) or {}
        fail_refund(company, payment, held["id_at_gateway"], owed)
        say(note, owed, own_id, hop="payments->billing", system="chargebee")

    def say(note: CreditNote, owed: int, own_id: str, **facts: str) -> None:
        evidence = (record("chargebee", "credit_notes", note.id), record("chargebee", "transactions", own_id))
        tell(company, "F68", customer, evidence, money_minor=owed, note="the refund failed", **facts)

    customer.deviations["erp.payment"] = once(company, window.earliest, credit_later)
    return customer


@defect("F69", "refund", "FI CASH at payments in stripe")
def refund_failed(company: Company, rng: Random, window: Window) -> Customer:
    """A refund from the processor's dashboard goes to a closed card and comes back; nobody notices."""
    customer = begin(company, calm_life(company, rng, window))

    def refund_later(payment: Payment, proceed: Act) -> None:
        proceed()
        company.later(rng, (3600, 86_400), lambda: refund_to_closed(payment))

    def refund_to_closed(payment: Payment) -> None:
        amount = payment.amount_minor * 30 // 100
        refund_id = refund_charge(company, payment, amount)
        fail_refund(company, payment, refund_id, amount)
        evidence = (record("stripe", "refunds", refund_id), record("stripe", "charges", payment.charge_id))
        tell(company, "F69", customer, evidence, money_minor=amount, note="the card was closed")

    customer.deviations["erp.payment"] = once(company, window.earliest, refund_later)
    return customer


@defect("F70", "dispute", "FI MISSTATE at payments->erp in netsuite", symptoms="F67 F69")
def chargeback_lost_sight_of(company: Company, rng: Random, window: Window) -> Customer:
    """A chargeback is never booked, or the disputed payment is refunded as well."""
    customer = begin(company, calm_life(company, rng, window))
    is_refunded = rng.random() < 0.5

    def dispute_later(payment: Payment, proceed: Act) -> None:
        proceed()
        company.later(rng, _DAYS_LATER_S, lambda: charge_back(payment))

    def charge_back(payment: Payment) -> None:
        if not is_refunded:
            customer.deviations["erp.dispute"] = lambda dispute_id, _proceed: unbooked(payment, dispute_id)
            dispute(company, payment, is_lost=True)
            return
        note = credited(company, payment)
        owed = note.free_minor
        refund(company, payment, note)
        customer.deviations["erp.dispute"] = lambda dispute_id, proceed: twice(payment, owed, dispute_id, proceed)
        company.later(rng, (3600, 7200), lambda: dispute(company, payment, is_lost=True))

    def unbooked(payment: Payment, dispute_id: str) -> None:
        customer.deviations["erp.dispute"] = lambda _dispute_id, _proceed: None
        money = payment.amount_minor + DISPUTE_FEES[customer.currency]
        say(payment, dispute_id, money_minor=money, note="nobody booked it")

    def twice(payment: Payment, owed: int, dispute_id: str, proceed: Act) -> None:
        proceed()
        del customer.deviations["erp.dispute"]
        say(payment, dispute_id, money_minor=owed, note="refunded before", hop="payments", system="stripe", kind="CASH")

    def say(payment: Payment, dispute_id: str, **facts: object) -> None:
        evidence = (record("stripe", "disputes", dispute_id), record("stripe", "charges", payment.charge_id))
        tell(company, "F70", customer, evidence, **facts)

    customer.deviations["erp.payment"] = once(company, window.earliest, dispute_later)
    return customer
