"""Accounts of the ledger that a deployment names play their part whatever their type."""

import pytest

from sync_assets.model.errors import SettingError
from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books
from sync_assets_tests.reconcile.deals import only, said

TRADE, SUSPENSE = "1100", "1190"


@pytest.fixture
def books(store: Store) -> Books:
    """A journal over 50.00 by hand, on an account of type receivable that is none of trade."""
    books = Books(store=store)
    for account in (TRADE, SUSPENSE):
        books.put("netsuite", "ledger_account", account, number=account, name=account, kind="AcctRec")
    books.put("netsuite", "customer", "7", copy_of="billing:c1", status="active")
    books.put(
        "netsuite", "journal", "500", customer_id="7", kind="Journal", currency="EUR", is_posted=True, number="J1"
    )
    line = {"document_id": "500", "is_main": True, "tax": False, "amount_minor": 5_000, "currency": "EUR"}
    books.put("netsuite", "document_line", "500-0", recognition=False, **line)
    books.put(
        "netsuite", "posting", "500-0-1", document_id="500", line_id="500-0", book="1", is_posting=True,
        debit_minor=5_000, credit_minor=0, account_id=SUSPENSE,
    )  # fmt: skip
    return books


def test_only_the_accounts_that_are_named_are_controlled(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    books.judge()
    assert said(only(books)) == ("F95", "FI", "erp", "CONTROL", 5_000)
    monkeypatch.setenv("SYNC_ERP_AR_ACCOUNT", TRADE)
    books.judge()
    assert books.breaks() == [], "judged again without any change of a copy"
    monkeypatch.setenv("SYNC_ERP_AR_ACCOUNT", f"{TRADE}, {SUSPENSE}")
    books.judge()
    assert only(books)["class"] == "F95"


def test_what_is_no_account_number_is_refused(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNC_ERP_AR_ACCOUNT", "1100'; --")
    with pytest.raises(SettingError, match="SYNC_ERP_AR_ACCOUNT must be numbers"):
        books.judge()
