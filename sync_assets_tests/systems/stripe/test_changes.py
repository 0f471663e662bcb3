"""Claims about what events announce at Stripe: objects fetched by their ids, and events that cannot be read."""

from typing import Any

import pytest
from sqlalchemy import text

from sync_assets.connect.extract import Reading, extract
from sync_assets.http.client import Client
from sync_assets.model.errors import ContractError
from sync_assets.store.engine import Store
from sync_assets.systems.stripe.spec import SYSTEM
from sync_assets_tests.page_server import Answer, Asked
from sync_assets_tests.systems.stripe.account import NOW, Account, at, event, opened
from sync_assets_tests.systems.stripe.test_reads import DAY, charge, pages, since

CUSTOMER = {"id": "cus_9", "object": "customer", "created": 5}


def refunded(*more: dict[str, Any]) -> Account:
    """An account with one old charge that was refunded just now, and with further events."""
    old = charge("ch_1", NOW - 9 * DAY)
    told = event("evt_1", "charge.refunded", old, NOW - 30)
    return Account(objects={"charges": [{**old, "amount_refunded": 50}], "events": [told, *more]})


def answered_once(account: Account, body: dict[str, Any]) -> None:
    """The account answers with something else when it is first asked for the charge."""
    others = [body]

    def before(asked: Asked) -> Answer | None:
        return account.json(others.pop()) if others and asked.path == "/v1/charges/ch_1" else None

    account.before = before


@pytest.mark.parametrize("body", [CUSTOMER, {**CUSTOMER, "deleted": True}, charge("ch_2", NOW - DAY)])
def test_an_answer_about_another_object_is_not_taken(body: dict[str, Any]) -> None:
    account = refunded()
    answered_once(account, body)
    with opened(account.answer) as (client, _), pytest.raises(ContractError, match="mixes"):
        pages(client, "charges", since(60))


def test_an_object_of_another_kind_under_the_id_is_not_taken() -> None:
    account = refunded()
    answered_once(account, {**CUSTOMER, "id": "ch_1"})
    with opened(account.answer) as (client, _), pytest.raises(ContractError, match="mixes"):
        SYSTEM.find(client, SYSTEM.stream("charges"), ["ch_1"])


def sync(store: Store, client: Client, run_id: str) -> None:
    reading = Reading(
        system=SYSTEM,
        stream=SYSTEM.stream("charges"),
        client=client,
        run_id=run_id,
        earliest=at(NOW - 90 * DAY),
        own_clock=lambda: at(NOW + 90 * DAY),
    )
    extract(store, reading)


def test_a_refund_whose_charge_was_answered_with_another_object_is_taken_by_the_next_run(store: Store) -> None:
    account = refunded()
    account.now = NOW - 3600
    account.objects["charges"][0] = charge("ch_1", NOW - 9 * DAY)
    with opened(account.answer) as (client, _):
        sync(store, client, "first")
        account.now = NOW
        account.objects["charges"][0] = charge("ch_1", NOW - 9 * DAY, amount_refunded=50)
        answered_once(account, CUSTOMER)
        with pytest.raises(ContractError):
            sync(store, client, "mixed up")
        sync(store, client, "second")
    with store.begin() as connection:
        rows = connection.execute(text("SELECT record_id, count(*) FROM raw.version GROUP BY record_id"))
        # Two versions of the charge: before the refund and after it; nothing of the customer.
        assert {tuple(row) for row in rows} == {("ch_1", 2)}
