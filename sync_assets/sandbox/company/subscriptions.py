"""Billing's subscriptions: what they are made of and how billing shows them."""

from datetime import datetime

from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.customers import link_of
from sync_assets.sandbox.company.days import term_edge, unix
from sync_assets.sandbox.company.nouns import Customer, Deal, Item, Subscription


def create(
    company: Company, customer: Customer, items: list[Item], *, deal: Deal | None, starts_at: datetime
) -> Subscription:
    """A new subscription that starts at an instant, today or later."""
    months = items[0].product.months
    zone = customer.entity.zone
    subscription = Subscription(
        id=f"sub_{company.number('subscription'):05d}",
        customer=customer,
        deal=deal,
        items=items,
        starts_at=starts_at,
        months=months,
        term_start=starts_at,
        term_end=term_edge(starts_at, months, zone),
    )
    customer.subscriptions.append(subscription)
    company.subscriptions.append(subscription)
    return subscription


def items_of(deal: Deal) -> list[Item]:
    """A deal's lines as subscription items at the agreed net prices; later steps are none of them yet."""
    lines = [line for line in deal.lines if line.starts_on is None]
    return [Item(product=line.product, quantity=line.quantity, unit_minor=line.net_minor) for line in lines]


def show(company: Company, subscription: Subscription, *, event: str | None = None) -> None:
    """Write the subscription to billing as it stands."""
    company.systems.billing.put("subscriptions", subscription_record(subscription), event=event)


def subscription_record(subscription: Subscription) -> dict[str, object]:
    """The subscription in billing's shape; the last second of the term is its `current_term_end`."""
    customer, deal = subscription.customer, subscription.deal
    started = subscription.status != "future"
    record: dict[str, object] = {
        "id": subscription.id,
        "customer_id": customer.billing_id,
        "currency_code": customer.currency,
        "status": subscription.status,
        "billing_period": 1,
        "billing_period_unit": "year" if subscription.months == 12 else "month",
        "start_date": unix(subscription.starts_at),
        "auto_collection": "on" if customer.pays_by == "card" else "off",
        "business_entity_id": customer.entity.code,
        "subscription_items": [_item_record(item, customer.currency) for item in subscription.items],
        "mrr": round_mrr(subscription) if started and subscription.status != "cancelled" else 0,
        "next_billing_at": unix(subscription.term_end) if subscription.status in ("active", "in_trial") else None,
    }
    if started:
        record |= {"started_at": unix(subscription.starts_at), "activated_at": unix(subscription.starts_at)}
        record |= {"current_term_start": unix(subscription.term_start)}
        record |= {"current_term_end": unix(subscription.term_end) - 1}
    else:
        record["next_billing_at"] = unix(subscription.starts_at)
    if subscription.status in ("non_renewing", "cancelled"):
        record |= {"cancelled_at": unix(subscription.term_end), "cancel_reason_code": "Not needed any more"}
    if deal is not None:
        record["cf_salesforce_opportunity_id"] = link_of(deal.opportunity_id, short=customer.short_ids)
        record["po_number"] = f"PO-{deal.opportunity_id[9:15]}"
        record["contract_term"] = _contract_term(subscription, deal)
    elif customer.self_serve or subscription.self_serve:
        record["cf_source"] = "self_serve"
    if subscription.coupon_terms > 0:
        record["coupons"] = [{"coupon_id": f"WELCOME{subscription.coupon_percent}", "object": "coupon"}]
    else:
        record["coupons"] = None
    return record


def round_mrr(subscription: Subscription) -> int:
    """Recurring revenue of a month without usage, rounded half up."""
    return (2 * subscription.net_minor + subscription.months) // (2 * subscription.months)


def _item_record(item: Item, currency: str) -> dict[str, object]:
    product = item.product
    record: dict[str, object] = {"item_price_id": product.price_id(currency), "item_type": product.kind}
    record |= {"unit_price": item.unit_minor, "free_quantity": 0}
    return record if product.metered else {**record, "quantity": item.quantity, "amount": item.amount_minor}


def _contract_term(subscription: Subscription, deal: Deal) -> dict[str, object]:
    zone = subscription.customer.entity.zone
    ends_at = term_edge(subscription.starts_at, deal.term_months, zone)
    return {
        "id": f"ct_{subscription.id[4:]}",
        "status": "cancelled" if subscription.status == "cancelled" else "active",
        "contract_start": unix(subscription.starts_at),
        "contract_end": unix(ends_at) - 1,
        "billing_cycle": deal.term_months // subscription.months,
        "action_at_term_end": "renew",
        "subscription_id": subscription.id,
        "object": "contract_term",
    }
