"""Defects of payments in themselves: too much and left lying, in an unknown state, or booked to somebody else."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.collecting import linked_payment, transaction_record
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.invoices import show
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer, Payment
from sync_assets.sandbox.company.postings import post_payment
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell


@defect("F64", "payment", "FI OVER at billing in chargebee")
def overpaid(company: Company, rng: Random, window: Window) -> Customer:
    """A transfer brings more than was due, and nobody uses the rest or sends it back."""
    customer = begin(company, calm_life(company, rng, window, pays_by="transfer"))
    percent = rng.choice((5, 20, 100))

    def pay_more(payment: Payment, proceed: Act) -> None:
        payment.unused_minor = payment.amount_minor * percent // 100
        payment.amount_minor += payment.unused_minor
        proceed()
        evidence = (
            record("chargebee", "transactions", payment.id),
            record("chargebee", "invoices", payment.invoice.id),
        )
        tell(company, "F64", customer, evidence, money_minor=payment.unused_minor, note=f"{percent} % too much")

    customer.deviations["billing.receive"] = once(company, window.earliest, pay_more)
    return customer


@defect("F66", "payment", "FI CASH at payments->billing in chargebee")
def state_unknown(company: Company, rng: Random, window: Window) -> Customer:
    """The gateway does not answer; what became of the request stays unknown to billing, and the invoice open."""
    customer = begin(company, calm_life(company, rng, window))
    arrived = rng.random() < 0.5

    def time_out(payment: Payment, _proceed: Act) -> None:
        payments = company.systems.payments
        if arrived:
            declined = {
                "id": payment.charge_id,
                "failure_code": "processing_error",
                "payment_intent": payment.intent_id,
            }
            money = {"amount": payment.amount_minor, "currency": customer.currency.lower()}
            payments.put("charges", {**declined, **money, "customer": customer.stripe_id, "status": "failed"})

    def ask(payment: Payment, _proceed: Act) -> None:
        asked = transaction_record(payment, "needs_attention")
        payment.invoice.linked_payments.append(linked_payment(payment, "needs_attention", company.now))
        company.systems.billing.put("transactions", asked)
        show(company, payment.invoice)
        evidence = [
            record("chargebee", "transactions", payment.id),
            record("chargebee", "invoices", payment.invoice.id),
        ]
        if arrived:
            evidence.append(record("stripe", "charges", payment.charge_id))
        note = "declined, billing never heard" if arrived else "the request never arrived"
        facts = {"money_minor": payment.amount_minor, "since": payment.paid_at, "note": note}
        tell(company, "F66", customer, tuple(evidence), **facts)

    def begin_to(payment: Payment, proceed: Act) -> None:
        customer.deviations["billing.payment"] = once(company, window.earliest, ask)
        time_out(payment, proceed)

    customer.deviations["payments.charge"] = once(company, window.earliest, begin_to)
    return customer


@defect("F62", "payment", "FI CASH at payments->erp in netsuite")
def wrong_hands(company: Company, rng: Random, window: Window) -> Customer:
    """The ERP books a transfer to another customer with the same amount open, or another's card is charged."""
    is_card = rng.random() < 0.4
    life = calm_life(company, rng, window, pays_by="card" if is_card else "transfer")
    customer = begin(company, life)
    other = begin(company, replace(life, starts_at=life.starts_at - timedelta(days=1)))

    def book_to_other(payment: Payment, _proceed: Act) -> None:
        post_payment(company, payment, payer=other, is_applied=False)
        evidence = (record("chargebee", "transactions", payment.id), record("netsuite", "transaction", payment.erp_id))
        note = f"booked to {other.billing_id}"
        tell(company, "F62", customer, evidence, money_minor=payment.amount_minor, since=payment.paid_at, note=note)

    def charge_other(payment: Payment, proceed: Act) -> None:
        proceed()
        payer = {"customer": other.stripe_id}
        company.systems.payments.put("charges", {"id": payment.charge_id, **payer})
        company.systems.payments.put("payment_intents", {"id": payment.intent_id, **payer})
        evidence = (record("chargebee", "transactions", payment.id), record("stripe", "charges", payment.charge_id))
        facts = {"hop": "payments->billing", "system": "chargebee", "note": f"{other.stripe_id} was charged"}
        tell(company, "F62", customer, evidence, money_minor=payment.amount_minor, **facts)

    def known(_payment: Payment) -> bool:
        return bool(other.stripe_id if is_card else other.erp_id)

    step, act = ("payments.charge", charge_other) if is_card else ("erp.payment", book_to_other)
    customer.deviations[step] = once(company, window.earliest, act, suits=known)
    return customer
