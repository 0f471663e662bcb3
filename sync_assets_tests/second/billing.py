"""What billing makes of a deal: subscriptions, their versions and their invoices, as Chargebee shows them."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sync_assets_tests.second.catalogue import PRODUCTS
from sync_assets_tests.second.customer import Customer, morning, seconds

MONTHS = {"atlas-q": 3, "atlas-y": 12, "boost-y": 12}


def month_after(day: date, months: int) -> date:
    """The same day of a later month; days go no further than the 28th here."""
    index = day.month - 1 + months
    return day.replace(year=day.year + index // 12, month=index % 12 + 1)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One item of a subscription; `unit` is the price in minor units, None where tiers say what it costs."""

    code: str
    quantity: int = 1
    unit: int | None = None
    amount: int | None = None

    @property
    def charged(self) -> int:
        """What one period costs."""
        return self.amount if self.amount is not None else self.quantity * (self.unit or 0)

    def shown(self, currency: str) -> dict[str, Any]:
        """The item as a subscription shows it."""
        product = PRODUCTS[self.code]
        known = {"item_price_id": f"{self.code}-{currency}", "item_type": product.kind, "free_quantity": 0}
        if product.metered:
            return {**known, "metered_quantity": "0", "unit_price": self.unit}
        return {**known, "quantity": self.quantity, "unit_price": self.unit, "amount": self.charged}


@dataclass(kw_only=True)
class Bill:
    """One billing invoice and what others need to know of it."""

    number: str
    customer: Customer
    issued: datetime
    lines: list[dict[str, Any]]
    subtotal: int
    discount: int
    tax: int
    total: int


