"""The processor pays out what has become available, per currency daily or weekly; the ERP books the deposit."""

from dataclasses import dataclass
from datetime import timedelta

from sync_assets.sandbox.company.accounts import ACCOUNTS
from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.catalogue import SELLER_OF
from sync_assets.sandbox.company.company import Company, random_id
from sync_assets.sandbox.company.days import day_of, unix
from sync_assets.sandbox.company.erp import Entry, Posting, post
from sync_assets.sandbox.company.nouns import Movement
from sync_assets.sandbox.company.rates import exchange_rate, in_base

_WEEKLY = ("GBP", "JPY")
_MONDAY = 0


@dataclass(kw_only=True)
class Payout:
    """Money on its way to the bank: the movements it consists of. `linked` are those the processor ties to it."""

    id: str
    currency: str
    amount_minor: int
    movements: list[Movement]
    linked: list[Movement]


def pay_out(company: Company) -> None:
    """The payouts of the day."""
    for currency in sorted(company.movements):
        if currency in _WEEKLY and company.now.weekday() != _MONDAY:
            continue
        waiting = company.movements[currency]
        due = [movement for movement in waiting if movement.available_at <= company.now]
        amount = sum(movement.amount_minor - movement.fee_minor for movement in due)
        if amount > 0:
            company.movements[currency] = [movement for movement in waiting if movement.available_at > company.now]
            _send(company, currency, amount, due)


def _send(company: Company, currency: str, amount: int, due: list[Movement]) -> None:
    payout = Payout(
        id=random_id(company.rng, "po_"), currency=currency, amount_minor=amount, movements=due, linked=list(due)
    )
    _planned(company, "payments.payout", payout, lambda: _put_payout(company, payout))()


def _put_payout(company: Company, payout: Payout) -> None:
    payments = company.systems.payments
    arrives_at = (company.now + timedelta(days=2)).replace(hour=0, minute=0, second=0)
    own_id = random_id(company.rng, "txn_")
    currency = payout.currency.lower()
    record = {"id": payout.id, "amount": payout.amount_minor, "currency": currency, "status": "in_transit"}
    record |= {"arrival_date": unix(arrives_at), "balance_transaction": own_id, "automatic": True}
    payments.put("payouts", {**record, "reconciliation_status": "in_progress"})
    own = {"id": own_id, "type": "payout", "amount": -payout.amount_minor, "fee": 0, "net": -payout.amount_minor}
    own |= {"currency": currency, "source": payout.id, "available_on": unix(arrives_at), "status": "available"}
    payments.put("balance_transactions", {**own, "payout": payout.id})
    for movement in payout.linked:
        payments.put("balance_transactions", {"id": movement.id, "payout": payout.id, "status": "available"})
    company.agenda.at(arrives_at + timedelta(hours=9), lambda: _arrive(company, payout))


def _arrive(company: Company, payout: Payout) -> None:
    done = {"id": payout.id, "status": "paid", "reconciliation_status": "completed"}
    company.systems.payments.put("payouts", done)
    act = _planned(company, "erp.deposit", payout, lambda: deposit(company, payout))
    company.later(company.rng, (3600, 4 * 3600), act)


def _planned(company: Company, step: str, payout: Payout, act: Act) -> Act:
    """A step that several customers share: each in turn may deviate from it, or leave it to the next."""
    sharing = {each.customer.number: each.customer for each in payout.movements}
    for customer in reversed(sharing.values()):
        act = company.planned(step, customer, payout, act)
    return act


def deposit(company: Company, payout: Payout, *, shows_fees: bool = True) -> None:
    """Book a payout that arrived: the bank's money and, unless only the net is booked, the fees beside it."""
    entity, currency = SELLER_OF[payout.currency], payout.currency
    on = day_of(company.now, entity.zone)
    rate = exchange_rate(currency, entity.currency, on)
    fees = sum(movement.fee_minor for movement in payout.movements) if shows_fees else 0
    gross = payout.amount_minor + fees
    booked = sum(
        in_base(movement.amount_minor, currency, entity.currency, rate)
        if movement.booked_base is None
        else movement.booked_base
        for movement in payout.movements
    )
    entries = [Entry(account=ACCOUNTS[f"bank_{currency}"], minor=payout.amount_minor)]
    if fees:
        entries.append(Entry(account=ACCOUNTS["fees"], minor=fees, memo="Processing fees"))
    entries.append(Entry(account=ACCOUNTS["clearing"], minor=-gross, base=-booked))
    posting = Posting(
        kind="Deposit",
        entity=entity,
        currency=currency,
        on=on,
        rate=rate,
        entries=entries,
        number=f"D{company.number('erp_deposit'):06d}",
        external_id=f"stripe_payout_{payout.id}",
        memo=f"Card payout {payout.id}",
    )
    post(company, posting)
