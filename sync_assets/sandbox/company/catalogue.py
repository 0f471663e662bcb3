"""What the company sells, from which legal entities, at which prices: data that every system must hold alike.

Prices are integer minor units, multiples of 20 so that a discount in steps of 5 percent leaves no fraction.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, kw_only=True)
class LegalEntity:
    """A company of the group: `code` is its name in CRM and billing, `subsidiary` its id in the ERP."""

    code: str
    name: str
    country: str
    currency: str
    zone: ZoneInfo
    subsidiary: int


US = LegalEntity(
    code="fernway_us",
    name="Fernway Inc.",
    country="US",
    currency="USD",
    zone=ZoneInfo("America/New_York"),
    subsidiary=1,
)
DE = LegalEntity(
    code="fernway_de",
    name="Fernway GmbH",
    country="DE",
    currency="EUR",
    zone=ZoneInfo("Europe/Berlin"),
    subsidiary=2,
)
JP = LegalEntity(
    code="fernway_jp", name="Fernway KK", country="JP", currency="JPY", zone=ZoneInfo("Asia/Tokyo"), subsidiary=3
)
LEGAL_ENTITIES = (US, DE, JP)

CURRENCIES = {"USD": 1, "GBP": 2, "EUR": 4, "JPY": 5}
"""ISO code to the ERP's internal id; the first is the base of the group."""

SELLER_OF = {"USD": US, "EUR": DE, "GBP": DE, "JPY": JP}
"""Which legal entity invoices and is paid out in a currency."""


@dataclass(frozen=True, kw_only=True)
class Product:
    """One catalogue entry: its code is the same in CRM, billing and ERP. `months` is its billing period."""

    code: str
    name: str
    kind: str
    model: str
    months: int
    feature: str
    erp_item: int
    prices: dict[str, int]
    metered: bool = False

    def price_id(self, currency: str) -> str:
        """Billing's item price id in a currency."""
        return f"{self.code}-{currency}"


SEATS_MONTHLY = Product(
    code="seats-monthly",
    name="Workspace seats, monthly",
    kind="plan",
    model="per_unit",
    months=1,
    feature="seats",
    erp_item=101,
    prices={"USD": 4900, "EUR": 4400, "GBP": 3800, "JPY": 6800},
)
SEATS_ANNUAL = Product(
    code="seats-annual",
    name="Workspace seats, annual",
    kind="plan",
    model="per_unit",
    months=12,
    feature="seats",
    erp_item=102,
    prices={"USD": 49000, "EUR": 44000, "GBP": 38000, "JPY": 68000},
)
SUPPORT_MONTHLY = Product(
    code="support-monthly",
    name="Priority support, monthly",
    kind="addon",
    model="flat_fee",
    months=1,
    feature="priority_support",
    erp_item=103,
    prices={"USD": 25000, "EUR": 22000, "GBP": 19000, "JPY": 34000},
)
SUPPORT_ANNUAL = Product(
    code="support-annual",
    name="Priority support, annual",
    kind="addon",
    model="flat_fee",
    months=12,
    feature="priority_support",
    erp_item=104,
    prices={"USD": 250000, "EUR": 220000, "GBP": 190000, "JPY": 340000},
)
API_CALLS = Product(
    code="api-calls",
    name="API calls",
    kind="addon",
    model="per_unit",
    months=1,
    feature="api_calls",
    erp_item=105,
    prices={"USD": 3, "EUR": 2, "GBP": 2, "JPY": 4},
    metered=True,
)
PRODUCTS = (SEATS_MONTHLY, SEATS_ANNUAL, SUPPORT_MONTHLY, SUPPORT_ANNUAL, API_CALLS)
