"""The life of a subscription in billing: it starts, is changed in mid-term, renews each term, and ends.

Each turn of a term is billed; what follows (documents, money, access) is the work of other modules.
"""

from datetime import datetime, timedelta

from sync_assets.sandbox.company import contracts
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of, month_later, term_edge
from sync_assets.sandbox.company.invoicing import bill_change, bill_term, bill_usage
from sync_assets.sandbox.company.nouns import Item, Subscription
from sync_assets.sandbox.company.provisioning import provide, revoke
from sync_assets.sandbox.company.subscriptions import show
from sync_assets.sandbox.company.usage import use


def enter(company: Company, subscription: Subscription) -> None:
    """Write a new subscription to billing; it starts now or when its day comes."""
    if subscription.starts_at > company.now:
        show(company, subscription)
        company.agenda.at(subscription.starts_at, lambda: start(company, subscription))
    else:
        start(company, subscription)


def start(company: Company, subscription: Subscription) -> None:
    """The first term begins: access, first invoice, first usage."""
    subscription.status = "active"
    show(company, subscription)
    customer = subscription.customer
    act = company.planned("product.provide", customer, subscription, lambda: provide(company, subscription))
    company.later(customer.rng, (15, 60), act)
    bill_term(company, subscription, is_first=True)
    use(company, subscription)
    company.agenda.at(subscription.term_end, lambda: turn(company, subscription))


def turn(company: Company, subscription: Subscription) -> None:
    """A term is over: the next begins, or the subscription ends."""
    over: tuple[datetime, datetime] = (subscription.term_start, subscription.term_end)
    if subscription.ends_on_term:
        _end(company, subscription, over)
        return
    zone = subscription.customer.entity.zone
    subscription.terms += 1
    subscription.term_start = subscription.term_end
    subscription.term_end = term_edge(subscription.starts_at, subscription.months * subscription.terms, zone)
    subscription.coupon_terms = max(subscription.coupon_terms - 1, 0)
    _extend_contract(company, subscription)
    company.step("billing.step", subscription.customer, subscription, lambda: _take_step(company, subscription))
    show(company, subscription)
    bill_term(company, subscription, arrears=over)
    use(company, subscription)
    company.agenda.at(subscription.term_end, lambda: turn(company, subscription))


def change(company: Company, subscription: Subscription, item: Item, added: int) -> None:
    """More of an item from now on: the rest of the term is billed at once, pro rata."""
    item.quantity += added
    show(company, subscription)
    bill_change(company, subscription, item, added)
    customer = subscription.customer
    act = company.planned("product.follow", customer, subscription, lambda: provide(company, subscription))
    company.later(customer.rng, (30, 120), act)


def give_notice(company: Company, subscription: Subscription) -> None:
    """The customer leaves at the end of the current term; the contract ends on its last day."""
    if subscription.status != "active":
        return
    subscription.ends_on_term = True
    subscription.status = "non_renewing"
    deal, zone = subscription.deal, subscription.customer.entity.zone
    if deal is not None:
        contracts.end_contract(company, deal, day_of(subscription.term_end, zone) - timedelta(days=1))
    show(company, subscription)


def _end(company: Company, subscription: Subscription, over: tuple[datetime, datetime]) -> None:
    subscription.status = "cancelled"
    show(company, subscription)
    customer = subscription.customer
    act = company.planned("product.revoke", customer, subscription, lambda: revoke(company, subscription))
    company.later(customer.rng, (60, 300), act)
    if subscription.metered_item is not None:
        bill_usage(company, subscription, over)


def _take_step(company: Company, subscription: Subscription) -> None:
    """The step of the deal that begins with the term, if there is one, takes the place of the one before."""
    starts_on = day_of(subscription.term_start, subscription.customer.entity.zone)
    for line in subscription.deal.lines if subscription.deal else ():
        if line.starts_on == starts_on:
            item = next(item for item in subscription.items if item.product is line.product)
            item.quantity, item.unit_minor = line.quantity, line.net_minor
            company.later(subscription.customer.rng, (30, 120), lambda: provide(company, subscription))


def _extend_contract(company: Company, subscription: Subscription) -> None:
    deal = subscription.deal
    if deal is None or deal.ends_on is None:
        return
    zone = subscription.customer.entity.zone
    if day_of(subscription.term_start, zone) > deal.ends_on:
        deal.term_months += 12
        first_day = day_of(subscription.starts_at, zone)
        contracts.end_contract(company, deal, month_later(first_day, deal.term_months) - timedelta(days=1))
