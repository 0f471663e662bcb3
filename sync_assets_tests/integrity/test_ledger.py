"""Money is counted once: at the root, whatever the grouping; a symptom points to its root."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from sync_assets.integrity.ledger import open_roots, read_breaks, totals
from sync_assets.store.breaks import Filter
from sync_assets_tests.reconcile.books import Books

GROUPINGS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "class": lambda row: row["class"],
    "owner": lambda row: row["owner"],
    "hop": lambda row: row["first_divergence"]["hop"],
    "customer": lambda row: row["customer_id"],
    "entity": lambda row: (row["entity"], row["entity_id"]),
    "day": lambda row: row["opened_at"][:10],
}


def _with_symptoms(books: Books) -> Books:
    """Six absent invoices of two customers in two currencies; two of them are put down to the first."""
    for number in range(6):
        currency = "EUR" if number % 2 else "JPY"
        money = {"currency": currency, "tax_minor": 1_900 + number, "total_minor": 11_900 + number}
        books.invoice(f"{number}", customer_id=f"c{number % 3}", **money)
    books.judge()
    with books.store.begin() as connection:
        root = connection.execute(text("SELECT break_id FROM integrity.breaks WHERE root_id = '0'")).scalar_one()
        connection.execute(
            text("UPDATE integrity.breaks SET caused_by = :root, forward_minor = 5 WHERE root_id IN ('2', '4')"),
            {"root": root},
        )
    return books


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_the_sum_over_any_grouping_is_the_sum_of_the_roots(books: Books, grouping: str) -> None:
    rows = read_breaks(_with_symptoms(books).store)
    groups: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(GROUPINGS[grouping](row), []).append(row)
    summed: Counter[tuple[str, str]] = Counter()
    for group in groups.values():
        summed.update(totals(group))
    # roots: 0 in yen; 1, 3 and 5 in euro: 11,901 + 11,903 + 11,905
    assert summed == totals(rows) == {("MISSTATE", "JPY"): 11_900, ("MISSTATE", "EUR"): 35_709}
    blind: Counter[str] = Counter()
    for row in rows:
        blind[row["currency"]] += row["money_at_risk_minor"]
    assert blind == {"JPY": 11_900, "EUR": 35_709}, "even a sum that does not look at roots is right"


def test_a_symptom_points_to_its_root_and_carries_no_money(books: Books) -> None:
    rows = read_breaks(_with_symptoms(books).store)
    by_id = {row["break_id"]: row for row in rows}
    symptoms = [row for row in rows if not row["root"]]
    assert len(symptoms) == 2
    for row in symptoms:
        assert by_id[row["caused_by"]]["root"]
        assert (row["money_at_risk_minor"], row["forward_minor"]) == (0, 0)
    assert open_roots(books.store) == len(rows) - 2


def test_roots_with_most_money_come_first_and_symptoms_last(books: Books) -> None:
    rows = read_breaks(_with_symptoms(books).store)
    assert [row["root"] for row in rows] == sorted((row["root"] for row in rows), reverse=True)
    worth = [row["money_at_risk_minor"] for row in rows if row["root"]]
    assert worth == sorted(worth, reverse=True)


def test_a_filter_leaves_only_what_was_asked_for(books: Books) -> None:
    store = _with_symptoms(books).store
    everything = read_breaks(store)
    wanted = {
        "owner": Filter(owner="FI"),
        "class": Filter(class_="F51"),
        "verdict": Filter(verdict="BROKEN"),
    }
    for name, asked in wanted.items():
        value = {"owner": asked.owner, "class": asked.class_, "verdict": asked.verdict}[name]
        assert read_breaks(store, asked) == [row for row in everything if row[name] == value]
    assert read_breaks(store, Filter(closed=True)) == []
    of_customer = read_breaks(store, Filter(customer="c1"))
    assert {row["customer_id"] for row in of_customer} == {"chargebee:c1"}
