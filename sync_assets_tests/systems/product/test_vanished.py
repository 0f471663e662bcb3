"""Claims about items that leave a list: who counts as gone, and who is only not shown to us."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from sync_assets.connect.audit import Auditing, audit_stream
from sync_assets.connect.extract import Outcome, Reading, extract
from sync_assets.http.client import Client
from sync_assets.store.engine import Store
from sync_assets.systems.product.spec import ENTITLEMENTS, SYSTEM
from sync_assets_tests.page_server import Answer, Asked
from sync_assets_tests.systems.product.platform_server import FakePlatform, Item, playing, problem

UNCLEAR: dict[str, Callable[[], Answer]] = {
    "a gateway's 404": lambda: Answer(status=404, body=b"no route"),
    "a gateway's 404 in JSON": lambda: Answer(status=404, body=b'{"message":"no Route matched with those values"}'),
    "a refusal": lambda: problem(403, "Forbidden"),
}
"""What is said of an item by its id, and is no word of the platform that it is gone."""


def entitlements(count: int) -> list[Item]:
    common = {"type": "boolean", "featureKey": "f", "subjectKey": "s", "createdAt": "2026-01-01T00:00:00Z"}
    return [{"id": f"ent{at:03d}", **common} for at in range(count)]


def sync(store: Store, client: Client, run_id: str) -> Outcome:
    earliest = datetime.now(UTC) - timedelta(days=30)
    return extract(store, Reading(system=SYSTEM, stream=ENTITLEMENTS, client=client, run_id=run_id, earliest=earliest))


def deleted(store: Store) -> list[str]:
    with store.begin() as connection:
        rows = connection.execute(text("SELECT record_id FROM raw.head WHERE is_deleted ORDER BY 1"))
        return [row.record_id for row in rows]


def by_id(asked: Asked) -> bool:
    return asked.path.startswith("/api/v1/entitlements/")


def test_an_item_that_left_the_list_and_is_not_found_by_its_id_is_deleted(store: Store) -> None:
    platform = FakePlatform(lists={"entitlements": entitlements(20)})
    with playing(platform) as client:
        sync(store, client, "first")
        del platform.lists["entitlements"][7]
        sync(store, client, "second")
        assert client.remarks == []
    assert deleted(store) == ["ent007"]


@pytest.mark.parametrize("answer", UNCLEAR)
def test_an_item_that_left_the_list_stays_while_the_platform_itself_does_not_say_that_it_is_gone(
    store: Store, answer: str
) -> None:
    platform = FakePlatform(lists={"entitlements": entitlements(20)})
    with playing(platform) as client:
        sync(store, client, "first")
        del platform.lists["entitlements"][7]
        del platform.lists["entitlements"][9]
        platform.override = lambda asked: UNCLEAR[answer]() if asked.path.endswith("/ent007") else None
        assert sync(store, client, "second").complete_through is not None
        assert [remark for remark in client.remarks if "could not be looked up" in remark]
        # What is said clearly of another item is believed.
        assert deleted(store) == ["ent010"]
        platform.override = lambda _asked: None
        sync(store, client, "third")
    assert deleted(store) == ["ent007", "ent010"]


@pytest.mark.parametrize("answer", UNCLEAR)
def test_an_audit_buries_nobody_of_whom_the_platform_itself_does_not_say_that_it_is_gone(
    store: Store, answer: str
) -> None:
    platform = FakePlatform(lists={"entitlements": entitlements(20)})
    with playing(platform) as client:
        sync(store, client, "first")
        del platform.lists["entitlements"][7]
        platform.override = lambda asked: UNCLEAR[answer]() if by_id(asked) else None
        work = Auditing(system=SYSTEM, stream=ENTITLEMENTS, client=client, run_id="audit")
        audited = audit_stream(store, work)
        with store.begin() as connection:
            suspected = connection.execute(text("SELECT count(*) FROM sync.audit_finding WHERE what = 'ghost'"))
            assert suspected.scalar_one() == 0
        asked = [asked for asked in platform.server.asked if by_id(asked)]
    assert audited is not None
    assert (audited.stored - audited.listed, audited.ghosts, len(asked)) == (1, 0, 1)
