"""Defects of payouts in the books: a deposit that is never booked, and one booked without its fees."""

from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer
from sync_assets.sandbox.company.payouts import Payout, deposit
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell


@defect("F72", "payout", "FI CASH at payments->erp in netsuite")
def never_deposited(company: Company, rng: Random, window: Window) -> Customer:
    """A payout arrives at the bank, and nobody books it."""
    customer = begin(company, calm_life(company, rng, window))

    def forget(payout: Payout, _proceed: Act) -> None:
        evidence = (record("stripe", "payouts", payout.id),)
        facts = {"currency": payout.currency, "note": "the bank's line was not matched"}
        tell(company, "F72", customer, evidence, money_minor=payout.amount_minor, **facts)

    def is_overdue_by_now(payout: Payout) -> bool:
        return is_whole(payout) and company.now < window.latest

    customer.deviations["erp.deposit"] = once(company, window.earliest, forget, suits=is_overdue_by_now)
    return customer


@defect("F73", "payout", "FI MISSTATE at payments->erp in netsuite")
def fees_not_booked(company: Company, rng: Random, window: Window) -> Customer:
    """A payout is booked net, as it stands on the bank's statement; its fees are in no book."""
    customer = begin(company, calm_life(company, rng, window))

    def book_net(payout: Payout, _proceed: Act) -> None:
        deposit(company, payout, shows_fees=False)
        fees = sum(movement.fee_minor for movement in payout.movements)
        evidence = (record("stripe", "payouts", payout.id),)
        tell(company, "F73", customer, evidence, money_minor=fees, currency=payout.currency, note="booked net")

    def has_fees(payout: Payout) -> bool:
        return is_whole(payout) and any(movement.fee_minor for movement in payout.movements)

    customer.deviations["erp.deposit"] = once(company, window.earliest, book_net, suits=has_fees)
    return customer


def is_whole(payout: Payout) -> bool:
    """All of its movements are tied to it; one payout is not broken in two ways, of which one explains the other."""
    return len(payout.linked) == len(payout.movements)
