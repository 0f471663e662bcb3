"""Access that was paid and never given, and service that goes on without renewal."""

from datetime import timedelta
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import NOON, Books
from sync_assets_tests.reconcile.deals import BEGAN, bill, catalogue, said, sell


@pytest.fixture
def books(store: Store) -> Books:
    """Two customers of one product; the second has its access."""
    books = Books(store=store)
    catalogue(books)
    sell(books)
    sell(books, "d2")
    bill(books, "s2", order_id="crm:d2", customer_id="c2")
    _provide(books, "e2", "s2")
    return books


def _provide(books: Books, name: str, subscription: str, **fields: object) -> None:
    known = {"subscription_id": f"billing:{subscription}", "feature": "seats", "status": "active"}
    books.put("product", "entitlement", name, **{**known, **fields})


def _pay(books: Books, **fields: object) -> None:
    """An invoice of 500.00 net and 95.00 of tax, paid a week ago and held by the ERP."""
    paid = {"status": "paid", "paid_minor": 59_500, "total_minor": 59_500, "subtotal_minor": 50_000}
    paid |= {"tax_minor": 9_500, "paid_at": NOON - timedelta(days=7)}
    books.invoice("1", **{**paid, **fields})
    books.put(
        "chargebee", "invoice_line", "1-1", from_record_id="1", invoice_id="1", amount_minor=50_000, discount_minor=0,
        tax_minor=9_500, currency="EUR", subscription_id="s1", price_id="seats-EUR", quantity=10, unit_price=50,
        starts_at=BEGAN, ends_at=BEGAN + timedelta(days=30),
    )  # fmt: skip
    books.erp_invoice("900", "1", total_minor=59_500, tax_minor=9_500)
    for line, (debit, credit) in enumerate([(59_500, 0), (0, 59_500)]):
        books.put(
            "netsuite", "posting", f"900-{line}-1", document_id="900", line_id=str(line), book="1", debit_minor=debit,
            credit_minor=credit, is_posting=True,
        )  # fmt: skip


def _of(books: Books, class_: str) -> list[dict[str, Any]]:
    return [row for row in books.breaks() if row["class"] == class_]


def test_what_was_paid_without_access_would_have_to_go_back(books: Books) -> None:
    bill(books)
    _pay(books)
    books.judge()
    (found,) = _of(books, "F28")
    # the subscription counts net
    assert said(found) == ("F28", "PR", "billing->product", "OVER", 50_000)
    _provide(books, "e1", "s1")
    books.judge()
    assert _of(books, "F28") == []


def test_access_may_take_a_day_after_the_payment(books: Books) -> None:
    bill(books)
    _pay(books, paid_at=NOON - timedelta(hours=23))
    books.judge()
    assert _of(books, "F28") == []
    books.through += timedelta(hours=1)
    books.judge()
    assert len(_of(books, "F28")) == 1


def test_access_that_was_taken_away_later_was_given(books: Books) -> None:
    bill(books)
    _pay(books)
    _provide(books, "e1", "s1", deleted_at=NOON - timedelta(days=2))
    books.judge()
    assert _of(books, "F28") == []


def test_a_product_that_nobody_has_access_to_needs_none(books: Books) -> None:
    for number in range(3, 6):
        bill(books, f"s{number}", order_id=f"crm:d{number}", customer_id="c2", sku="advice")
    catalogue(books, "advice")
    bill(books, sku="advice")
    _pay(books)
    books.judge()
    assert _of(books, "F28") == []
    _provide(books, "e3", "s3")
    books.judge(full=True)
    assert len(_of(books, "F28")) == 1, "others have access: the one that was paid lacks it"


def _end(books: Books, days_ago: int) -> None:
    ended = NOON - timedelta(days=days_ago)
    bill(books, status="cancelled", cancelled_at=ended, ends_at=ended)


def test_service_that_goes_on_without_renewal_leaks_its_price(books: Books) -> None:
    _end(books, 15)
    _provide(books, "e1", "s1")
    books.judge()
    roots = [row for row in books.breaks() if row["root"]]
    # 500.00 a month from 15 June noon: 15 of 30 days
    assert [said(row) for row in roots] == [("F25", "RO", "crm->billing", "LEAK", 25_000)]
    symptoms = {row["class"] for row in books.breaks() if not row["root"]}
    assert symptoms == {"F31", "F89"}, "explained by the lost renewal"
    bill(books, status="active", cancelled_at=None, ends_at=None)
    books.judge()
    assert books.breaks() == []


def test_a_renewal_has_a_week_of_grace(books: Books) -> None:
    _end(books, 6)
    _provide(books, "e1", "s1")
    books.judge()
    assert _of(books, "F25") == []
    books.through += timedelta(days=1)
    books.judge()
    assert len(_of(books, "F25")) == 1


def test_usage_after_the_end_is_service_as_well(books: Books) -> None:
    _end(books, 15)
    books.put(
        "product", "usage", "u1", event_id="u1", source="app", subscription_id="billing:s1", meter="api",
        quantity=1, occurred_at=NOON - timedelta(days=10), stored_at=NOON - timedelta(days=10),
    )  # fmt: skip
    books.judge()
    assert len(_of(books, "F25")) == 1


def test_a_subscription_that_follows_is_the_renewal(books: Books) -> None:
    _end(books, 15)
    _provide(books, "e1", "s1")
    _provide(books, "e3", "s3")
    bill(books, "s3")
    books.judge()
    assert _of(books, "F25") == []


def test_access_after_contract_and_subscription_have_ended_is_no_lost_renewal(books: Books) -> None:
    _end(books, 15)
    _provide(books, "e1", "s1")
    books.put("salesforce", "contract", "k-d1", customer_id="a1", starts_on=BEGAN.date(),
              ends_on=NOON.date() - timedelta(days=15))  # fmt: skip
    books.judge()
    assert [row["class"] for row in books.breaks()] == ["F31"]


def test_access_and_usage_of_a_subscription_that_billing_deleted_are_given_away(books: Books) -> None:
    deleted_at = NOON - timedelta(days=15)
    bill(books, deleted_at=deleted_at)
    item = {"subscription_id": "s1", "price_id": "seats-EUR", "kind": "plan", "quantity": 10, "currency": "EUR"}
    books.put("chargebee", "subscription_item", "s1-1", deleted_at=deleted_at, **item)
    _provide(books, "e1", "s1")
    books.judge()
    (found,) = _of(books, "F31")
    # 10 seats at 50.00 for 15 of the 30 days from 15 June to 15 July
    assert said(found) == ("F31", "PR", "billing->product", "LEAK", 25_000)
    _provide(books, "e1", "s1", status="inactive")
    books.judge()
    assert _of(books, "F31") == []


def test_neither_is_said_of_what_is_as_it_should_be(books: Books) -> None:
    bill(books)
    _provide(books, "e1", "s1")
    books.judge()
    assert books.breaks() == []
