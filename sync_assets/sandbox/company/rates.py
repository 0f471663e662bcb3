"""Percentages of the company's world: taxes, processing fees, exchange rates. Exact numbers only."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from sync_assets.model.money import exponent, from_minor, round_minor

TAX_NAMES = {"US": "Sales Tax", "DE": "VAT", "GB": "VAT", "JP": "Consumption Tax"}
TAX_PERCENT = {"US": 8, "DE": 19, "GB": 0, "JP": 10}
"""By the customer's country; exports to Great Britain are free of tax."""


@dataclass(frozen=True, kw_only=True)
class Fee:
    """What the payment processor keeps: a share in thousandths of a percent and a fixed part in minor units."""

    share: int
    fixed: int


FEES = {
    "USD": Fee(share=2900, fixed=30),
    "EUR": Fee(share=1500, fixed=25),
    "GBP": Fee(share=1500, fixed=20),
    "JPY": Fee(share=3600, fixed=0),
}
DISPUTE_FEES = {"USD": 1500, "EUR": 2000, "GBP": 2000, "JPY": 1300}

_RATES = {
    ("GBP", "EUR"): Decimal("1.1650"),
    ("GBP", "USD"): Decimal("1.2700"),
    ("EUR", "USD"): Decimal("1.0800"),
    ("JPY", "USD"): Decimal("0.0067"),
}


def fee_of(amount_minor: int, currency: str) -> int:
    """The processing fee of a payment, rounded half up."""
    fee = FEES[currency]
    return (amount_minor * fee.share + 50_000) // 100_000 + fee.fixed


def tax_of(net_minor: int, percent: int) -> int:
    """The tax on a net amount, rounded half up, e.g. (1005, 10) -> 101."""
    return (net_minor * percent + 50) // 100


def exchange_rate(currency: str, base: str, on: date) -> Decimal:
    """Units of the base currency for one unit of a currency; a new rate each month."""
    if currency == base:
        return Decimal(1)
    centre = _RATES[currency, base]
    swing = Decimal((on.year * 12 + on.month) * 37 % 21 - 10) / 1000
    return (centre * (1 + swing)).quantize(Decimal("0.00000001"), ROUND_HALF_UP)


def in_base(amount_minor: int, currency: str, base: str, rate: Decimal) -> int:
    """Minor units of the base currency for an amount, rounded half up by size."""
    if currency == base:
        return amount_minor
    size = round_minor(from_minor(abs(amount_minor), currency) * rate, base)
    return size if amount_minor >= 0 else -size


def major(amount_minor: int, currency: str) -> Decimal:
    """An amount as CRM and ERP write it: a decimal in major units with the currency's places."""
    places = exponent(currency)
    return from_minor(amount_minor, currency).quantize(Decimal(1).scaleb(-places))
