"""Claims about rows that cannot be placed or read: each is set aside alone, and the read goes on beside it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from sync_assets.connect.extract import Reading, extract
from sync_assets.http.client import Client
from sync_assets.store.engine import Store
from sync_assets.systems.salesforce import soql
from sync_assets.systems.salesforce.spec import ACCOUNTS, SYSTEM
from sync_assets_tests.page_server import Answer, Asked
from sync_assets_tests.systems.salesforce.org_server import FakeOrg, account, as_json, playing

ODD: dict[str, tuple[dict[str, Any], str]] = {
    "no stamp": ({"SystemModstamp": None}, "missing_field"),
    "a stamp that is no instant": ({"SystemModstamp": "soon"}, "date"),
    "a stamp without its zone": ({"SystemModstamp": "2026-11-20T10:00:00.000"}, "tz_unknown"),
    "a stamp of another type": ({"SystemModstamp": 1_793_613_600}, "type"),
    "no id": ({"Id": None}, "missing_field"),
    "an id of another type": ({"Id": ["001"]}, "type"),
}


def spoilt(org: FakeOrg, odd: dict[int, dict[str, Any]]) -> None:
    """The org answers queries with some rows spoilt, by the number of their account."""

    def answer(asked: Asked) -> Answer | None:
        if not asked.path.endswith("/queryAll"):
            return None
        found = org._found(asked.query["q"]) or []
        rows = [{**row, **odd.get(int(row["Name"][1:]), {})} for row in found]
        return as_json({"totalSize": len(rows), "done": True, "records": rows})

    org.override = answer


def sync(store: Store, client: Client, run_id: str) -> tuple[bool, list[str], list[str]]:
    """Whether the window was read to its end, the living records, and why records were set aside."""
    earliest = datetime(2024, 11, 1, tzinfo=UTC)
    reading = Reading(system=SYSTEM, stream=ACCOUNTS, client=client, run_id=run_id, earliest=earliest)
    outcome = extract(store, reading)
    with store.begin() as connection:
        names = connection.execute(text("SELECT record_id FROM raw.head ORDER BY record_id")).scalars().all()
        reasons = connection.execute(text("SELECT reason FROM sync.dead_letter ORDER BY seen_at")).scalars().all()
    return outcome.complete_through is not None, [*names], [*reasons]


def org_of(count: int) -> FakeOrg:
    return FakeOrg(
        records={"Account": [account(number, f"2026-11-20T10:00:{number:02}.000+0000") for number in range(count)]}
    )


def name(number: int) -> str:
    return f"001{number:012d}AAA"


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_odd_row_is_set_aside_and_those_beside_it_are_stored(store: Store, kind: str, place: int) -> None:
    values, reason = ODD[kind]
    org = org_of(3)
    spoilt(org, {place: values})
    with playing(org) as client:
        done = sync(store, client, "first")
    assert done == (True, [name(number) for number in range(3) if number != place], [reason])


def test_an_odd_row_that_is_alone_ends_its_window(store: Store) -> None:
    org = org_of(1)
    spoilt(org, {0: {"SystemModstamp": None}})
    with playing(org) as client:
        assert sync(store, client, "first") == (True, [], ["missing_field"])
        assert sync(store, client, "second") == (True, [], ["missing_field"])


def test_a_page_goes_on_behind_its_last_row_that_can_be_placed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soql, "ROWS_MAX", 2)
    org = org_of(6)
    spoilt(org, {1: {"SystemModstamp": None}, 4: {"Id": "0' OR Id != '"}})
    with playing(org) as client:
        done, names, reasons = sync(store, client, "first")
        asked = [json.dumps(one.query) for one in org.server.asked]
    # Rows 0 and 1, then 1 and 2 behind row 0, then 3 and 4, 4 and 5 behind row 3, and none behind row 5.
    assert (done, reasons) == (True, ["missing_field"])
    assert names == ["0' OR Id != '", *(name(number) for number in (0, 2, 3, 5))]
    assert not any("OR Id != " in query for query in asked)


def test_a_row_that_is_in_order_again_is_stored(store: Store) -> None:
    org = org_of(2)
    spoilt(org, {1: {"SystemModstamp": "soon"}})
    with playing(org) as client:
        sync(store, client, "first")
        org.override = lambda _asked: None
        org.records["Account"][1]["SystemModstamp"] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000+0000"
        assert sync(store, client, "second")[1] == [name(0), name(1)]
