"""What Chargebee's customers, items and subscriptions are in our words. Pure functions of frames."""

import pandas as pd
import pyarrow as pa

from sync_assets.connect.columns import INSTANT, read_columns
from sync_assets.connect.declare import columns
from sync_assets.connect.values import INT, TEXT, reference, rejected, text, words
from sync_assets.model.errors import RejectError
from sync_assets.model.keys import salesforce_id
from sync_assets.systems.chargebee import amounts
from sync_assets.systems.chargebee.spans import over_at

FLAG = pd.ArrowDtype(pa.bool_())

STATUSES = {
    "future": "future",
    "in_trial": "trial",
    "active": "active",
    "non_renewing": "non_renewing",
    "paused": "paused",
    "cancelled": "cancelled",
    "transferred": "cancelled",
}
"""Source: apidocs.chargebee.com/docs/api/subscriptions (status); a transferred one lives on under another id."""

MODELS = {
    "flat_fee": "flat",
    "per_unit": "per_unit",
    "tiered": "tiered",
    "volume": "volume",
    "stairstep": "stairstep",
}
"""Source: apidocs.chargebee.com/docs/api/item_prices (pricing_model)."""

CATALOGUE_STATUSES = {"active": "active", "archived": "archived", "deleted": "archived"}
"""Source: apidocs.chargebee.com/docs/api/items (status)."""


