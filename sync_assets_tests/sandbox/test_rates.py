"""Taxes, fees and exchange rates are exact."""

from datetime import date
from decimal import Decimal

from sync_assets.sandbox.company.rates import exchange_rate, fee_of, in_base, major, tax_of


def test_a_fee_is_a_share_and_a_fixed_part_rounded_half_up() -> None:
    assert fee_of(10_000, "USD") == 320  # 2.9 % of 100.00 = 2.90, and 0.30
    assert fee_of(12_350, "EUR") == 210  # 1.5 % of 123.50 = 1.8525 -> 1.85, and 0.25
    assert fee_of(6_850, "JPY") == 247  # 3.6 % of 6850 = 246.6


def test_tax_rounds_half_up() -> None:
    assert tax_of(1_005, 10) == 101  # 100.5
    assert tax_of(1_004, 10) == 100  # 100.4
    assert tax_of(4_400, 19) == 836


def test_an_amount_in_its_own_currency_stays_as_it_is() -> None:
    assert in_base(-12_345, "EUR", "EUR", Decimal(1)) == -12_345


def test_an_amount_is_converted_by_size_so_that_debit_and_credit_round_alike() -> None:
    rate = Decimal("1.1650")
    assert in_base(101, "GBP", "EUR", rate) == 118  # 1.01 x 1.165 = 1.17665
    assert in_base(-101, "GBP", "EUR", rate) == -118
    assert in_base(1_000, "JPY", "USD", Decimal("0.0067")) == 670  # 1000 yen = 6.70 dollars


def test_a_rate_holds_for_a_month_and_then_changes() -> None:
    assert exchange_rate("GBP", "EUR", date(2026, 3, 1)) == exchange_rate("GBP", "EUR", date(2026, 3, 31))
    assert exchange_rate("GBP", "EUR", date(2026, 3, 31)) != exchange_rate("GBP", "EUR", date(2026, 4, 1))


def test_an_amount_in_major_units_has_the_places_of_its_currency() -> None:
    assert str(major(120_000, "EUR")) == "1200.00"
    assert str(major(120_000, "JPY")) == "120000"
