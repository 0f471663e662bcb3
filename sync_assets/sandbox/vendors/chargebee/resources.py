"""Chargebee's lists as data: names, filters, sort orders, how deletes look. No behaviour.

Source: list page of each resource in the Chargebee API reference; filter parameters as in the `chargebee` package.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["text", "enum", "flag", "number", "time"]

OPERATORS: dict[Kind, frozenset[str]] = {
    "text": frozenset(("is", "is_not", "starts_with", "in", "not_in", "is_present")),
    "enum": frozenset(("is", "is_not", "in", "not_in", "is_present")),
    "flag": frozenset(("is", "is_present")),
    "number": frozenset(("is", "is_not", "lt", "lte", "gt", "gte", "between", "is_present")),
    "time": frozenset(("after", "before", "on", "between", "is_present")),
}


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One list of the site.

    Attributes:
        stream: the list's name in the URL and in the census.
        name: the key that wraps one record.
        filters: filter name (dotted when nested) to the kind of its value.
        sorts: attributes `sort_by` accepts.
        default_sort: the order without `sort_by`.
        removal: how a delete shows: `soft` rows stay with `deleted`, `status` rows get status `deleted`, `hard` vanish.
        beside: records shown beside this one: wrapper key to (attribute that names it, stream it is in).
        versioned: whether records carry `updated_at` and `resource_version`.
    """

    stream: str
    name: str
    filters: dict[str, Kind]
    sorts: tuple[str, ...]
    default_sort: tuple[str, Literal["asc", "desc"]] = ("created_at", "asc")
    removal: Literal["soft", "status", "hard"] = "soft"
    beside: dict[str, tuple[str, str]]
    versioned: bool = True


def _filters(**kinds: str) -> dict[str, Kind]:
    by_kind: dict[Kind, str] = {
        "text": kinds.get("text", ""),
        "enum": kinds.get("enum", ""),
        "flag": kinds.get("flag", ""),
        "number": kinds.get("number", ""),
        "time": kinds.get("time", ""),
    }
    return {name: kind for kind, names in by_kind.items() for name in names.split()}


RESOURCES: dict[str, Resource] = {
    resource.stream: resource
    for resource in (
        Resource(
            stream="customers",
            name="customer",
            filters=_filters(
                text="id first_name last_name email company phone business_entity_id relationship.parent_id "
                "relationship.payment_owner_id relationship.invoice_owner_id",
                enum="auto_collection taxability offline_payment_method channel",
                flag="auto_close_invoices",
                time="created_at updated_at",
            ),
            sorts=("created_at", "updated_at"),
            beside={},
        ),
        Resource(
            stream="subscriptions",
            name="subscription",
            filters=_filters(
                text="id customer_id item_price_id cancel_reason_code business_entity_id",
                enum="status cancel_reason offline_payment_method channel",
                flag="has_scheduled_changes auto_close_invoices override_relationship decommissioned",
                number="remaining_billing_cycles",
                time="created_at activated_at next_billing_at cancelled_at updated_at",
            ),
            sorts=("created_at", "updated_at"),
            beside={"customer": ("customer_id", "customers")},
        ),
        Resource(
            stream="items",
            name="item",
            filters=_filters(
                text="id item_family_id name business_entity_id",
                enum="type item_applicability status usage_calculation channel bundle_configuration.type",
                flag="is_giftable enabled_for_checkout enabled_in_portal metered",
                time="updated_at",
            ),
            sorts=("name", "id", "updated_at"),
            default_sort=("created_at", "desc"),
            removal="status",
            beside={},
        ),
        Resource(
            stream="item_prices",
            name="item_price",
            filters=_filters(
                text="id name item_id item_family_id currency_code price_variant_id business_entity_id",
                enum="pricing_model item_type trial_period_unit status period_unit channel",
                number="trial_period period",
                time="updated_at",
            ),
            sorts=("name", "id", "updated_at"),
            default_sort=("created_at", "desc"),
            removal="status",
            beside={},
        ),
        Resource(
            stream="invoices",
            name="invoice",
            filters=_filters(
                text="id subscription_id customer_id payment_owner void_reason_code",
                enum="status price_type dunning_status channel einvoice.status",
                flag="recurring",
                number="total amount_paid amount_adjusted credits_applied amount_due",
                time="date paid_at updated_at voided_at",
            ),
            sorts=("date", "updated_at"),
            beside={},
        ),
        Resource(
            stream="credit_notes",
            name="credit_note",
            filters=_filters(
                text="id customer_id subscription_id reference_invoice_id create_reason_code",
                enum="type reason_code status price_type channel einvoice.status",
                number="total amount_allocated amount_refunded amount_available",
                time="date voided_at updated_at",
            ),
            sorts=("date", "updated_at"),
            beside={},
        ),
        Resource(
            stream="transactions",
            name="transaction",
            filters=_filters(
                text="id customer_id subscription_id payment_source_id gateway_account_id id_at_gateway "
                "reference_number",
                enum="payment_method gateway type status",
                number="amount amount_capturable",
                time="date updated_at",
            ),
            sorts=("date", "updated_at"),
            beside={},
        ),
        Resource(
            stream="usages",
            name="usage",
            filters=_filters(
                text="id subscription_id item_price_id invoice_id",
                enum="source",
                time="usage_date updated_at",
            ),
            sorts=("usage_date", "updated_at"),
            removal="hard",
            beside={},
        ),
        Resource(
            stream="events",
            name="event",
            filters=_filters(text="id", enum="webhook_status event_type source", time="occurred_at"),
            sorts=("occurred_at",),
            default_sort=("occurred_at", "asc"),
            removal="hard",
            beside={},
            versioned=False,
        ),
    )
}
