"""Twins of subscriptions, terms and currencies: rightly without a deal, rightly ended, rightly in two currencies."""

from dataclasses import replace

from sync_assets.sandbox.company.catalogue import DE
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.crm import put_line
from sync_assets.sandbox.company.days import day_of, month_later
from sync_assets.sandbox.company.happenings import active_subscription, leave
from sync_assets.sandbox.company.nouns import Customer, Item
from sync_assets.sandbox.company.provisioning import provide, revoke
from sync_assets.sandbox.company.subscriptions import create
from sync_assets.sandbox.company.terms import enter
from sync_assets.sandbox.defects.twins import Oddity, twins
from sync_assets.sandbox.defects.twins_documents import newest_subscription, second_subscription


def buy_online(company: Company, customer: Customer) -> None:
    """A customer of the sales team adds a second workspace through the web site."""
    first = active_subscription(customer)
    if first is None:
        return
    product = first.items[0].product
    item = Item(product=product, quantity=2, unit_minor=product.prices[customer.currency])
    second = create(company, customer, [item], deal=None, starts_at=company.now)
    second.self_serve = True
    enter(company, second)


def report_at_home(company: Company, customer: Customer) -> None:
    """The account's own currency is the group's; the deal's currency decides."""
    company.systems.crm.put("accounts", {"Id": customer.account_id, "CurrencyIsoCode": "USD"})


def reissue_access(company: Company, customer: Customer) -> None:
    """The product takes an entitlement away and gives it anew under another id, within the minute."""
    subscription = active_subscription(customer)
    if subscription is not None:
        revoke(company, subscription)
        provide(company, subscription)


def agree_on_a_step(company: Company, customer: Customer) -> None:
    """A second step is agreed, for a day that is months away."""
    subscription = active_subscription(customer)
    deal = None if subscription is None else subscription.deal
    if subscription is None or deal is None:
        return
    first = deal.lines[0]
    starts_on = month_later(day_of(subscription.starts_at, customer.entity.zone), 30)
    step = replace(first, quantity=first.quantity + 10, starts_on=starts_on, order_item_id="")
    deal.lines.append(step)
    put_line(company, deal, step, len(deal.lines))


twins(
    {
        "step_still_to_come": Oddity(
            note="more seats are agreed for a day that has not come",
            pick=newest_subscription,
            wishes={},
            happening=agree_on_a_step,
        ),
        "access_reissued": Oddity(
            note="the first entitlement is deleted, a new one stands in its place",
            pick=newest_subscription,
            wishes={},
            happening=reissue_access,
        ),
        "bought_online": Oddity(
            note="a second subscription without a deal, bought on the web site",
            pick=second_subscription,
            wishes={},
            happening=buy_online,
        ),
        "notice_moves_both_ends": Oddity(
            note="notice was given: billing and the contract end on the same day, earlier than first agreed",
            pick=newest_subscription,
            wishes={"annual": True},
            happening=leave,
        ),
        "account_in_home_currency": Oddity(
            note="the account reports in the group's currency, deal and billing agree in another one",
            pick=newest_subscription,
            wishes={"place": (DE, "GBP", "GB")},
            happening=report_at_home,
        ),
    }
)
