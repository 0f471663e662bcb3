"""Decimals of a currency are read the same way everywhere, and what rates gain between two days is booked."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books
from sync_assets_tests.reconcile.deals import bill as bill_deal
from sync_assets_tests.reconcile.deals import catalogue, said, sell


@pytest.fixture
def books(store: Store) -> Books:
    return Books(store=store)


def found(books: Books, class_: str) -> list[dict[str, Any]]:
    return [row for row in books.breaks() if row["class"] == class_]


def bill(books: Books, currency: str, *, billed: int, posted: int) -> None:
    books.invoice("1042", currency=currency, total_minor=billed)
    books.erp_invoice("900", "1042", currency=currency, total_minor=posted)


@pytest.mark.parametrize(
    ("currency", "billed", "posted", "off"),
    [
        ("JPY", 54_000, 5_400_000, 5_346_000),  # yen taken for hundredths
        ("JPY", 54_000, 540, 53_460),  # and the other way round
        ("KWD", 54_000, 5_400, 48_600),  # thousandths of a dinar taken for hundredths
        ("EUR", 11_900, 1_190_000, 1_178_100),  # cents taken for euros
    ],
)
def test_an_amount_off_by_the_decimals_of_its_currency_is_the_root_of_its_difference(
    books: Books, currency: str, billed: int, posted: int, off: int
) -> None:
    bill(books, currency, billed=billed, posted=posted)
    books.judge()
    (root,), (symptom,) = found(books, "F91"), found(books, "F50")
    assert (root["money_at_risk_minor"], root["currency"], root["owner"]) == (off, currency, "DE")
    assert (root["entity_id"], root["first_divergence"]["hop"]) == ("chargebee:1042", "billing->erp")
    assert (symptom["caused_by"], symptom["money_at_risk_minor"]) == (root["break_id"], 0)
    bill(books, currency, billed=billed, posted=billed)
    books.judge()
    assert found(books, "F91") + found(books, "F50") == []


@pytest.mark.parametrize(("currency", "posted"), [("JPY", 54_000), ("JPY", 540_000), ("EUR", 540_000), ("EUR", 5_400)])
def test_equal_amounts_and_factors_that_no_decimals_explain_are_no_matter_of_decimals(
    books: Books, currency: str, posted: int
) -> None:
    bill(books, currency, billed=54_000, posted=posted)
    books.judge()
    assert found(books, "F91") == []


def test_a_charge_a_hundred_times_the_payment_is_lost_between_processor_and_billing(books: Books) -> None:
    money = {"currency": "JPY", "status": "succeeded", "customer_id": "cus_1"}
    books.put("stripe", "payment", "ch_1", amount_minor=5_400_000, **money)
    books.put("chargebee", "payment", "txn_1", copy_of="payments:ch_1", amount_minor=54_000, **money)
    books.judge()
    (root,) = found(books, "F91")
    assert (root["first_divergence"]["hop"], root["kind"]) == ("payments->billing", "CASH")
    assert root["money_at_risk_minor"] == 5_346_000


def _sold_in_yen(books: Books, *, billed: int) -> None:
    """10 seats at 6,000 yen a month, for a month and half a day of 30."""
    catalogue(books, price=6_000, currency="JPY")
    sell(books, price=6_000, currency="JPY")
    bill_deal(books, price=billed, currency="JPY")


def test_a_price_off_by_the_decimals_of_its_currency_is_the_root_of_its_difference(books: Books) -> None:
    _sold_in_yen(books, billed=60)
    books.judge()
    (root,), (symptom,) = found(books, "F91"), found(books, "F12")
    # (6,000 - 60) x 10 = 59,400 a month, for 1 1/62 months
    assert said(root) == ("F91", "DE", "crm->billing", "LEAK", 60_358)
    assert (symptom["caused_by"], symptom["money_at_risk_minor"]) == (root["break_id"], 0)


def test_a_price_that_no_decimals_explain_is_a_wrong_price(books: Books) -> None:
    _sold_in_yen(books, billed=600)
    books.judge()
    assert [row["class"] for row in books.breaks()] == ["F12"]


def settle(books: Books, *, paid_at: str = "1.18", gain: int | None = None, unused: int = 0, **facts: Any) -> None:
    """1,000.00 GBP invoiced at 1.16 by an entity that keeps its books in euros, and paid at another rate."""
    said = {"copy_of": "billing:1042", "customer_id": "7", "status": "paid", "is_void": False, "currency": "GBP"}
    books.put("netsuite", "invoice", "900", **said, total_minor=100_000, exchange_rate=Decimal("1.16"))
    books.put(
        "chargebee", "allocation", "a1", payment_id="txn_1", document_id="1042", document_kind="invoice",
        amount_minor=100_000, currency="GBP", status="applied",
    )  # fmt: skip
    payment: dict[str, Any] = {"copy_of": "billing:txn_1", "customer_id": "7", "status": "succeeded", "currency": "GBP"}
    payment |= {"amount_minor": 100_000, "available_minor": unused, "exchange_rate": Decimal(paid_at)}
    books.put("netsuite", "payment", "950", **{**payment, **facts})
    entries = [(100_000, 118_000), (-100_000, -118_000 + (gain or 0)), (0, -(gain or 0))]
    for number, (foreign, base) in enumerate(entries if gain else entries[:2]):
        key = f"950-{number}"
        books.put("netsuite", "document_line", key, document_id="950", amount_minor=foreign, currency="GBP")
        sides = {"debit_minor": max(base, 0), "credit_minor": max(-base, 0), "currency": "EUR", "is_posting": True}
        books.put("netsuite", "posting", f"{key}-1", document_id="950", line_id=key, book="1", **sides)


def test_a_gain_that_nobody_booked_is_worth_what_the_rates_make(books: Books) -> None:
    settle(books)
    books.judge()
    (root,) = found(books, "F92")
    # 1,000.00 GBP: 1,180.00 EUR came in for 1,160.00 EUR
    assert (root["money_at_risk_minor"], root["currency"], root["kind"]) == (2_000, "EUR", "MISSTATE")
    assert (root["entity_id"], root["first_divergence"]["hop"]) == ("chargebee:txn_1", "erp->ledger")
    assert "gain of 2000" in root["expected"]
    settle(books, gain=2_000)
    books.judge()
    assert found(books, "F92") == []


@pytest.mark.parametrize(("gain", "off"), [(1, 1_999), (-2_000, 4_000), (1_998, 0)])
def test_another_gain_than_the_rates_make_is_worth_the_difference(books: Books, gain: int, off: int) -> None:
    settle(books, gain=gain)
    books.judge()
    # 20.00 EUR are due; a minor unit for the invoice and one for the line are rounding
    assert [row["money_at_risk_minor"] for row in found(books, "F92")] == ([off] if off else [])


def test_a_gain_on_a_payment_that_is_for_more_than_its_invoices_is_not_judged(books: Books) -> None:
    settle(books, gain=1_500, amount_minor=120_000)
    books.judge()
    assert found(books, "F92") == []


def test_a_loss_is_one_too(books: Books) -> None:
    settle(books, paid_at="1.15")
    books.judge()
    # 1,150.00 - 1,160.00
    assert [row["money_at_risk_minor"] for row in found(books, "F92")] == [1_000]


@pytest.mark.parametrize(
    "facts",
    [
        {"paid_at": "1.16"},  # the same rate
        {"paid_at": "1.16000009"},  # 1,160.00009: rounding
        {"unused": 100_000},  # not applied yet: nothing is realised
        {"status": "void"},
    ],
)
def test_what_realised_nothing_needs_no_gain(books: Books, facts: dict[str, Any]) -> None:
    settle(books, **facts)
    books.judge()
    assert found(books, "F92") == []


def test_a_gain_has_a_day_to_be_booked(books: Books) -> None:
    settle(books, version_at=books.through)
    books.judge()
    assert found(books, "F92") == []
    books.through += timedelta(days=1)
    books.judge()
    assert len(found(books, "F92")) == 1


def book(books: Books, *parts: tuple[int, int], rate: str = "1.16") -> None:
    """An ERP invoice in pounds: what its lines charge in pence, and at what they stand in the books in cents."""
    said = {"copy_of": "billing:1042", "customer_id": "7", "status": "open", "is_void": False, "currency": "GBP"}
    total = sum(pence for pence, _ in parts)
    books.put("netsuite", "invoice", "900", **said, total_minor=total, exchange_rate=Decimal(rate))
    lines = [(total, sum(cents for _, cents in parts)), *((-pence, -cents) for pence, cents in parts)]
    for number, (foreign, base) in enumerate(lines):
        key = f"900-{number}"
        line = {"amount_minor": foreign, "currency": "GBP", "is_main": number == 0}
        books.put("netsuite", "document_line", key, document_id="900", **line)
        sides = {"debit_minor": max(base, 0), "credit_minor": max(-base, 0), "currency": "EUR", "is_posting": True}
        books.put("netsuite", "posting", f"{key}-1", document_id="900", line_id=key, book="1", **sides)


def test_an_invoice_booked_at_another_rate_than_its_own_is_off_by_what_the_rates_make(books: Books) -> None:
    book(books, (100_000, 114_000), (20_000, 22_800))
    books.judge()
    (root,) = found(books, "F90")
    # 1,200.00 GBP at 1.16 are 1,392.00 EUR; 1,140.00 and 228.00 are booked
    assert (root["money_at_risk_minor"], root["currency"], root["kind"]) == (2_400, "EUR", "MISSTATE")
    assert (root["entity_id"], root["first_divergence"]["hop"]) == ("chargebee:1042", "erp->ledger")
    book(books, (100_000, 116_000), (20_000, 23_200))
    books.judge()
    assert found(books, "F90") == []


@pytest.mark.parametrize("booked", [39, 38, 37])
def test_a_line_rounded_up_or_down_is_booked_at_its_rate(books: Books, booked: int) -> None:
    # 0.33 GBP at 1.16 are 0.3828 EUR; a minor unit for each line is rounding
    book(books, (33, booked))
    books.judge()
    assert found(books, "F90") == []
