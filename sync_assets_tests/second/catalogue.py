"""What the second company sells and keeps its books with: products, prices, legal entities, accounts, periods."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sync_assets_tests.second.town import OPENS, Town

EXPONENT = {"EUR": 2, "USD": 2, "GBP": 2, "JPY": 0, "KWD": 2}
"""Decimals of billing's whole numbers, which every amount here is in: two for the dinar too, though it has three.

Source: apidocs.chargebee.com/docs/api/currencies."""

PROCESSOR_FACTOR = {"KWD": 10}
"""The processor counts the dinar's thousandths. Source: docs.stripe.com/currencies, three-decimal currencies."""
CURRENCY_ID = {"USD": 1, "GBP": 2, "JPY": 3, "EUR": 4, "KWD": 8}
BASE = {"borealis_de": "EUR", "borealis_us": "USD"}
SUBSIDIARY_ID = {"borealis_de": 4, "borealis_us": 9}
RATE = {
    ("EUR", "EUR"): Decimal(1),
    ("USD", "USD"): Decimal(1),
    ("GBP", "EUR"): Decimal("1.17"),
    ("JPY", "USD"): Decimal("0.0065"),
    ("KWD", "USD"): Decimal("3.25"),
}
"""One rate all year, from the transaction's currency to its entity's."""

RECEIVABLE, UNDEPOSITED, BANK, TAX, DEFERRED, INCOME, FEES = 119, 117, 105, 230, 204, 401, 642
_ACCOUNTS = (
    (RECEIVABLE, "1100", "AcctRec", "Accounts Receivable"),
    (UNDEPOSITED, "1180", "OthCurrAsset", "Undeposited Funds"),
    (BANK, "1010", "Bank", "House bank"),
    (TAX, "2300", "OthCurrLiab", "VAT and sales tax payable"),
    (DEFERRED, "2400", "DeferRevenue", "Deferred Revenue"),
    (INCOME, "4000", "Income", "Subscription Income"),
    (FEES, "6420", "Expense", "Card fees"),
)


