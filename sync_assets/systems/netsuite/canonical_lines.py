"""Lines of documents and of the ledger as copies.

A line is signed as the books sign it: debit positive, credit negative. An invoice's item lines are credits to income,
so their amounts and quantities change sign to stand positive beside billing's lines. Source: fivetran/dbt_netsuite
models/netsuite2.yml (raw amounts are debit positive).
"""

import pandas as pd

from sync_assets.connect import values
from sync_assets.connect.values import TEXT
from sync_assets.systems.netsuite.fields import either, is_set, money, negated, sizes


def to_document_line(frame: pd.DataFrame) -> pd.DataFrame:
    """Every line of every document, signed as in the books; what revenue recognition wrote by itself is marked so."""
    amounts, reasons = money(frame, frame["currency"], {"amount_minor": "amount"})
    same = ["record_id", "document_id", "item_id", "account_id", "currency", "quantity", "unit_price", "memo"]
    return pd.DataFrame(
        {
            **{name: frame[name] for name in same},
            **amounts,
            "is_main": is_set(frame["is_main"]),
            "tax": is_set(frame["tax"]),
            "recognition": is_set(frame["recognition"]),
            "legal_entity": either(frame["subsidiary_external_id"], frame["subsidiary_id"]),
            "reject": values.rejected(frame, *reasons),
        },
        index=frame.index,
    )


def to_invoice_line(frame: pd.DataFrame) -> pd.DataFrame:
    """Item lines of invoices, positive where they charge; tax lines, cost lines and the main line are none."""
    items = (frame["type"] == "CustInvc") & frame["item_id"].notna()
    rows = frame[is_set(items) & ~is_set(frame["is_main"]) & ~is_set(frame["tax"])]
    charged = negated(rows["amount"])
    amounts, reasons = money(rows, rows["currency"], {"amount_minor": charged})
    return pd.DataFrame(
        {
            "record_id": rows["record_id"],
            "invoice_id": rows["document_id"],
            "product_id": rows["item_id"],
            "kind": rows["kind"],
            "quantity": _quantities(rows["quantity"], rows["unit_price"], charged),
            "unit_price": rows["unit_price"],
            **amounts,
            "currency": rows["currency"],
            "description": rows["memo"],
            "reject": values.rejected(rows, *reasons),
        },
        index=rows.index,
    )


def _quantities(quantities: pd.Series, prices: pd.Series, charged: pd.Series) -> pd.Series:
    """Quantities with the sign that makes quantity times price agree with what is charged."""
    backwards = [
        price is not None and amount is not None and price * amount < 0
        for price, amount in zip(prices, charged, strict=True)
    ]
    sized = sizes(quantities)
    return sized.where(~pd.Series(backwards, index=sized.index, dtype=bool), negated(sized))


def to_posting(frame: pd.DataFrame) -> pd.DataFrame:
    """Lines of the general ledger, per book, in the base currency of the line's subsidiary."""
    amounts, reasons = money(
        frame, frame["currency"], {"debit_minor": "debit", "credit_minor": "credit", "amount_minor": "amount"}
    )
    same = ["record_id", "document_id", "book", "account_id", "currency", "exchange_rate", "is_posting"]
    return pd.DataFrame(
        {
            **{name: frame[name] for name in same},
            "line_id": (frame["document_id"] + "-" + frame["line"]).astype(TEXT),
            **amounts,
            "reject": values.rejected(frame, *reasons),
        },
        index=frame.index,
    )
