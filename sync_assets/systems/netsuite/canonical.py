"""Customers and the tables that documents refer to, as copies."""

import re
from urllib.parse import urlsplit

import pandas as pd

from sync_assets.connect import values
from sync_assets.systems.netsuite.fields import copy_of, days, either, is_set


def to_customer(frame: pd.DataFrame) -> pd.DataFrame:
    """Customers. A hold that is switched on or off by hand wins over what the credit limit implies."""
    person = either(frame["first"].str.cat(frame["last"], sep=" "), either(frame["first"], frame["last"]))
    override = frame["hold_override"].str.upper()
    hold = frame["on_hold"].mask(is_set(override == "ON"), other=True).mask(is_set(override == "OFF"), other=False)
    names = either(frame["company"], either(person, either(frame["alternative"], frame["code"])))
    return pd.DataFrame(
        {
            "record_id": frame["record_id"],
            "copy_of": copy_of(frame["external_id"], "CUSTOMER_PREFIX"),
            "name": names,
            "legal_name": frame["company"],
            "tax_id": frame["tax_number"],
            "domain": values.text([_host(url) for url in frame["url"]], frame.index),
            "email": frame["email"],
            "country": frame["country"],
            "region": frame["region"],
            "street": frame["street"],
            "city": frame["city"],
            "postcode": frame["postcode"],
            "currency": frame["currency"],
            "parent_id": frame["parent_id"].where(frame["parent_id"] != frame["record_id"]),
            "legal_entity": either(frame["subsidiary_external_id"], frame["subsidiary_id"]),
            "status": values.constant("active", frame).mask(is_set(frame["inactive"]), "inactive"),
            "credit_hold": hold,
            "payment_terms": either(frame["term_days"], frame["term_name"]),
        },
        index=frame.index,
    )


def _host(url: str | None) -> str | None:
    """The host of a web address, without `www.`; none where there is no such thing."""
    if pd.isna(url) or not url:
        return None
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return None
    host = host.lower().removeprefix("www.")
    return host if re.fullmatch(r"[a-z0-9.-]+\.[a-z]{2,}", host) else None


def to_legal_entity(frame: pd.DataFrame) -> pd.DataFrame:
    """Subsidiaries; `copy_of` is the value by which other systems name the same legal entity."""
    return frame[["record_id", "name", "currency", "country"]].assign(
        name=either(frame["legal_name"], frame["name"]),
        copy_of=either(frame["external_id"], frame["record_id"]),
        parent_id=frame["parent_id"].where(frame["parent_id"] != frame["record_id"]),
    )


def to_currency(frame: pd.DataFrame) -> pd.DataFrame:
    """Currencies of the account; the rate is that of the day it was last refreshed."""
    return frame[["record_id", "code", "name", "exchange_rate", "is_base"]]


def to_period(frame: pd.DataFrame) -> pd.DataFrame:
    """Accounting periods; years and quarters are periods that hold others. Locked is what receivables find locked."""
    starts, no_start = days(frame["starts"])
    ends, no_end = days(frame["ends"])
    closed, no_closing = days(frame["closed_day"])
    return frame[["record_id", "name", "is_closed", "is_quarter", "is_year"]].assign(
        is_locked=frame["locked"] | frame["receivables_locked"].fillna(value=False),
        starts_on=starts,
        ends_on=ends,
        closed_on=closed,
        reject=values.rejected(frame, (no_start | no_end | no_closing, "date")),
    )


def to_ledger_account(frame: pd.DataFrame) -> pd.DataFrame:
    """Accounts of the chart, with their type as NetSuite names it (`AcctRec`, `DeferRevenue`, `Income`, `Bank`...)."""
    return frame[["record_id", "number", "name", "kind", "currency", "is_inactive"]]


def to_product(frame: pd.DataFrame) -> pd.DataFrame:
    """Items; the item code is the catalogue's code, its accounts are where its lines are posted.

    Source: fivetran/dbt_netsuite, columns incomeaccount and deferralaccount of item.
    """
    return pd.DataFrame(
        {
            "record_id": frame["record_id"],
            "sku": frame["code"],
            "name": either(frame["display"], either(frame["full"], frame["code"])),
            "status": values.constant("active", frame).mask(is_set(frame["inactive"]), "archived"),
            "income_account_id": frame["income_account_id"],
            "deferral_account_id": frame["deferral_account_id"],
        },
        index=frame.index,
    )


def to_term(frame: pd.DataFrame) -> pd.DataFrame:
    """Payment terms."""
    return frame[["record_id", "name", "days"]]
