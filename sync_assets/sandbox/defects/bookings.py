"""Defects of what was booked and is never billed: billing ends a subscription, and the contract goes on in the CRM."""

from datetime import timedelta
from random import Random

from sync_assets.sandbox.company import contracts
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of
from sync_assets.sandbox.company.happenings import active_subscription, leave
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer
from sync_assets.sandbox.company.terms import give_notice
from sync_assets.sandbox.defects.contracts import accrual_of
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, record, tell
from sync_assets.sandbox.defects.twins import TWINS, spare


@defect("F89", "order", "FI LEAK at crm->billing in chargebee", symptoms="F14")
def ended_in_billing_alone(company: Company, rng: Random, window: Window) -> Customer:
    """Notice is taken in billing, nobody ends the contract; access ends with the term as it should."""
    customer = begin(company, calm_life(company, rng, window))

    def give() -> None:
        subscription = active_subscription(customer)
        deal = None if subscription is None else subscription.deal
        contracted = None if deal is None else deal.ends_on
        if subscription is None or deal is None or contracted is None:
            company.agenda.at(company.now + timedelta(hours=8), give)
            return
        if contracted < day_of(subscription.term_end, customer.entity.zone):  # it ends with this term, or is renewed
            company.agenda.at(subscription.term_end + timedelta(hours=1), give)
            return
        give_notice(company, subscription)
        contracts.end_contract(company, deal, contracted)
        evidence = (
            record("salesforce", "opportunities", deal.opportunity_id),
            record("salesforce", "contracts", deal.contract_id),
            record("chargebee", "subscriptions", subscription.id),
        )
        since = subscription.term_end
        accrual = accrual_of(customer, subscription.net_minor, subscription.months, since)

        def say() -> None:
            note = f"ended in billing, contracted until {contracted}"
            tell(company, "F89", customer, evidence, accrual=accrual, since=since, note=note)

        company.agenda.at(since, say)

    company.agenda.at(window.earliest, give)
    return customer


def _left_as_agreed(company: Company, rng: Random, window: Window) -> Customer:
    """A customer leaves before its year is over, and the contract ends with the subscription."""
    customer = begin(company, calm_life(company, rng, window, happenings=((window.earliest, leave),)))

    def note_down() -> None:
        ended = [each for each in customer.subscriptions if each.status == "cancelled"]
        if ended:
            seen = record("chargebee", "subscriptions", ended[0].id)
            spare(company, "left_as_agreed", customer, ("subscription", seen), note="the contract was ended with it")

    company.agenda.at(company.today_at - timedelta(seconds=1), note_down)
    return customer


TWINS["left_as_agreed"] = _left_as_agreed
