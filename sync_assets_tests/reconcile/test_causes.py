"""Breaks are told as one only where they share what a cause leaves behind; sums never change by it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_assets.reconcile.causes import group_by_break, groups_of

AT = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)


def row(number: int, **fields: Any) -> dict[str, Any]:
    """A root about an invoice that is worth 100 minor units times its number."""
    return {
        "break_id": f"b{number}",
        "class": "F12",
        "hop": "crm->billing",
        "field": "unit_price",
        "system": "chargebee",
        "expected": f"{number}.00",
        "found": f"{number * 2 + 1}.00",
        "currency": "EUR",
        "kind": "LEAK",
        "money_at_risk_minor": number * 100,
        "caused_by": None,
        "diverged_at": AT + timedelta(days=number),
        "run_id": "r1",
        "records": [{"system": "chargebee", "stream": "invoices", "record_id": str(number)}],
        **fields,
    }


SAME: dict[str, tuple[dict[str, Any], str]] = {
    "price": ({"expected": "49.0000", "found": "46.5500"}, "unit price 46.5500 where 49.0000 EUR was expected"),
    "account": (
        {"field": "account_id", "expected": "4000", "found": "4999", "currency": None},
        "account 4999 where 4000 was expected",
    ),
    "item": (
        {"field": "sku", "found": "none", "records": [{"system": "n", "stream": "item", "record_id": "seats"}]},
        "all about seats of n item",
    ),
    "window": (
        {"field": "posting", "found": "none", "system": "netsuite", "diverged_at": AT},
        "all missing in netsuite since 2026-11-03 (UTC), seen by one run",
    ),
    "second": (
        {"field": "tax_id", "found": "another tax_id", "diverged_at": AT.replace(second=7)},
        "all parted in chargebee at 2026-11-03 10:00:07 UTC",
    ),
}


@pytest.mark.parametrize("what", SAME)
def test_three_that_share_a_cause_are_one_and_say_what_they_share(what: str) -> None:
    fields, words = SAME[what]
    (group,) = groups_of([row(number, **fields) for number in (1, 2, 3)])
    # 1.00 + 2.00 + 3.00
    assert (group.count, group.shared, list(group.money.values())) == (3, words, [600] if group.money else [])
    assert groups_of([row(number, **fields) for number in (1, 2)]) == []


def test_one_wrong_factor_is_one_cause_across_currencies_with_a_sum_for_each() -> None:
    # 46.55 / 49 = 6460 / 6800 = 0.95 exactly; 47 / 50 = 0.94 is another
    prices = [("49.0000", "46.5500", "EUR"), ("6800", "6460", "JPY"), ("20", "19", "EUR"), ("50", "47", "EUR")]
    rows = [
        row(number, expected=expected, found=found, currency=currency)
        for number, (expected, found, currency) in enumerate(prices, start=1)
    ]
    (group,) = groups_of(rows)
    assert group.break_ids == ("b1", "b2", "b3")
    assert group.shared == "found is 95 % of what was expected"
    assert dict(group.money) == {("LEAK", "EUR"): 100 + 300, ("LEAK", "JPY"): 200}
    assert (group.first_at, group.last_at) == (AT + timedelta(days=1), AT + timedelta(days=3))


APART: dict[str, list[dict[str, Any]]] = {
    "a state that every break of the class has": [{"field": "status", "expected": "paid", "found": "open"}] * 3,
    "prices alike in different currencies": [
        {"expected": "5", "found": "6", "currency": currency, "field": "discount_percent"}
        for currency in ("EUR", "JPY", "USD")
    ],
    "absences on different days": [{"found": "none", "field": "posting"}] * 3,
    "absences seen by different runs": [
        {"found": "none", "field": "posting", "diverged_at": AT, "run_id": run} for run in ("r1", "r2", "r3")
    ],
    "days that begin at the same midnight": [{"field": "ends_at", "found": "later", "diverged_at": AT}] * 3,
    "three classes": [{"expected": "49", "found": "46", "class": name} for name in ("F12", "F13", "F14")],
    "three hops": [{"expected": "49", "found": "46", "hop": name} for name in ("crm", "billing", "erp")],
    "symptoms": [{"expected": "49", "found": "46", "caused_by": "root"}] * 3,
}


@pytest.mark.parametrize("what", APART)
def test_what_is_alike_by_nature_or_by_chance_is_no_group(what: str) -> None:
    assert groups_of([row(number, **fields) for number, fields in enumerate(APART[what], start=1)]) == []


def _any_row() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "field": st.sampled_from(["unit_price", "posting", "currency", "status"]),
            "expected": st.sampled_from(["10", "20", "40.00", "76000 GBP", "a thing", "0"]),
            "found": st.sampled_from(["5", "10", "none", "68400 GBP", "0", "x" * 60]),
            "currency": st.sampled_from(["EUR", "JPY", None]),
            "kind": st.sampled_from(["LEAK", "OVER"]),
            "money_at_risk_minor": st.integers(0, 10**9),
            "caused_by": st.sampled_from([None, None, "root"]),
            "diverged_at": st.sampled_from([AT, AT.replace(second=5)]),
        }
    )


@given(st.lists(_any_row(), max_size=40))
def test_groups_and_those_that_stand_alone_make_the_sum_of_the_roots(drawn: list[dict[str, Any]]) -> None:
    rows = [row(number, **fields) for number, fields in enumerate(drawn)]
    groups = groups_of(rows)
    of = group_by_break(groups)
    roots = [each for each in rows if each["caused_by"] is None and each["currency"]]
    alone = sum(each["money_at_risk_minor"] for each in roots if each["break_id"] not in of)
    assert alone + sum(sum(group.money.values()) for group in groups) == sum(
        each["money_at_risk_minor"] for each in roots
    )
    assert sum(group.count for group in groups) == len(of), "no break is in two groups"
    assert all(group.count >= 3 for group in groups)
    again = groups_of(list(reversed(rows)))
    assert {(group.group_id, group.break_ids) for group in again} == {(g.group_id, g.break_ids) for g in groups}
