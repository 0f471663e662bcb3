"""What a gate takes a document's lines for: their sum warns where the header says another."""

from sqlalchemy import text

from sync_assets.store.engine import Store
from sync_assets.store.gates import changed_rows_query
from sync_assets_tests.reconcile.books import Books


def _apart(store: Store) -> list[str]:
    query = changed_rows_query("invoice", "chargebee", 0)
    with store.begin() as connection:
        wrong = text(f"SELECT record_id FROM ({query}) rows WHERE total_minor <> lines_minor ORDER BY 1")
        return list(connection.execute(wrong).scalars())


def test_lines_make_the_total_with_their_tax_or_where_prices_hold_it_without(store: Store) -> None:
    books = Books(store=store)
    # one line of 100.00 with 19.00 of tax: 119.00 where tax comes on top, 100.00 where the price holds it
    books.invoice("1", total_minor=11_900)
    books.invoice("2", total_minor=10_000)
    assert _apart(store) == []
    books.invoice("3", total_minor=10_900)
    assert _apart(store) == ["3"]


def test_nothing_is_said_of_a_total_whose_tax_neither_the_lines_nor_the_header_know(store: Store) -> None:
    books = Books(store=store)
    # an ERP that keeps tax in lines of its own: 100.00 of goods under a total of 119.00
    books.invoice("1", tax_minor=None)
    assert _apart(store) == []
    # told by the header alone it counts: 100.00 and 10.00 are not 119.00
    books.put("chargebee", "invoice", "2", **{**_HEADER, "tax_minor": 1_000})
    books.put("chargebee", "invoice_line", "2-1", invoice_id="2", amount_minor=10_000, currency="EUR")
    assert _apart(store) == ["2"]
    books.put("chargebee", "invoice", "2", **{**_HEADER, "tax_minor": 1_900})
    assert _apart(store) == []


_HEADER = {"customer_id": "c1", "status": "open", "is_void": False, "currency": "EUR", "total_minor": 11_900}
