"""A record that is not as documented is set aside alone: those beside it are mapped as if it were not there."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from sync_assets.connect.rows import UNMAPPED_MAX
from sync_assets.connect.spec import Stream
from sync_assets.systems.chargebee.spec import SYSTEM as CHARGEBEE
from sync_assets.systems.stripe.spec import SYSTEM as STRIPE
from sync_assets_tests.systems.chargebee.test_canonical import SAVED, TRANSACTION
from sync_assets_tests.systems.conformed import outcome
from sync_assets_tests.systems.stripe.account import fixture

ODD = (None, "other", True, -1, 10**25, [], {}, ["x"], [None], [{}], {"a": 1}, "2026-13-45")
"""Values that no field of ours is documented to have, or not where they are put."""

RECORDS = {
    "chargebee customers": SAVED["customers"][0],
    "chargebee subscriptions": SAVED["subscriptions"][1],
    "chargebee invoices": SAVED["invoices"][0],
    "chargebee transactions": {**TRANSACTION, "linked_refunds": [{"txn_status": "success", "txn_amount": 700}]},
    "stripe charges": fixture("charge"),
    "stripe refunds": fixture("refund"),
    "stripe payouts": fixture("payout"),
}


def _stream(name: str) -> Stream:
    system, stream = name.split()
    return {"chargebee": CHARGEBEE, "stripe": STRIPE}[system].stream(stream)


def _odd(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The record with one odd value, for each of its fields and those of what it holds."""
    for name, value in record.items():
        if name in {"id", "object"}:
            continue
        yield from ({**record, name: odd} for odd in ODD)
        if isinstance(value, dict):
            yield from ({**record, name: inner} for inner in _odd(value))
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield from ({**record, name: [inner, *value[1:]]} for inner in _odd(value[0]))


def _named(record: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The record under another id, and so are the lines it holds."""
    lines = record.get("line_items")
    if not isinstance(lines, list):
        return {**record, "id": name}
    named = [
        {**line, "id": f"{name}-{line['id']}"} if isinstance(line, dict) and "id" in line else line for line in lines
    ]
    return {**record, "id": name, "line_items": named}


@pytest.mark.parametrize("name", RECORDS)
def test_no_record_keeps_those_beside_it_from_being_mapped(name: str) -> None:
    stream, good = _stream(name), RECORDS[name]
    odd = [_named(record, f"odd-{number}") for number, record in enumerate(_odd(good))]
    assert len(odd) > UNMAPPED_MAX
    for first in range(0, len(odd), UNMAPPED_MAX):
        for mapped in stream.mappings:
            alone, none = outcome(stream, mapped.entity, [good])
            rows, _ = outcome(stream, mapped.entity, [good, *odd[first : first + UNMAPPED_MAX]])
            assert none == []
            assert [row for row in rows if row in alone] == alone


def test_a_payment_in_a_state_that_is_not_documented_is_set_aside_and_says_so() -> None:
    payments = [TRANSACTION, {**TRANSACTION, "id": "txn_2", "status": "other"}]
    rows, rejects = outcome(CHARGEBEE.stream("transactions"), "payment", payments)
    assert [row["record_id"] for row in rows] == [TRANSACTION["id"]]
    assert rejects == [("unknown_enum", "")]


def test_a_mapping_that_fails_on_more_than_a_hundred_records_is_wrong_itself() -> None:
    stream = CHARGEBEE.stream("transactions")
    broken = [{**TRANSACTION, "id": f"txn_{number}", "linked_invoices": ["x"]} for number in range(UNMAPPED_MAX + 1)]
    rows, rejects = outcome(stream, "payment", [TRANSACTION, *broken[1:]])
    assert (len(rows), rejects) == (1, [("type", "")] * UNMAPPED_MAX)
    with pytest.raises(AttributeError):
        outcome(stream, "payment", [TRANSACTION, *broken])
