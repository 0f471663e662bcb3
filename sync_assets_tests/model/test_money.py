"""Money is exact in every currency, and what is not exact is refused."""

from decimal import Decimal

import pytest

from sync_assets.model.errors import RejectError
from sync_assets.model.money import EXPONENTS, decimal, display, from_minor, round_minor, to_minor


@pytest.mark.parametrize("currency", sorted(EXPONENTS))
def test_every_currency_goes_to_minor_units_and_back(currency: str) -> None:
    for minor in (0, 1, -1, 12_345_678_901_234_567):
        assert to_minor(from_minor(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.30", "EUR", 1230),
        (120, "JPY", 120),  # no decimals
        ("1.234", "KWD", 1234),  # three decimals
        ("0.0001", "CLF", 1),  # four decimals
        ("1E+2", "EUR", 10_000),
        (Decimal("-0.0"), "EUR", 0),
        ("9007199254740993", "JPY", 9_007_199_254_740_993),  # past the integers of a binary float
    ],
)
def test_amounts_in_major_units_become_minor_units(amount: object, currency: str, minor: int) -> None:
    assert to_minor(amount, currency) == minor


@pytest.mark.parametrize(
    ("amount", "currency", "reason"),
    [
        ("1.005", "EUR", "money_scale"),
        ("0.5", "JPY", "money_scale"),
        ("1,234.56", "EUR", "type"),
        ("1.234,56", "EUR", "type"),
        ("NaN", "EUR", "not_finite"),
        ("Infinity", "EUR", "not_finite"),
        ("1e999", "EUR", "number_size"),
        ("9" * 5000, "EUR", "number_size"),
        (1.5, "EUR", "type"),  # a float never becomes money
        (True, "EUR", "type"),
        (None, "EUR", "type"),
        ("1_000", "EUR", "type"),
        ("10", "eur", "currency"),
        ("10", "BTC", "currency"),
    ],
)
def test_what_is_not_exact_is_refused_with_its_reason(amount: object, currency: str, reason: str) -> None:
    with pytest.raises(RejectError) as caught:
        to_minor(amount, currency)
    assert caught.value.reason == reason


def test_rounding_follows_the_stated_rule() -> None:
    # 0.125 EUR is 12.5 cents: up to 13, or to the even 12
    assert round_minor(Decimal("0.125"), "EUR") == 13
    assert round_minor(Decimal("0.125"), "EUR", half_even=True) == 12


def test_amounts_are_shown_with_the_decimals_of_their_currency() -> None:
    assert display(120_000, "EUR") == "1,200.00 EUR"
    assert display(120_000, "JPY") == "120,000 JPY"
    assert decimal("12") == Decimal(12)
