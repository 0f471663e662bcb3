"""What Stripe's payouts and ledger entries are in our words. Pure functions of frames."""

import pandas as pd

from sync_assets.connect.values import rejected
from sync_assets.systems.stripe import amounts


def to_payout(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per payout. Source: docs.stripe.com/api/payouts/object (arrival_date is a day, at midnight UTC)."""
    currency = amounts.code(frame["currency"])
    amount, broken = amounts.minor(frame["amount"], currency)
    return pd.DataFrame(
        {
            "record_id": frame["record_id"],
            "amount_minor": amount,
            "currency": currency,
            "status": frame["status"],
            "arrival_on": frame["arrival_date"].dt.date,
            "automatic": frame["automatic"],
            "reconciliation": frame["reconciliation_status"],
            "created_at": frame["created"],
            "reject": rejected(frame, (broken, "money_scale")),
        }
    )


def to_settlement(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per ledger entry, in the currency it settled in; net = amount - fee.

    The list of a payout's entries also holds the payout's own, which takes the money out: it is not one of the entries
    that were paid out. An entry never changes but for its state, so it is as old as its creation.

    Source: docs.stripe.com/api/balance_transactions/object.
    """
    currency = amounts.code(frame["currency"])
    money = {name: amounts.minor(frame[name], currency) for name in ("amount", "fee", "net")}
    return pd.DataFrame(
        {
            "record_id": frame["record_id"],
            "version_at": frame["created"],
            "payout_id": frame["payout"].where(~(frame["source_id"] == frame["payout"]).fillna(value=False)),
            "source_id": frame["source_id"],
            "kind": frame["type"],
            "amount_minor": money["amount"][0],
            "fee_minor": money["fee"][0],
            "net_minor": money["net"][0],
            "currency": currency,
            "available_on": frame["available_on"].dt.date,
            "created_at": frame["created"],
            "status": frame["status"],
            "reject": rejected(frame, *((broken, "money_scale") for _, broken in money.values())),
        }
    )
