"""Exact money: integer minor units with an ISO 4217 currency. No float enters, none leaves.

Belongs here: exponents, conversion between major and minor units, rounding by rule. Not here: exchange rates' sources.
"""

import re
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation

from sync_assets.model.errors import RejectError

_TWO = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF "
    "IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR "
    "MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD "
    "SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG "
    "YER ZAR ZMW ZWG BOV CHE CHW COU MXV USN"
)
EXPONENTS: dict[str, int] = (
    dict.fromkeys(_TWO.split(), 2)
    | dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0)
    | dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)
    | dict.fromkeys("CLF UYW".split(), 4)
)
"""ISO 4217 code to its number of decimals. Source: ISO 4217 list one, active codes with a minor unit."""

DIGITS_MAX = 30
"""Longest number kept exactly; no ledger holds more, and a longer one is an attack or an accident."""


def exponent(currency: str) -> int:
    """The number of decimals of a currency; RejectError `currency` for anything but an upper-case ISO 4217 code."""
    try:
        return EXPONENTS[currency]
    except (KeyError, TypeError):
        raise RejectError("currency", "currency") from None


def decimal(value: object) -> Decimal:
    """A number exactly as written; RejectError for text in a locale, NaN, infinities, floats and giants."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise RejectError("type", type(value).__name__)
    if isinstance(value, str) and (len(value) > DIGITS_MAX + 8 or "_" in value):
        raise RejectError("number_size" if len(value) > DIGITS_MAX + 8 else "type")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise RejectError("type", "number") from None
    if not number.is_finite():
        raise RejectError("not_finite")
    if number and (number.adjusted() > DIGITS_MAX or number.adjusted() < -DIGITS_MAX):
        raise RejectError("number_size")
    return number


def to_minor(amount: object, currency: str) -> int:
    """Minor units of an amount in major units, e.g. ("12.30", "EUR") -> 1230; RejectError `money_scale` if inexact."""
    scaled = decimal(amount).scaleb(exponent(currency))
    minor = int(scaled)
    if minor != scaled:
        raise RejectError("money_scale", currency)
    return minor


def from_minor(minor: int, currency: str) -> Decimal:
    """Major units of an amount in minor units, e.g. (1230, "EUR") -> Decimal("12.30")."""
    return Decimal(minor).scaleb(-exponent(currency))


def round_minor(amount: Decimal, currency: str, *, half_even: bool = False) -> int:
    """Minor units of a calculated amount in major units, rounded half up (or half even) to the currency."""
    rule = ROUND_HALF_EVEN if half_even else ROUND_HALF_UP
    return int(amount.scaleb(exponent(currency)).quantize(Decimal(1), rounding=rule))


def display(minor: int, currency: str) -> str:
    """An amount for people, e.g. (120000, "EUR") -> "1,200.00 EUR"."""
    return f"{from_minor(minor, currency):,.{exponent(currency)}f} {currency}"


_AMOUNT = re.compile(r"(-?\b\d+) ([A-Z]{3})\b")


def readable(said: str) -> str:
    """Words with their amounts, which are minor units and a currency, written for people: `11900 EUR`, 119.00 EUR."""
    return _AMOUNT.sub(lambda found: display(int(found[1]), found[2]) if found[2] in EXPONENTS else found[0], said)