@dataclass(kw_only=True)
class Subscription:
    """One subscription that lives on from `starts`, billed in advance for periods of `months`."""

    customer: Customer
    starts: date
    items: list[Item]
    deal: str | None = None
    months: int = 1
    record_id: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    access: bool = True

    def __post_init__(self) -> None:
        town = self.customer.town
        self.record_id = self.record_id or f"AzZ{town.number('subscription', 8801)}SUB"
        begins = morning(self.starts)
        town.at(begins, "chargebee", "subscriptions", self.record(begins) | self.fields)
        if self.access:
            town.at(begins + timedelta(minutes=1), "product", "subjects", {"key": self.record_id})
            town.at(begins + timedelta(minutes=1), "product", "entitlements", {
                "id": f"ent-{self.record_id}", "subjectKey": self.record_id, "featureKey": "console", "type": "boolean",
            })  # fmt: skip

    def record(self, at: datetime) -> dict[str, Any]:
        """The subscription as it stands at an instant."""
        money = self.customer.currency
        whole = sum(item.charged for item in self.items if not PRODUCTS[item.code].metered)
        term, ends = self.period(at.date())
        period, unit = (self.months // 12, "year") if self.months % 12 == 0 else (self.months, "month")
        return {
            "id": self.record_id, "customer_id": self.customer.billing_id, "currency_code": money, "status": "active",
            "billing_period": period, "billing_period_unit": unit, "started_at": seconds(morning(self.starts)),
            "activated_at": seconds(morning(self.starts)), "start_date": None, "has_scheduled_changes": False,
            "current_term_start": seconds(morning(term)), "current_term_end": seconds(morning(ends)),
            "next_billing_at": seconds(morning(ends)), "mrr": whole // self.months, "exchange_rate": 1.0,
            "base_currency_code": "EUR", "business_entity_id": self.customer.entity, "auto_collection": "on",
            "create_pending_invoices": False, "due_invoices_count": 0, "total_dues": None,
            "cf_salesforce_opportunity_id": self.deal, "subscription_items": [i.shown(money) for i in self.items],
            "shipping_address": {"country": "DE", "validation_status": "not_validated", "object": "shipping_address"},
        }  # fmt: skip

    def period(self, day: date) -> tuple[date, date]:
        """The billing period a day lies in, up to the next one's first day."""
        count = 0
        while month_after(self.starts, (count + 1) * self.months) <= day:
            count += 1
        return month_after(self.starts, count * self.months), month_after(self.starts, (count + 1) * self.months)

    def change(self, at: datetime, items: list[Item]) -> None:
        """Other items from an instant on."""
        self.items = items
        self.customer.town.at(at, "chargebee", "subscriptions", self.record(at))

    def renew(self, day: date) -> None:
        """The term moves on."""
        self.customer.town.at(morning(day), "chargebee", "subscriptions", self.record(morning(day)))

    def line(self, item: Item, starts: date, ends: date, **fields: Any) -> dict[str, Any]:
        """One line of an invoice for a period of an item."""
        town, product = self.customer.town, PRODUCTS[item.code]
        return {
            "id": f"li_{town.number('line', 50_001)}", "date_from": seconds(morning(starts)),
            "date_to": seconds(morning(ends)), "unit_amount": item.unit or 0, "quantity": item.quantity,
            "amount": item.charged, "pricing_model": product.model, "is_taxed": True, "tax_amount": 0,
            "subscription_id": self.record_id, "customer_id": self.customer.billing_id,
            "description": item.code.title(),
            "entity_type": f"{product.kind}_item_price", "entity_id": f"{item.code}-{self.customer.currency}",
            "discount_amount": 0, "item_level_discount_amount": 0, "metered": product.metered,
            "reference_line_item_id": None, "tax_rate": 0.0, **fields,
        }  # fmt: skip

    def bill(
        self, day: date, lines: list[dict[str, Any]] | None = None, *, tax_percent: int = 0, **fields: Any
    ) -> Bill:
        """The invoice of the period that begins on a day; `fields` say what differs from a plain one."""
        starts, ends = self.period(day)
        if lines is None:
            lines = [self.line(i, starts, ends) for i in self.items if not PRODUCTS[i.code].metered]
        return bill(self.customer, morning(day), lines, tax_percent=tax_percent, subscription=self.record_id, **fields)


def bill(
    customer: Customer,
    at: datetime,
    lines: list[dict[str, Any]],
    *,
    tax_percent: int = 0,
    subscription: str | None = None,
    **fields: Any,
) -> Bill:
    """An invoice over lines, taxed by line, payable in fourteen days; `fields` win over what follows from them."""
    number = fields.pop("number", None) or f"BI-26-{customer.town.number('invoice', 30_411)}"
    coupon = fields.pop("coupon", 0)
    for line in lines:
        taxable = line["amount"] - line["discount_amount"]
        line["tax_amount"] = int((Decimal(taxable * tax_percent) / 100).quantize(Decimal(1), ROUND_HALF_UP))
        line["tax_rate"] = float(tax_percent)
    net = sum(line["amount"] for line in lines)
    off = sum(line["discount_amount"] for line in lines)
    tax = sum(line["tax_amount"] for line in lines)
    record = {
        "id": number, "customer_id": customer.billing_id, "subscription_id": subscription, "status": "payment_due",
        "date": seconds(at), "due_date": seconds(at + timedelta(days=14)), "net_term_days": 14, "sub_total": net,
        "tax": tax, "total": net - off + tax, "line_items": lines, "currency_code": customer.currency,
        "business_entity_id": customer.entity, "exchange_rate": 1.0, "has_advance_charges": False,
        "site_details_at_creation": {"timezone": "Europe/Berlin"}, "is_vat_moss_registered": False,
        "taxes": [{"name": "VAT", "amount": tax, "object": "tax"}] if tax else None, "notes": [{"note": "Thanks"}],
        "discounts": [{"object": "discount", "entity_type": "document_level_coupon", "entity_id": coupon,
                       "amount": off}] if off else None,
        "line_item_taxes": [
            {"tax_name": "VAT", "tax_rate": float(tax_percent), "tax_amount": line["tax_amount"],
             "line_item_id": line["id"], "object": "line_item_tax", "is_partial_tax_applied": False,
             "taxable_amount": line["amount"] - line["discount_amount"], "is_non_compliance_tax": False,
             "tax_juris_type": "country", "tax_juris_name": "Germany", "tax_juris_code": "DE"}
            for line in lines if tax_percent
        ],
        **fields,
    }  # fmt: skip
    customer.town.at(at, "chargebee", "invoices", record)
    return Bill(
        number=number, customer=customer, issued=at, lines=lines, subtotal=net, discount=off,
        tax=record["tax"], total=record["total"],
    )  # fmt: skip
