"""One contract's story in words: what each system did and when, in the order in which it happened."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sync_assets.model.errors import RejectError
from sync_assets.model.money import display
from sync_assets.store.engine import Store
from sync_assets.store.stories import Affair, Roles, affair_of, happened, usage_between

Row = Mapping[str, Any]


def story(store: Store, entity: str, ids: Sequence[str], roles: Roles) -> list[dict[str, Any]]:
    """The events of the contract that these records belong to: instant, system, record and a sentence each."""
    affair = affair_of(store, entity, ids, roles)
    if affair is None:
        return []
    rows = happened(store, affair, roles)
    rows += _usage_meanwhile(store, affair, rows)
    return [
        {"at": row["at"], "system": row["system"], "record_id": row["record_id"], "event": _WORDS[row["what"]](row)}
        for row in rows
    ]


def _usage_meanwhile(store: Store, affair: Affair, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """What was used between the sale of an amendment and the version by which billing heard of it."""
    found: list[dict[str, Any]] = []
    heard = [row["at"] for row in rows if row["what"] == "version"]
    for sold in (row["at"] for row in rows if row["what"] == "order" and row["detail"] == "amendment"):
        until = min((at for at in heard if at > sold), default=None)
        used = usage_between(store, affair, sold, until) if until else []
        found += [{**row, "what": "usage", "record_id": row["meter"]} for row in used]
    return found


def _terms(row: Row) -> str:
    """Quantity and price, e.g. `35 x 6,120 JPY`; nothing when there are none."""
    if row["quantity"] is None or row["unit_price"] is None:
        return ""
    return f"{_number(row['quantity'])} x {_number(row['unit_price'])} {row['currency'] or ''}".rstrip()


def _number(value: Decimal) -> str:
    return f"{value.normalize():,f}"


def _money(row: Row) -> str:
    if row["amount_minor"] is None:
        return ""
    try:
        return display(row["amount_minor"], row["currency"] or "")
    except RejectError:
        return str(row["amount_minor"])


def _order(row: Row) -> str:
    kind = "amendment accepted" if row["detail"] == "amendment" else f"{row['detail']} accepted"
    return f"{kind}: {_terms(row) or _money(row)} (order {row['label']})"


def _version(row: Row) -> str:
    if row["detail"] is None:
        return f"subscription {row['record_id']} begins: {_terms(row)}"
    quantity, _, price = row["detail"].partition(" x ")
    was = _terms({**row, "quantity": Decimal(quantity), "unit_price": Decimal(price)})
    return f"subscription {row['record_id']} becomes {_terms(row)}, was {was}"


def _invoice(row: Row) -> str:
    terms = _terms(row)
    return f"invoice {row['label']} issued over {_money(row)}{f', drawn from {terms}' if terms else ''}"


_WORDS: Mapping[str, Callable[[Row], str]] = {
    "order": _order,
    "version": _version,
    "usage": lambda row: f"{row['events']} {row['meter']} events meanwhile: {_number(row['quantity'])} used",
    "invoice": _invoice,
    "posted invoice": lambda row: f"document {row['record_id']} posted for invoice {row['label']} over {_money(row)}",
    "credit note": lambda row: f"credit note {row['label']} over {_money(row)}",
    "manual credit memo": lambda row: (
        f"credit memo {row['label']} over {_money(row)} by hand: billing has no credit note for it"
    ),
    "payment": lambda row: f"payment of {_money(row)}: {row['detail']}",
}
"""How each thing that happens is told."""
