"""Claims about Salesforce from its pages to the store: deletions, merges and late rows arrive in the copies."""

from datetime import UTC, datetime

from sqlalchemy import text

from sync_assets.connect.conform import conform
from sync_assets.connect.extract import Reading, extract
from sync_assets.http.client import Client
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
