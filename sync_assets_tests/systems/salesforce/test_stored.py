"""Claims about Salesforce from its pages to the store: deletions, merges and late rows arrive in the copies."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from sync_assets.connect.audit import Auditing, audit_stream
from sync_assets.connect.conform import conform
from sync_assets.connect.extract import Reading, extract
from sync_assets.http.client import Client
from sync_assets.model.errors import ContractError, SyncError
from sync_assets.store.engine import Store
from sync_assets.store.streams import stream_states
from sync_assets.systems.salesforce.audit import rolled
from sync_assets.systems.salesforce.spec import ACCOUNTS, SYSTEM
from sync_assets_tests.page_server import Answer, Asked
from sync_assets_tests.systems.salesforce.org_server import FakeOrg, account, as_json, playing

MASTER = "001000000000001AAA"


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000+0000"


def _sync(store: Store, client: Client, run_id: str) -> dict[str, tuple[str, bool, str | None]]:
    """Read and conform; each customer's status, whether it is deleted, and into which it was merged."""
    earliest = datetime(2024, 11, 1, tzinfo=UTC)
    extract(store, Reading(system=SYSTEM, stream=ACCOUNTS, client=client, run_id=run_id, earliest=earliest))
    (state,) = stream_states(store)
    conform(store, SYSTEM, ACCOUNTS, stream_id=state["stream_id"], run_id=run_id)
    with store.begin() as connection:
        rows = connection.execute(text("SELECT record_id, status, deleted_at, merged_into FROM canonical.customer"))
        return {row.record_id: (row.status, row.deleted_at is not None, row.merged_into) for row in rows}


def test_another_org_behind_the_same_settings_is_refused_and_nothing_of_it_is_stored(store: Store) -> None:
    with playing(FakeOrg(records={"Account": [account(1)]})) as client:
        before = _sync(store, client, "first")
    other = FakeOrg(records={"Account": [account(7) | {"SystemModstamp": _now()}]}, org_id="00Dx0000000ZZZZEAG")
    with playing(other) as client, pytest.raises(ContractError, match="00Dx0000000ZZZZ, and what is stored") as refused:
        _sync(store, client, "second")
    assert refused.value.reason == "wrong_account"
    # the same org, by the shorter form of its id
    same = FakeOrg(records={"Account": [account(1)]}, org_id="00Dx0000000BV7z")
    with playing(same) as client:
        assert _sync(store, client, "third") == before


def test_the_auditor_does_not_bury_what_another_org_does_not_have(store: Store) -> None:
    with playing(FakeOrg(records={"Account": [account(1)]})) as client:
        _sync(store, client, "first")
    other = FakeOrg(records={}, org_id="00Dx0000000ZZZZEAG")
    with playing(other) as client, pytest.raises(ContractError, match="account"):
        audit_stream(store, Auditing(system=SYSTEM, stream=ACCOUNTS, client=client, run_id="audit"))


def test_settings_that_were_put_right_before_anything_was_read_are_no_other_org(store: Store) -> None:
    refused = FakeOrg(
        override=lambda asked: None if "token" in asked.path else Answer(status=404), org_id="00D" + "9" * 12
    )
    with playing(refused) as client, pytest.raises(SyncError):
        _sync(store, client, "first")
    with playing(FakeOrg(records={"Account": [account(1)]})) as client:
        assert len(_sync(store, client, "second")) == 1


def test_deletions_and_merges_arrive_in_the_copies(store: Store) -> None:
    org = FakeOrg(records={"Account": [account(number) for number in (1, 2, 3, 4)]})
    with playing(org) as client:
        assert len(_sync(store, client, "first")) == 4
        merged, binned = org.records["Account"][1], org.records["Account"][2]
        merged |= {"IsDeleted": True, "MasterRecordId": MASTER, "SystemModstamp": _now()}
        binned |= {"IsDeleted": True, "SystemModstamp": _now()}
        purged = org.records["Account"].pop()
        org.deleted["Account"] = {
            "records": [{"id": purged["Id"], "deletedDate": _now()}],
            "covered": _now(),
        }
        customers = _sync(store, client, "second")
    assert customers == {
        "001000000000001AAA": ("active", False, None),
        "001000000000002AAA": ("inactive", True, MASTER),
        "001000000000003AAA": ("inactive", True, None),
        "001000000000004AAA": ("active", True, None),
    }


def test_a_record_is_one_record_in_either_form_of_its_id(store: Store) -> None:
    org = FakeOrg(records={"Account": [account(number) for number in (1, 2, 3)]})
    with playing(org) as client:
        _sync(store, client, "first")
        renamed, merged, _ = org.records["Account"]
        renamed |= {"Id": renamed["Id"][:15], "SystemModstamp": _now()}
        merged |= {"IsDeleted": True, "MasterRecordId": MASTER[:15], "SystemModstamp": _now()}
        purged = org.records["Account"].pop()
        org.deleted["Account"] = {"records": [{"id": purged["Id"][:15], "deletedDate": _now()}], "covered": _now()}
        customers = _sync(store, client, "second")
    assert customers == {
        "001000000000001AAA": ("active", False, None),
        "001000000000002AAA": ("inactive", True, MASTER),
        "001000000000003AAA": ("active", True, None),
    }


def test_the_auditor_knows_a_record_by_either_form_of_its_id() -> None:
    short = account(1) | {"Id": "001A0000006Vm9r"}

    def answer(asked: Asked) -> Answer | None:
        found = {"totalSize": 1, "done": True, "records": [] if "COUNT()" in asked.query.get("q", "") else [short]}
        return as_json(found) if asked.path.endswith("/query") else None

    with playing(FakeOrg(override=answer)) as client:
        roll = rolled(client, ACCOUNTS, datetime(2024, 11, 1, tzinfo=UTC), None)
    assert [one.record_id for one in roll.sightings] == ["001A0000006Vm9rIAC"]
