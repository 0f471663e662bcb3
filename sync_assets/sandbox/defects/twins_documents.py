"""Twins of the first classes: documents, payments and contracts that look wrong and are right."""

from collections.abc import Callable

from sync_assets.sandbox.company.catalogue import DE, JP
from sync_assets.sandbox.company.days import day_of
from sync_assets.sandbox.company.happenings import (
    buy_more,
    correct,
    decline_next,
    discard_draft,
    grant_goodwill,
    last_open,
    last_paid,
    renew_by_deal,
    void_and_replace,
)
from sync_assets.sandbox.company.nouns import Customer, Invoice
from sync_assets.sandbox.defects.twins import Oddity, Pick, twins


def invoice_that(suits: Callable[[Invoice], object]) -> Pick:
    """Seen at the first invoice that suits."""

    def pick(customer: Customer) -> tuple[str, str, str] | None:
        return next((("invoice", "invoices", each.id) for each in customer.invoices if suits(each)), None)

    return pick


def newest_subscription(customer: Customer) -> tuple[str, str, str] | None:
    """Seen at the subscription that came last."""
    return ("subscription", "subscriptions", customer.subscriptions[-1].id) if customer.subscriptions else None


def second_subscription(customer: Customer) -> tuple[str, str, str] | None:
    """Seen at the newest of several subscriptions."""
    return newest_subscription(customer) if len(customer.subscriptions) > 1 else None


def the_customer(customer: Customer) -> tuple[str, str, str]:
    """Seen at the customer."""
    return ("customer", "customers", customer.billing_id)


def _other_utc_day(invoice: Invoice) -> bool:
    return invoice.dated_at.date() != day_of(invoice.dated_at, invoice.customer.entity.zone)


twins(
    {
        "credit_explains_due": Oddity(
            note="less is due than the total, because credit was applied",
            pick=invoice_that(lambda invoice: invoice.applied_credits),
            wishes={},
            happening=grant_goodwill,
            ready=last_paid,
        ),
        "failed_attempts": Oddity(
            note="failed payment attempts stay in linked_payments beside the one that succeeded",
            pick=invoice_that(lambda invoice: len(invoice.linked_payments) > 1),
            wishes={},
            happening=decline_next(2),
        ),
        "overlapping_renewal": Oddity(
            note="the renewed subscription starts on the day the old one ends",
            pick=second_subscription,
            wishes={},
            happening=renew_by_deal,
        ),
        "time_zone_day": Oddity(
            note="the day in the ERP is the legal entity's, one later than the day in UTC",
            pick=invoice_that(_other_utc_day),
            wishes={"place": (JP, "JPY", "JP")},
        ),
        "zero_invoice": Oddity(
            note="the first month is free; an invoice over nothing is neither paid nor posted",
            pick=invoice_that(lambda invoice: invoice.total_minor == 0),
            wishes={"self_serve": True, "coupon_percent": 100, "coupon_terms": 1},
        ),
        "self_serve": Oddity(
            note="signed up alone; no account and no deal are expected",
            pick=the_customer,
            wishes={"self_serve": True, "metered": True},
        ),
        "short_id": Oddity(
            note="billing holds the CRM's ids in their form of 15 characters",
            pick=the_customer,
            wishes={"short_ids": True},
        ),
        "discount_in_the_price": Oddity(
            note="billed below the list: the discount was agreed in the price itself",
            pick=newest_subscription,
            wishes={"discount_percent": 20, "shows_discount": False},
        ),
        "credit_and_rebill": Oddity(
            note="credited in full and billed again for the same term",
            pick=invoice_that(lambda invoice: invoice.adjustment_notes),
            wishes={"pays_by": "transfer"},
            happening=correct,
            ready=last_open,
        ),
        "two_contracts": Oddity(
            note="two departments, two contracts, two subscriptions",
            pick=second_subscription,
            wishes={},
            happening=buy_more,
        ),
        "void_in_both": Oddity(
            note="voided in billing and in the ERP, and issued again",
            pick=invoice_that(lambda invoice: invoice.voided_at),
            wishes={"pays_by": "transfer"},
            happening=void_and_replace,
            ready=last_open,
        ),
        "draft_deleted": Oddity(
            note="an invoice was drawn up by mistake and deleted as a draft",
            pick=lambda customer: ("invoice", "invoices", customer.discarded[-1]) if customer.discarded else None,
            wishes={},
            happening=discard_draft,
        ),
        "paid_by_transfer": Oddity(
            note="paid by bank transfer; the card processor never sees the money",
            pick=invoice_that(lambda invoice: invoice.status == "paid"),
            wishes={"pays_by": "transfer", "place": (DE, "EUR", "DE")},
        ),
        "late_usage": Oddity(
            note="events arrive hours late or twice, all before the period is billed",
            pick=newest_subscription,
            wishes={"metered": True},
        ),
    }
)
