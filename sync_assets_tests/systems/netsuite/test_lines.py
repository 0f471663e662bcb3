"""What lines of documents and of the ledger become."""

from typing import Any

from sync_assets.systems.netsuite.spec import SYSTEM
from sync_assets_tests.systems.conformed import copies

LINE = SYSTEM.stream("transactionline")
LEDGER = SYSTEM.stream("transactionaccountingline")


def line(**fields: Any) -> dict[str, Any]:
    return {
        "transaction": "7",
        "id": "1",
        "type": "CustInvc",
        "currencycode": "JPY",
        "mainline": "F",
        "taxline": "F",
        "item": "44",
        "quantity": "-3",
        "rate": "400",
        "foreignamount": "-1200",
        "memo": "Pro plan",
        "subsidiary": "3",
        "lastmodifieddate": "2026-01-31 09:30:00",
        **fields,
    }


def test_an_item_line_of_an_invoice_stands_positive_beside_billing_s() -> None:
    (row,) = copies(LINE, "invoice_line", [line()])
    # yen have no decimals: 1200 is 1200 minor units
    assert (row["record_id"], row["invoice_id"], row["product_id"]) == ("7-1", "7", "44")
    assert (row["quantity"], row["unit_price"], row["amount_minor"]) == ("3", "400", 1200)


def test_a_discount_line_stays_negative() -> None:
    (row,) = copies(LINE, "invoice_line", [line(quantity="-1", rate="-200", foreignamount="200")])
    (credit,) = copies(LINE, "invoice_line", [line(quantity="1", rate="200", foreignamount="200")])
    assert (row["quantity"], row["unit_price"], row["amount_minor"]) == ("1", "-200", -200)
    assert (credit["quantity"], credit["unit_price"], credit["amount_minor"]) == ("-1", "200", -200)


def test_main_lines_tax_lines_and_lines_of_other_documents_are_no_invoice_lines() -> None:
    others = [
        line(id="0", mainline="T"),
        line(id="2", taxline="T"),
        line(id="3", item=None),
        line(id="4", type="Journal"),
    ]
    assert copies(LINE, "invoice_line", others) == []


def test_every_line_is_a_line_of_its_document_signed_as_in_the_books() -> None:
    rows = copies(
        LINE,
        "document_line",
        [line(), line(id="0", mainline="T", foreignamount="1320"), line(id="2", taxline="T", foreignamount="-120")],
    )
    assert [(row["record_id"], row["is_main"], row["tax"], row["amount_minor"]) for row in rows] == [
        ("7-1", False, False, -1200),
        ("7-0", True, False, 1320),
        ("7-2", False, True, -120),
    ]
    # 1320 - 1200 - 120 = 0: debits and credits of a document cancel
    assert sum(row["amount_minor"] for row in rows) == 0


def test_ledger_lines_are_told_apart_by_book() -> None:
    entry = {
        "transaction": "7",
        "transactionline": "0",
        "account": "119",
        "debit": "1320.10",
        "amount": "1320.10",
        "posting": "T",
        "currencycode": "USD",
        "exchangerate": "1.1",
        "lastmodifieddate": "2026-01-31 09:30:00",
    }
    rows = copies(LEDGER, "posting", [{**entry, "accountingbook": "1"}, {**entry, "accountingbook": "2"}])
    assert [(row["record_id"], row["book"], row["debit_minor"]) for row in rows] == [
        ("7-0-1", "1", 132010),
        ("7-0-2", "2", 132010),
    ]
    assert {(row["document_id"], row["line_id"], row["account_id"], row["is_posting"]) for row in rows} == {
        ("7", "7-0", "119", True)
    }
    assert all("credit_minor" not in row for row in rows)
