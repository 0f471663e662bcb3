"""Salesforce accounts, products and price book entries as copies of customers, products and prices.

Pure functions of columns. References inside Salesforce are brought to the 18-character form here as well.
"""

import pandas as pd

from sync_assets.connect import values
from sync_assets.model.keys import salesforce_id_or_text


def record_ids(ids: pd.Series) -> pd.Series:
    """Ids in the 18-character form; a text that is no Salesforce id stays what it is, as the copy of what was said."""
    return values.text([None if pd.isna(one) else salesforce_id_or_text(one) or None for one in ids], ids.index)


def minor(amounts: pd.Series, currencies: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Minor units of amounts and the reason where one does not fit; an amount without a currency stays unknown."""
    return values.minor(amounts.where(currencies.notna(), None), currencies.fillna("").astype(values.TEXT))


def _domain(websites: pd.Series) -> pd.Series:
    """The host of a web site as people type it: with or without scheme, `www.`, path or port."""
    plain = websites.str.strip().str.lower().str.replace(r"^[a-z]+://", "", regex=True)
    host = plain.str.replace(r"[/?#:].*$", "", regex=True).str.replace(r"^www\.", "", regex=True)
    return host.where(host.str.contains(".", regex=False, na=False)).astype(values.TEXT)


def to_customer(frame: pd.DataFrame) -> pd.DataFrame:
    """Standard accounts have no flag for "closed"; a deleted account (a merge's loser too) is inactive."""
    gone = frame["is_deleted"].fillna(value=False).astype(bool)
    return pd.DataFrame(
        {
            "name": frame["name"],
            "tax_id": frame["tax_id"],
            "domain": _domain(frame["website"]),
            "country": frame["country_code"].fillna(frame["country"]),
            "region": frame["state_code"].fillna(frame["state"]),
            "street": frame["street"],
            "city": frame["city"],
            "postcode": frame["postcode"],
            "currency": frame["currency"],
            "parent_id": record_ids(frame["parent_id"]),
            "legal_entity": frame["legal_entity"],
            "status": values.constant("active", frame).mask(gone, "inactive"),
            "merged_into": record_ids(frame["master_id"]),
        },
        index=frame.index,
    )


def _status_of(active: pd.Series, frame: pd.DataFrame) -> pd.Series:
    return values.constant("archived", frame).mask(active.fillna(value=False).astype(bool), "active")


def to_product(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per product; what is no longer active is archived."""
    return pd.DataFrame(
        {"sku": frame["code"], "name": frame["name"], "status": _status_of(frame["is_active"], frame)},
        index=frame.index,
    )


def to_price(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per price book entry: the price of one unit of a product in a currency."""
    return pd.DataFrame(
        {
            "product_id": record_ids(frame["product_id"]),
            "currency": frame["currency"],
            "unit_price": frame["unit_price"],
            "model": values.constant("per_unit", frame),
            "status": _status_of(frame["is_active"], frame),
        },
        index=frame.index,
    )
