"""The break list for people, programs and spreadsheets."""

import csv
import io
import json
from datetime import timedelta

import pytest
from rich.console import Console

from sync_assets.integrity.ledger import read_breaks
from sync_assets.integrity.report import as_csv, as_json, as_table, folded, tell
from sync_assets_tests.reconcile.books import Books

DOCUMENTED = (
    "break_id class title verdict owner entity entity_id customer_id records expected found currency "
    "money_at_risk_minor forward_minor kind root caused_by first_divergence opened_at last_seen_at closed_at "
    "explanation"
).split()


def _printed(what: object) -> str:
    out = Console(width=120, record=True, file=io.StringIO())
    out.print(what)
    return out.export_text()


def test_json_has_exactly_the_documented_keys(expanded: Books) -> None:
    expanded.judge()
    (row,) = json.loads(as_json(read_breaks(expanded.store)))
    assert list(row) == [*DOCUMENTED, "state", "assignee", "accepted_until", "group"]
    assert list(row["first_divergence"]) == ["hop", "system", "record_id", "field", "at", "run_id"]
    assert {"system": "chargebee", "stream": "invoice", "record_id": "1042"} in row["records"]
    # found at the sixth hour before T = 2026-06-30T12:00Z
    assert row["first_divergence"]["at"] == "2026-06-30T06:00:00Z"
    assert row["opened_at"] == "2026-06-30T12:00:00Z"
    assert row["closed_at"] is None
    assert (row["root"], row["caused_by"]) == (True, None)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_csv_is_a_formula(books: Books, start: str) -> None:
    books.invoice(f"{start}1042", customer_id=f"{start}HYPERLINK(0)")
    books.judge()
    rows = list(csv.DictReader(io.StringIO(as_csv(read_breaks(books.store)), newline="")))
    assert rows, "the invoice is absent in the ERP"
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]


def test_a_csv_names_its_columns_and_carries_minor_units(expanded: Books) -> None:
    expanded.judge()
    (row,) = csv.DictReader(io.StringIO(as_csv(read_breaks(expanded.store))))
    assert (row["class"], row["money_at_risk_minor"], row["currency"], row["hop"]) == ("F17", "7500", "EUR", "billing")
    assert row["since"] == "2026-06-30T06:00:00Z"


def test_a_line_of_the_list_says_what_which_where_since_when_worth_how_much_and_whose(expanded: Books) -> None:
    expanded.judge()
    line = _printed(as_table(read_breaks(expanded.store), is_brief=True)).splitlines()[1]
    for part in ("F17", "invoice 1042", "billing", "2026-06-30", "75.00 EUR", "LEAK", "RevOps"):
        assert part in line
    assert len(line) <= 120


def test_an_id_with_markup_is_printed_as_it_is(books: Books) -> None:
    books.invoice("[red]1[/red]")
    books.judge()
    assert "[red]1[/red]" in _printed(as_table(read_breaks(books.store)))


def test_the_list_ends_with_the_sums_of_the_roots(expanded: Books) -> None:
    # a second root of the same kind of money: 119.00 EUR that never reached the ERP, and one in yen
    expanded.invoice("2000")
    expanded.invoice("2001", currency="JPY", total_minor=11_900)
    expanded.judge()
    out = Console(width=120, record=True, file=io.StringIO())
    tell(expanded.store, out, at_most=20)
    told = [line.split() for line in out.export_text().splitlines()]
    assert ["MISSTATE", "119.00", "EUR", "11,900", "JPY"] in told
    assert ["LEAK", "75.00", "EUR"] in told


def test_without_breaks_it_says_so(books: Books) -> None:
    out = Console(record=True, file=io.StringIO())
    tell(books.store, out, at_most=20)
    assert out.export_text().strip() == "No open break."


def _absent_since_one_day(books: Books) -> Books:
    """Four invoices of one day that the ERP lacks, in two currencies, and one of another day."""
    for number in range(4):
        books.invoice(f"{number}", currency="EUR" if number % 2 else "JPY")
    other = books.through - timedelta(days=5)
    books.invoice("9", issued_at=other, finalised_at=other)
    books.judge()
    return books


def test_breaks_of_one_missed_window_are_one_line_with_their_sums(books: Books) -> None:
    rows = read_breaks(_absent_since_one_day(books).store)
    lines = folded(rows)
    # four of one window are one line, the fifth stands alone
    assert (len(rows), len(lines)) == (5, 2)
    told = _printed(as_table(lines))
    for part in ("238.00 EUR", "23,800 JPY", "119.00 EUR", "4 in group", "missing in netsuite"):
        # 2 x 119.00 EUR and 2 x 11,900 JPY
        assert part in " ".join(told.split())


def test_json_keeps_single_breaks_and_says_which_group_each_is_in(books: Books) -> None:
    rows = json.loads(as_json(read_breaks(_absent_since_one_day(books).store)))
    groups = {row["entity_id"]: row["group"] for row in rows}
    assert groups.pop("chargebee:9") is None
    assert {(group["group_id"], group["count"]) for group in groups.values()} == {
        (groups["chargebee:0"]["group_id"], 4)
    }
    assert groups["chargebee:0"]["first_at"] == "2026-06-20T12:00:00Z"


def test_the_demo_counts_every_root_though_it_shows_a_group_once(books: Books) -> None:
    out = Console(width=120, record=True, file=io.StringIO())
    tell(_absent_since_one_day(books).store, out, at_most=20)
    assert "5 root breaks, 0 symptoms" in out.export_text()
