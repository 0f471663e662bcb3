"""Chargebacks: the processor takes money back, the ERP books it at once, weeks later it is won or lost."""

from datetime import timedelta

from sync_assets.sandbox.company.accounts import ACCOUNTS, LedgerAccount
from sync_assets.sandbox.company.charges import put_movement
from sync_assets.sandbox.company.company import Company, random_id
from sync_assets.sandbox.company.days import day_of, unix
from sync_assets.sandbox.company.erp import Entry, Posting, post
from sync_assets.sandbox.company.nouns import Movement, Payment
from sync_assets.sandbox.company.rates import DISPUTE_FEES, exchange_rate, in_base

_DECIDED_AFTER_S = (15 * 86_400, 30 * 86_400)


def dispute(company: Company, payment: Payment, *, is_lost: bool | None = None) -> None:
    """The cardholder disputes a payment; the invoice stays paid, the company carries the case, and may lose it."""
    customer, payments = payment.invoice.customer, company.systems.payments
    dispute_id = random_id(customer.rng, "du_")
    taken = _movement(company, payment, -payment.amount_minor, DISPUTE_FEES[customer.currency])
    due_by = unix(company.now + timedelta(days=9))
    evidence = {"due_by": due_by, "has_evidence": False, "past_due": False, "submission_count": 0}
    record = {"id": dispute_id, "amount": payment.amount_minor, "currency": customer.currency.lower()}
    record |= {"charge": payment.charge_id, "payment_intent": payment.intent_id, "reason": "fraudulent"}
    payments.put("disputes", {**record, "status": "needs_response", "evidence_details": evidence})
    payments.put("charges", {"id": payment.charge_id, "disputed": True})
    put_movement(company, taken, dispute_id)
    act = company.planned(
        "erp.dispute",
        customer,
        dispute_id,
        lambda: _book(company, payment, taken, ACCOUNTS["chargebacks"], "opened"),
    )
    company.later(customer.rng, (900, 3600), act)
    company.later(customer.rng, _DECIDED_AFTER_S, lambda: _decide(company, payment, dispute_id, is_lost=is_lost))


def _movement(company: Company, payment: Payment, amount: int, fee: int) -> Movement:
    customer = payment.invoice.customer
    return Movement(
        id=random_id(customer.rng, "txn_"),
        kind="adjustment",
        amount_minor=amount,
        fee_minor=fee,
        currency=customer.currency,
        available_at=company.now,
        customer=customer,
    )


def _decide(company: Company, payment: Payment, dispute_id: str, *, is_lost: bool | None) -> None:
    rng, payments = payment.invoice.customer.rng, company.systems.payments
    if rng.random() < 0.5 if is_lost is None else is_lost:
        payments.put("disputes", {"id": dispute_id, "status": "lost"})
        customer = payment.invoice.customer
        act = company.planned("erp.dispute", customer, dispute_id, lambda: _write_off(company, payment))
        company.later(rng, (900, 3600), act)
        return
    payments.put("disputes", {"id": dispute_id, "status": "won"})
    returned = _movement(company, payment, payment.amount_minor, 0)
    put_movement(company, returned, dispute_id)
    company.later(rng, (900, 3600), lambda: _book(company, payment, returned, ACCOUNTS["chargebacks"], "won"))


def _book(company: Company, payment: Payment, movement: Movement, against: LedgerAccount, memo: str) -> None:
    customer = payment.invoice.customer
    rate = exchange_rate(customer.currency, customer.entity.currency, company.now.date())
    movement.booked_base = in_base(movement.amount_minor, customer.currency, customer.entity.currency, rate)
    clearing = Entry(account=ACCOUNTS["clearing"], minor=movement.amount_minor, base=movement.booked_base)
    case = Entry(account=against, minor=-movement.amount_minor, base=-movement.booked_base)
    _journal(company, payment, [case, clearing], f"Dispute {memo}")


def _write_off(company: Company, payment: Payment) -> None:
    amount = payment.amount_minor
    loss = Entry(account=ACCOUNTS["losses"], minor=amount)
    _journal(company, payment, [loss, Entry(account=ACCOUNTS["chargebacks"], minor=-amount)], "Dispute lost")


def _journal(company: Company, payment: Payment, entries: list[Entry], memo: str) -> None:
    customer = payment.invoice.customer
    on = day_of(company.now, customer.entity.zone)
    posting = Posting(
        kind="Journal",
        entity=customer.entity,
        currency=customer.currency,
        on=on,
        rate=exchange_rate(customer.currency, customer.entity.currency, on),
        entries=entries,
        number=f"JE{company.number('journal'):06d}",
        customer=customer,
        memo=f"{memo}: invoice {payment.invoice.id}",
        extra={"status": "B"},
    )
    post(company, posting)