def to_customer(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per customer: the company's name, or the person's where there is no company."""
    person = frame["first_name"].fillna("").str.cat(frame["last_name"].fillna(""), sep=" ").str.strip()
    deleted = frame["deleted"].fillna(False)
    return pd.DataFrame(
        {
            "record_id": frame["record_id"],
            "copy_of": reference("crm", _crm_ids(frame["crm_id"])),
            "name": frame["company"].fillna(person.where(person != "")),
            "legal_name": frame["legal_name"],
            "tax_id": frame["vat_number"],
            "domain": _domains(frame["email"]),
            "email": frame["email"],
            "country": frame["country"],
            "street": frame["street"],
            "city": frame["city"],
            "postcode": frame["postcode"],
            "currency": frame["currency"],
            "parent_id": frame["parent_id"],
            "legal_entity": frame["legal_entity"],
            "status": text(["inactive" if gone else "active" for gone in deleted], frame.index),
            "payment_terms": frame["net_term_days"].astype(TEXT),
            "origin": frame["origin"],
        }
    )


def _domains(emails: pd.Series) -> pd.Series:
    """What stands behind the @ of each address, in lower case."""
    return text(
        [None if pd.isna(email) else email.rpartition("@")[2].lower() or None for email in emails], emails.index
    )


def _crm_ids(ids: pd.Series) -> pd.Series:
    """CRM ids in their one form; a text that is no such id stays as written, so that the broken link shows."""
    return text([None if pd.isna(value) else _crm_id(value.strip()) for value in ids], ids.index)


def _crm_id(written: str) -> str:
    try:
        return salesforce_id(written)
    except RejectError:
        return written


def to_product(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per item; the item id is the catalogue's code."""
    status, unknown = words(frame["status"], CATALOGUE_STATUSES)
    return pd.DataFrame(
        {
            "record_id": frame["record_id"],
            "sku": frame["record_id"],
            "name": frame["name"],
            "status": status,
            "metered": frame["metered"],
            "reject": rejected(frame, (unknown, "unknown_enum")),
        }
    )


def to_price(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per item price; tiered ones have no single unit price."""
    model, unknown = words(frame["pricing_model"], MODELS)
    status, unlisted = words(frame["status"], CATALOGUE_STATUSES)
    return pd.DataFrame(
        {
            "record_id": frame["record_id"],
            "product_id": frame["item_id"],
            "currency": frame["currency"],
            "unit_price": amounts.major(frame["price"], frame["price_exact"], frame["currency"]),
            "model": model,
            "period": frame["period"],
            "period_unit": frame["period_unit"],
            "status": status,
            "reject": rejected(frame, (unknown, "unknown_enum"), (unlisted, "unknown_enum")),
        }
    )


def to_subscription(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per subscription. It ends when it was, or is set to be, cancelled, or with a contract that then stops.

    Source: apidocs.chargebee.com/docs/api/subscriptions: `cancelled_at` is also the future instant of a scheduled
    cancellation; `start_date` is when a future one begins; `contract_term` is the current term of its contract, and
    its `action_at_term_end` says what follows.
    """
    status, unknown = words(frame["status"], STATUSES)
    stops = frame["at_contract_end"].eq("cancel").fillna(False).astype(bool)
    term_ends_at = over_at(frame["term_ends_at"], frame["term_starts_at"])
    contract_ends_at = over_at(frame["contract_end"], frame["contract_start"])
    ends_at = frame["cancelled_at"].fillna(term_ends_at.where(status.eq("non_renewing")))
    return pd.DataFrame(
        {
            "record_id": frame["record_id"],
            "customer_id": frame["customer_id"],
            "order_id": reference("crm", _crm_ids(frame["crm_id"])),
            "status": status,
            "started_at": frame["started_at"].fillna(frame["start_date"]),
            "ends_at": ends_at.fillna(contract_ends_at.where(stops)),
            "cancelled_at": frame["cancelled_at"],
            "term_starts_at": frame["term_starts_at"],
            "term_ends_at": term_ends_at,
            "next_billing_at": frame["next_billing_at"],
            "currency": frame["currency"],
            "period": frame["period"],
            "period_unit": frame["period_unit"],
            "mrr_minor": amounts.minor(frame["mrr"], frame["currency"]),
            "auto_renew": (~(status.isin(["non_renewing", "cancelled"]) | stops)).astype(FLAG),
            "origin": frame["origin"],
            "legal_entity": frame["legal_entity"],
            "purchase_order": frame["po_number"],
            "created_at": frame["created_at"],
            "contract_starts_at": frame["contract_start"],
            "contract_ends_at": contract_ends_at,
            "reject": rejected(frame, (unknown, "unknown_enum")),
        }
    )


def to_subscription_item(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per item price on a subscription."""
    return pd.DataFrame(
        {
            "record_id": _numbered(frame["record_id"] + "-" + frame["price_id"], frame["record_id"]),
            "subscription_id": frame["record_id"],
            "price_id": frame["price_id"],
            "kind": frame["kind"],
            "quantity": amounts.quantity(frame["quantity"], frame["quantity_exact"]),
            "unit_price": amounts.major(frame["unit_price"], frame["unit_price_exact"], frame["currency"]),
            "amount_minor": amounts.minor(frame["amount"], frame["currency"]),
            "currency": frame["currency"],
        }
    )


def _numbered(names: pd.Series, records: pd.Series) -> pd.Series:
    """Names made unique within a record: the second of equal ones gets `-2`, in the order the vendor lists them.

    Equal names of two records stay equal: several events show one state of a subscription.
    """
    nth = names.groupby([records.to_numpy(), names.to_numpy()]).cumcount() + 1
    return names.where(nth == 1, names + "-" + nth.astype(TEXT)).astype(TEXT)


STATE_ITEM = columns(
    "price_id=item_price_id! kind=item_type quantity:integer quantity_exact=quantity_in_decimal:decimal "
    "unit_price:integer unit_price_exact=unit_price_in_decimal:decimal"
)
"""What is read of each item of a state. Source: apidocs.chargebee.com/docs/api/subscriptions (subscription_items)."""


def to_subscription_version(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per item price of each state that a subscription was seen in, from its list or out of an event.

    A state is named by its `resource_version`, so the same state gives the same row wherever it was met. It was known
    when the subscription was last changed, which an event about something else (an invoice) tells later; it was valid
    from then on, except the first state, which begins with the subscription. Rows of former states stay.
    """
    states = frame[frame["subscription_id"].notna()].explode("items")
    states = states[states["items"].notna()]
    labels, states = states.index, states.reset_index(drop=True)
    items, unreadable = read_columns(list(states["items"]), STATE_ITEM)
    known_at = _earlier(states["updated_at"], states["occurred_at"])
    started_at = states["started_at"].fillna(states["start_date"])
    first = (started_at.notna() & (known_at <= states["created_at"])).fillna(False).astype(bool)
    version = states["resource_version"].fillna(_milliseconds(known_at)).astype(TEXT)
    status, _ = words(states["status"], STATUSES)
    names = states["subscription_id"] + "/" + version + "/" + items["price_id"]
    rows = pd.DataFrame(
        {
            "record_id": _numbered(names, states["record_id"]),
            "subscription_id": states["subscription_id"],
            "valid_from": started_at.where(first, known_at),
            "known_at": known_at,
            "version_at": known_at,
            "deleted_at": pd.Series([None] * len(states), dtype=pd.ArrowDtype(INSTANT)),
            "status": status.fillna(states["status"]),
            "price_id": items["price_id"],
            "kind": items["kind"],
            "quantity": amounts.quantity(items["quantity"], items["quantity_exact"]),
            "unit_price": amounts.major(items["unit_price"], items["unit_price_exact"], states["currency"]),
            "currency": states["currency"],
            "reject": text([unreadable.get(at) for at in range(len(states))], states.index),
        }
    )
    return rows.set_axis(labels)


def _earlier(one: pd.Series, other: pd.Series) -> pd.Series:
    """The earlier of two instants, or the one that there is."""
    return one.where((one <= other).fillna(False) | other.isna(), other)


def _milliseconds(instants: pd.Series) -> pd.Series:
    return pd.Series([None if pd.isna(at) else int(at.timestamp()) * 1000 for at in instants], dtype=INT)
