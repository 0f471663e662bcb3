"""Card money as the processor holds it: payment intents, charges, and the movements of its balance."""

from datetime import timedelta

from sync_assets.sandbox.company.company import Company, random_id
from sync_assets.sandbox.company.days import unix
from sync_assets.sandbox.company.nouns import Movement, Payment
from sync_assets.sandbox.company.rates import fee_of


def put_charge(company: Company, payment: Payment) -> None:
    """A charge that succeeded, its payment intent and what it does to the balance."""
    customer, payments = payment.invoice.customer, company.systems.payments
    currency = customer.currency
    movement = Movement(
        id=random_id(customer.rng, "txn_"),
        kind="charge",
        amount_minor=payment.amount_minor,
        fee_minor=fee_of(payment.amount_minor, currency),
        currency=currency,
        available_at=company.now + timedelta(days=2),
        customer=customer,
    )
    payment.movement = movement
    common = {"amount": payment.amount_minor, "currency": currency.lower(), "customer": customer.stripe_id}
    about = {"description": f"Invoice {payment.invoice.id}", "metadata": {"invoice_number": payment.invoice.id}}
    charge_record = {"id": payment.charge_id, **common, **about, "payment_intent": payment.intent_id}
    payments.put("charges", {**charge_record, "balance_transaction": movement.id, "status": "succeeded"})
    put_movement(company, movement, payment.charge_id)
    intent = {"id": payment.intent_id, **common, **about, "latest_charge": payment.charge_id}
    payments.put("payment_intents", {**intent, "status": "succeeded", "amount_received": payment.amount_minor})


def put_movement(company: Company, movement: Movement, source: str) -> None:
    """Write an entry of the processor's balance and remember it for the next payout."""
    company.movements.setdefault(movement.currency, []).append(movement)
    fee = {"amount": movement.fee_minor, "currency": movement.currency.lower(), "type": "stripe_fee"}
    company.systems.payments.put(
        "balance_transactions",
        {
            "id": movement.id,
            "type": movement.kind,
            "amount": movement.amount_minor,
            "fee": movement.fee_minor,
            "net": movement.amount_minor - movement.fee_minor,
            "fee_details": [{**fee, "application": None, "description": "Processing fees"}]
            if movement.fee_minor
            else [],
            "currency": movement.currency.lower(),
            "source": source,
            "available_on": unix(movement.available_at),
            "status": "pending",
        },
    )


def put_declined(company: Company, payment: Payment) -> None:
    """A charge that the card refused, and its payment intent."""
    customer, payments = payment.invoice.customer, company.systems.payments
    common = {"amount": payment.amount_minor, "currency": customer.currency.lower(), "customer": customer.stripe_id}
    failure = {"failure_code": "card_declined", "failure_message": "Your card has insufficient funds."}
    declined = {"id": payment.charge_id, **common, **failure, "payment_intent": payment.intent_id, "status": "failed"}
    payments.put("charges", {**declined, "description": f"Invoice {payment.invoice.id}"})
    error = {"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"}
    intent = {"id": payment.intent_id, **common, "latest_charge": payment.charge_id, "last_payment_error": error}
    payments.put("payment_intents", {**intent, "status": "requires_payment_method"})
