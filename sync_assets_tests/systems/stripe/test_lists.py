"""Claims about single lists of Stripe: their own addresses, which are asked for, cursors whose object is gone."""

import json
from typing import Any

import pytest

from sync_assets.model.errors import ContractError
from sync_assets.systems.stripe.audit import rolled
from sync_assets.systems.stripe.spec import SYSTEM
from sync_assets_tests.page_server import Answer, Asked
from sync_assets_tests.systems.stripe.account import NOW, Account, at, opened
from sync_assets_tests.systems.stripe.test_reads import FIRST, ids, objects, pages


def entry(name: str, created: int) -> dict[str, Any]:
    return {"id": name, "object": "balance_transaction", "created": created}


@pytest.mark.parametrize(
    "url",
    [
        "/v1/balance/history",
        "/v1/balance_transactions?payout=po_1",
        "https://api.stripe.com/v1/balance_transactions",
        None,
    ],
)
def test_a_list_may_call_itself_by_an_older_address_or_with_its_filters(url: str | None) -> None:
    body = json.dumps({"object": "list", "url": url, "has_more": False, "data": [entry("txn_1", NOW)]}).encode()
    with opened(lambda _asked: Answer(body=body)) as (client, _):
        page = SYSTEM.read(client, SYSTEM.stream("balance_transactions"), FIRST, None)
    assert ids([page]) == ["txn_1"]


def test_a_list_that_says_it_is_another_of_ours_is_refused() -> None:
    body = json.dumps({"object": "list", "url": "/v1/refunds", "has_more": False, "data": []}).encode()
    with opened(lambda _asked: Answer(body=body)) as (client, _), pytest.raises(ContractError, match="mixes"):
        pages(client, "charges", FIRST)


def test_payouts_that_cannot_name_their_entries_are_not_asked_for_them() -> None:
    """Stripe answers such a question with a 400, which would stop the ledger for good."""

    def refuse(asked: Asked) -> Answer | None:
        named = asked.query.get("payout")
        return (
            Answer(status=400, body=b'{"error":{"type":"invalid_request_error"}}')
            if named in ("po_2", "po_3")
            else None
        )

    def payout(name: str, **more: Any) -> dict[str, Any]:
        return {"id": name, "object": "payout", "created": NOW - 60, "automatic": True, **more}

    held = [
        payout("po_1", reconciliation_status="completed"),
        payout("po_2", automatic=False, reconciliation_status="not_applicable"),
        payout("po_3", reconciliation_status="not_applicable"),
    ]
    account = Account(
        objects={"balance_transactions": [entry("txn_1", NOW - 90)], "payouts": held},
        paid_out={"po_1": ["txn_1"]},
        before=refuse,
    )
    with opened(account.answer) as (client, _):
        read = pages(client, "balance_transactions", FIRST)
    rows = [json.loads(record) for page in read for record in page.records]
    assert [row.get("payout") for row in rows] == [None, "po_1"]


def test_the_auditor_goes_on_when_the_object_of_its_cursor_is_deleted() -> None:
    account = Account(objects={"customers": objects("customers", 250)})
    with opened(account.answer) as (client, _):
        first = rolled(client, SYSTEM.stream("customers"), at(0), None)
        assert first.next is not None
        gone = first.next.partition(" ")[0]
        account.objects["customers"] = [row for row in account.objects["customers"] if row["id"] != gone]
        seen, place = [one.record_id for one in first.sightings], first.next
        while place is not None:
            roll = rolled(client, SYSTEM.stream("customers"), at(0), place)
            seen, place = [*seen, *(one.record_id for one in roll.sightings)], roll.next
    assert set(seen) - {gone} == {row["id"] for row in account.objects["customers"]}
