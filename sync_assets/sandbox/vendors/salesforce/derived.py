"""Fields the org fills in itself when a record does not say: line totals, stage flags, contract ends, numbers.

Belongs here: what Salesforce computes from the same record or its parent at the moment of a write. Roll-ups from
children (Opportunity.Amount) are left to whoever writes the parent.
Source: object reference of Opportunity, OpportunityLineItem, OrderItem, Contract, PricebookEntry.
"""

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

from sync_assets.sandbox.shelf import Record

Lookup: TypeAlias = Callable[[str, str | None], Mapping[str, object]]
"""Finds a row the org holds by stream and id; an empty mapping when there is none."""

_PROBABILITY = {
    "Prospecting": 10,
    "Qualification": 10,
    "Needs Analysis": 20,
    "Value Proposition": 50,
    "Id. Decision Makers": 60,
    "Perception Analysis": 70,
    "Proposal/Price Quote": 75,
    "Negotiation/Review": 90,
    "Closed Won": 100,
    "Closed Lost": 0,
}
_CENT = Decimal("0.01")
_HUNDRED = Decimal(100)


def opportunity(record: Record, given: Record, _find: Lookup) -> None:
    """Whether it is closed and won, how likely it is, and its fiscal quarter."""
    if "StageName" in given:
        stage = str(record["StageName"] or "")
        likely = _PROBABILITY.get(stage, 10)
        implied = {"IsClosed": stage.startswith("Closed"), "IsWon": likely == 100, "Probability": Decimal(likely)}
        record.update({name: value for name, value in implied.items() if name not in given})
    if given.get("CloseDate"):
        year, month = int(given["CloseDate"][:4]), int(given["CloseDate"][5:7])
        quarter = (month + 2) // 3
        record.update(FiscalYear=year, FiscalQuarter=quarter, Fiscal=f"{year} {quarter}")


def _total(record: Record, given: Record) -> None:
    if not {"Quantity", "UnitPrice", "Discount"} & given.keys() or record.get("UnitPrice") is None:
        return
    gross = (record.get("Quantity") or Decimal(1)) * record["UnitPrice"]
    net = gross * (1 - (record.get("Discount") or Decimal(0)) / _HUNDRED)
    if "TotalPrice" not in given:
        record["TotalPrice"] = net.quantize(_CENT, ROUND_HALF_UP)


def _from_price(record: Record, find: Lookup) -> None:
    price = find("pricebook_entries", record.get("PricebookEntryId"))
    for name, there in (("Product2Id", "Product2Id"), ("ListPrice", "UnitPrice")):
        if record.get(name) is None:
            record[name] = price.get(there)


def opportunity_line(record: Record, given: Record, find: Lookup) -> None:
    """Its totals, and the product, code and list price of its price book entry."""
    _total(record, given)
    _from_price(record, find)
    if record.get("UnitPrice") is not None:
        gross = (record.get("Quantity") or Decimal(1)) * record["UnitPrice"]
        record["Subtotal"] = gross.quantize(_CENT, ROUND_HALF_UP)
    if record.get("ProductCode") is None:
        record["ProductCode"] = find("pricebook_entries", record.get("PricebookEntryId")).get("ProductCode")


def order_item(record: Record, given: Record, find: Lookup) -> None:
    """Its total, and the product and list price of its price book entry."""
    _total(record, given)
    _from_price(record, find)
    if record.get("AvailableQuantity") is None:
        record["AvailableQuantity"] = record.get("Quantity")


def contract(record: Record, given: Record, _find: Lookup) -> None:
    """Its last day: so many months after the first, inclusive, whenever one of the two is set."""
    if "EndDate" in given or given.keys().isdisjoint({"StartDate", "ContractTerm"}):
        return
    if not record.get("StartDate") or not record.get("ContractTerm"):
        return
    first = date.fromisoformat(record["StartDate"])
    months = first.month - 1 + record["ContractTerm"]
    year, month = first.year + months // 12, months % 12 + 1
    anniversary = date(year, month, min(first.day, monthrange(year, month)[1]))
    record["EndDate"] = (anniversary - timedelta(days=1)).isoformat()


def pricebook_entry(record: Record, _given: Record, find: Lookup) -> None:
    """The name and code of its product."""
    product = find("product2", record.get("Product2Id"))
    for name in ("Name", "ProductCode"):
        if record.get(name) is None:
            record[name] = product.get(name)


FILL: dict[str, Callable[[Record, Record, Lookup], None]] = {
    "opportunities": opportunity,
    "opportunity_line_items": opportunity_line,
    "order_items": order_item,
    "contracts": contract,
    "pricebook_entries": pricebook_entry,
}

NUMBERED = {"contracts": "ContractNumber", "orders": "OrderNumber", "order_items": "OrderItemNumber"}
"""Auto-number columns: eight digits, counted from 100 within the org."""

CURRENCY_FROM = {
    "opportunity_line_items": ("opportunities", "OpportunityId"),
    "order_items": ("orders", "OrderId"),
}
"""Whose currency a row takes when it names none; every other row takes the org's own."""
