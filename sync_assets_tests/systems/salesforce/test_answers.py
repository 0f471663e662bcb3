"""Claims about single answers to queries: those that lost rows on the way are not taken."""

from datetime import UTC, datetime

import pytest

from sync_assets.connect.extract import Reading, extract
from sync_assets.model.errors import ContractError
from sync_assets.store.engine import Store
from sync_assets.store.streams import stream_states
from sync_assets.systems.salesforce import soql
from sync_assets.systems.salesforce.spec import ACCOUNTS, SYSTEM
from sync_assets_tests.page_server import Answer, Asked
from sync_assets_tests.systems.salesforce.org_server import (
    DATA,
    EVERYTHING,
    FakeOrg,
    account,
    as_json,
    ids,
    playing,
    read_all,
)

NAMES = [f"001{number:012d}AAA" for number in range(10)]


def ten(kept: slice = slice(None)) -> FakeOrg:
    """An org of ten accounts whose answers have only some of the rows that they count."""
    org = FakeOrg(records={"Account": [account(number) for number in range(10)]})

    def cut(asked: Asked) -> Answer | None:
        if not asked.path.endswith("/queryAll"):
            return None
        found = org._found(asked.query["q"]) or []
        return as_json({"totalSize": len(found), "done": True, "records": found[kept]})

    org.override = cut
    return org


@pytest.mark.parametrize("kept", [slice(6), slice(1, None), slice(0), slice(None, None, 2)])
def test_an_answer_with_fewer_rows_than_it_counts_is_not_taken_for_all(kept: slice) -> None:
    with playing(ten(kept)) as client, pytest.raises(ContractError, match="of 10 rows"):
        SYSTEM.read(client, ACCOUNTS, EVERYTHING, None)


def test_nobody_passes_for_absent_because_an_answer_lost_its_rows() -> None:
    with playing(ten(slice(6))) as client, pytest.raises(ContractError, match="of 10 rows"):
        SYSTEM.find(client, ACCOUNTS, NAMES)


def test_a_count_that_ends_with_the_limit_of_the_query_is_no_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soql, "ROWS_MAX", 4)
    with playing(ten()) as client:
        assert ids(read_all(client, ACCOUNTS, EVERYTHING)) == NAMES


def test_a_count_that_is_unknown_says_nothing() -> None:
    # Source: SOAP API Developer Guide, "QueryResult": -1 where the number of rows is not known.
    org = ten()
    org.override = lambda asked: (
        as_json({"totalSize": -1, "done": True, "records": [account(1)]}) if asked.path == f"{DATA}/queryAll" else None
    )
    with playing(org) as client:
        assert len(ids(read_all(client, ACCOUNTS, EVERYTHING))) == 1


def test_a_window_stays_open_until_an_answer_has_its_rows(store: Store) -> None:
    org = ten(slice(6))
    with playing(org) as client:

        def sync(run_id: str) -> None:
            earliest = datetime(2024, 11, 1, tzinfo=UTC)
            extract(store, Reading(system=SYSTEM, stream=ACCOUNTS, client=client, run_id=run_id, earliest=earliest))

        with pytest.raises(ContractError):
            sync("cut")
        (state,) = stream_states(store)
        assert state["complete_through"] is None
        org.override = lambda _asked: None
        sync("whole")
    (state,) = stream_states(store)
    assert state["complete_through"] is not None


def test_rows_of_another_object_are_not_taken() -> None:
    org = FakeOrg(records={"Account": [account(1)], "Opportunity": [account(2)]})
    others = org._found("SELECT Id,SystemModstamp FROM Opportunity") or []
    org.override = lambda asked: (
        as_json({"totalSize": 1, "done": True, "records": others}) if asked.path == f"{DATA}/queryAll" else None
    )
    with playing(org) as client:
        for ask in (
            lambda: SYSTEM.read(client, ACCOUNTS, EVERYTHING, None),
            lambda: SYSTEM.find(client, ACCOUNTS, NAMES),
            lambda: SYSTEM.probe(client, None),
        ):
            with pytest.raises(ContractError, match="mixes"):
                ask()
