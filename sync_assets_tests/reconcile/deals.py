"""A deal and the subscription it became, as copies: 10 seats at 50.00 EUR a month, begun a month before noon."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sync_assets_tests.reconcile.books import Books

BEGAN = datetime(2026, 5, 31, tzinfo=UTC)
"""The first instant of the deal's first day; 30 1/2 days before noon of the look."""


def catalogue(books: Books, sku: str = "seats", *, price: int = 50, unit: str = "month", currency: str = "EUR") -> None:
    """One product under one code in CRM and billing, with its price."""
    books.put("salesforce", "product", f"p-{sku}", status="active", sku=sku)
    books.put("chargebee", "product", sku, status="active", sku=sku, metered=False)
    books.put(
        "chargebee", "price", f"{sku}-{currency}", product_id=sku, currency=currency, unit_price=price,
        model="per_unit", period=1, period_unit=unit, status="active",
    )  # fmt: skip


def sell(
    books: Books, name: str = "d1", *, sku: str = "seats", price: int = 50, quantity: int = 10, **deal: Any
) -> None:
    """A won deal with a contract of a year."""
    books.put("salesforce", "customer", "a1", status="active", name="A")
    known = {"customer_id": "a1", "kind": "deal", "status": "won", "won_at": BEGAN, "won_on": BEGAN.date()}
    books.put("salesforce", "order", name, **{**known, "contract_id": f"k-{name}", "currency": "EUR", **deal})
    books.put(
        "salesforce", "contract", f"k-{name}", customer_id="a1", starts_on=BEGAN.date(),
        ends_on=BEGAN.date() + timedelta(days=364),
    )  # fmt: skip
    books.put(
        "salesforce", "order_line", f"l-{name}", order_id=name, product_id=f"p-{sku}", quantity=quantity,
        unit_price=price,
    )  # fmt: skip


def bill(
    books: Books, name: str = "s1", *, sku: str = "seats", price: int = 50, quantity: int = 10, **fields: Any
) -> None:
    """A running subscription of a customer whom the CRM knows."""
    books.put("chargebee", "customer", fields.get("customer_id", "c1"), status="active", copy_of="crm:a1")
    known = {
        "customer_id": "c1",
        "order_id": "crm:d1",
        "status": "active",
        "currency": "EUR",
        "period": 1,
        "period_unit": "month",
        "started_at": BEGAN,
        "created_at": BEGAN,
        "mrr_minor": price * quantity * 100,
    }
    books.put("chargebee", "subscription", name, **{**known, **fields})
    currency = fields.get("currency", "EUR")
    books.put(
        "chargebee", "subscription_item", f"{name}-1", from_record_id=name, subscription_id=name,
        price_id=f"{sku}-{currency}", kind="plan", quantity=quantity, unit_price=price,
        amount_minor=quantity * price * 100, currency=currency,
    )  # fmt: skip


def only(books: Books) -> dict[str, Any]:
    """The one open break there is."""
    (found,) = books.breaks()
    return found


def said(found: dict[str, Any]) -> tuple[object, ...]:
    """Class, owner, hop, kind and money of a break."""
    hop = found["first_divergence"]["hop"]
    return found["class"], found["owner"], hop, found["kind"], found["money_at_risk_minor"]