@dataclass(frozen=True, kw_only=True)
class Product:
    """One code of the catalogue, billed at one period."""

    code: str
    kind: str = "plan"
    months: int = 1
    model: str = "per_unit"
    metered: bool = False

    @property
    def unit(self) -> tuple[int, str]:
        """Chargebee's period and its unit."""
        return (self.months // 12, "year") if self.months % 12 == 0 else (self.months, "month")


PRODUCTS = {
    product.code: product
    for product in (
        Product(code="atlas-m"),
        Product(code="atlas-q", months=3),
        Product(code="atlas-y", months=12),
        Product(code="fleet-m", model="tiered"),
        Product(code="desk-m", model="flat_fee"),
        Product(code="boost-m", kind="addon"),
        Product(code="boost-y", kind="addon", months=12),
        Product(code="onboarding", kind="charge", model="flat_fee"),
        Product(code="calls-m", kind="addon", metered=True),
    )
}
LIST_PRICES = {
    ("atlas-m", "EUR"): 4000, ("atlas-m", "USD"): 4500, ("atlas-m", "GBP"): 3600, ("atlas-m", "JPY"): 6000,
    ("atlas-q", "JPY"): 9000, ("atlas-q", "EUR"): 11_000, ("atlas-y", "EUR"): 40_000, ("atlas-y", "KWD"): 12_500,
    ("desk-m", "EUR"): 15_000, ("boost-m", "EUR"): 900, ("boost-y", "KWD"): 1250, ("onboarding", "EUR"): 50_000,
    ("calls-m", "EUR"): 2, ("fleet-m", "EUR"): 0,
}  # fmt: skip
TIERS = [
    {"starting_unit": 1, "ending_unit": 10, "price": 1000},
    {"starting_unit": 11, "ending_unit": 50, "price": 800},
    {"starting_unit": 51, "price": 600},
]


def major(minor: int, currency: str) -> Decimal:
    """An amount in whole units of its currency."""
    return Decimal(minor).scaleb(-EXPONENT[currency])


def based(amount: Decimal, currency: str, entity: str) -> Decimal:
    """An amount in the functional currency of a legal entity."""
    return (amount * RATE[currency, BASE[entity]]).quantize(Decimal("0.01"), ROUND_HALF_UP)


def period_id(day: date) -> int:
    """NetSuite's id of the month a day lies in."""
    return 300 + (day.year - 2025) * 12 + day.month


def found(town: Town) -> None:
    """The company opens: everything that is there before the first customer."""
    _books(town)
    _price_list(town)
    meter = {"slug": "api_calls", "eventType": "api-call", "valueProperty": "$.calls", "aggregation": "SUM"}
    town.at(OPENS, "product", "meters", meter)
    town.at(OPENS, "product", "features", {"key": "api_calls", "name": "API calls", "meterSlug": "api_calls"})


def _books(town: Town) -> None:
    def put(stream: str, **record: Any) -> None:
        town.at(OPENS, "netsuite", stream, record)

    for name, number in CURRENCY_ID.items():
        base = "T" if name == "EUR" else "F"
        put(
            "currency",
            id=number,
            name=name,
            symbol=name,
            currencyprecision=3 if name == "KWD" else EXPONENT[name],
            isbasecurrency=base,
        )
    put("subsidiary", id=1, name="Borealis Holding", currency=4, country="DE", iselimination="F")
    for entity, country in (("borealis_de", "DE"), ("borealis_us", "US")):
        put(
            "subsidiary", id=SUBSIDIARY_ID[entity], parent=1, name=f"Borealis {country}", externalid=entity,
            currency=CURRENCY_ID[BASE[entity]], country=country,
        )  # fmt: skip
    put("accountingbook", id=1, name="Primary Accounting Book", isprimary="T")
    for number, code, kind, name in _ACCOUNTS:
        put("account", id=number, acctnumber=code, accttype=kind, accountsearchdisplayname=f"{code} {name}")
    for index in range(27):
        first = date(2025 + index // 12, index % 12 + 1, 1)
        last = first.replace(day=monthrange(first.year, first.month)[1])
        put("accountingperiod", id=period_id(first), periodname=f"{first:%b %Y}", startdate=first, enddate=last)
    for number, days in ((1, 0), (2, 14), (3, 30)):
        put("term", id=number, name=f"Net {days}", daysuntilnetdue=days)
    for index, code in enumerate(PRODUCTS):
        put(
            "item", id=700 + index, itemid=code, displayname=code, itemtype="Service", incomeaccount=INCOME,
            deferralaccount=DEFERRED,
        )  # fmt: skip


def _price_list(town: Town) -> None:
    book = town.crm_id("pricebook2")
    town.at(OPENS, "salesforce", "pricebook2", {"Id": book, "Name": "Standard", "IsActive": True, "IsStandard": True})
    town.at(OPENS, "chargebee", "items", {"id": "onboarding-kit", "name": "Retired kit", "status": "archived"})
    for code, product in PRODUCTS.items():
        town.ids["product2", code] = town.crm_id("product2")
        town.at(OPENS, "salesforce", "product2", {
            "Id": town.ids["product2", code], "Name": code.title(), "ProductCode": code, "IsActive": True,
        })  # fmt: skip
        town.at(OPENS, "chargebee", "items", {
            "id": code, "name": code.title(), "external_name": code.title(), "type": product.kind,
            "metered": product.metered, "item_family_id": "borealis",
        })  # fmt: skip
    for (code, currency), price in LIST_PRICES.items():
        _list_price(town, book, code, currency, price)


def _list_price(town: Town, book: str, code: str, currency: str, price: int) -> None:
    product = PRODUCTS[code]
    entry = town.ids["price", code, currency] = town.crm_id("pricebook_entries")
    town.at(OPENS, "salesforce", "pricebook_entries", {
        "Id": entry, "Pricebook2Id": book, "Product2Id": town.ids["product2", code], "CurrencyIsoCode": currency,
        "UnitPrice": major(price, currency), "IsActive": True, "ProductCode": code,
    })  # fmt: skip
    period, unit = product.unit
    charged: dict[str, Any] = {"tiers": TIERS, "price": None} if product.model == "tiered" else {"price": price}
    recurs = product.kind != "charge"
    charged |= {"period": period if recurs else None, "period_unit": unit if recurs else None}
    town.at(OPENS, "chargebee", "item_prices", {
        "id": f"{code}-{currency}", "name": f"{code} {currency}", "item_id": code, "item_type": product.kind,
        "pricing_model": product.model, "currency_code": currency, "item_family_id": "borealis",
        "external_name": code.title(), **charged,
    })  # fmt: skip
