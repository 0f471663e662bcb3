"""Claims about Salesforce's delete log: which deletions it tells, and what happens where it no longer reaches."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from sync_assets.connect.spec import Window
from sync_assets.model.errors import ContractError, FeedExpiredError, UnreachableError
from sync_assets.systems.salesforce.spec import ACCOUNTS
from sync_assets_tests.page_server import Answer, Asked
from sync_assets_tests.systems.salesforce.org_server import (
    EVERYTHING,
    RECENT,
    FakeOrg,
    account,
    as_json,
    ids,
    playing,
    read_all,
    refusal,
)

NOW = datetime.now(UTC).replace(microsecond=0)
"""The log reaches back from the real time, which is also that of the answers."""


def test_deletions_are_read_from_the_log_after_the_pages() -> None:
    log = {
        "records": [{"id": "001000000000009AAA", "deletedDate": "2026-11-20T11:07:19.000+0000"}],
        "covered": "2026-11-20T11:58:00.000+0000",
    }
    org = FakeOrg(records={"Account": [account(1)]}, deleted={"Account": log})
    with playing(org) as client:
        rows, last = read_all(client, ACCOUNTS, RECENT)
    gone = last.deleted[0]
    assert (gone.record_id, gone.deleted_at) == ("001000000000009AAA", datetime(2026, 11, 20, 11, 7, 19, tzinfo=UTC))
    assert last.covered_until == datetime(2026, 11, 20, 11, 58, tzinfo=UTC)
    assert ids([rows]) == ["001000000000001AAA"]
    asked = next(asked for asked in org.server.asked if "/deleted/" in asked.path)
    assert asked.query == {"start": "2026-11-20T09:59:59+00:00", "end": "2026-11-20T12:00:00+00:00"}


def test_a_deletion_is_of_the_same_record_in_either_form_of_its_id() -> None:
    log = {"records": [{"id": "001A0000006Vm9r", "deletedDate": "2026-11-20T11:07:19.000+0000"}]}
    with playing(FakeOrg(deleted={"Account": log})) as client:
        gone = read_all(client, ACCOUNTS, RECENT)[-1].deleted[0]
    assert gone.record_id == "001A0000006Vm9rIAC"


@pytest.mark.parametrize("mark", [{}, {"latestDateCovered": None}])
def test_a_log_without_a_mark_covers_the_window_that_was_asked_for(mark: dict[str, None]) -> None:
    def answer(asked: Asked) -> Answer | None:
        return as_json({"deletedRecords": [], **mark}) if "/deleted/" in asked.path else None

    with playing(FakeOrg(override=answer)) as client:
        assert read_all(client, ACCOUNTS, RECENT)[-1].covered_until is None


@pytest.mark.parametrize("body", [{}, {"deletedRecords": [{"id": "001"}]}, {"latestDateCovered": "x"}])
def test_a_log_that_is_not_as_documented_ends_no_window(body: dict[str, object]) -> None:
    def answer(asked: Asked) -> Answer | None:
        return as_json({"deletedRecords": [], **body} if body else body) if "/deleted/" in asked.path else None

    with playing(FakeOrg(override=answer)) as client, pytest.raises(ContractError):
        read_all(client, ACCOUNTS, RECENT)


def test_a_log_that_begins_after_the_window_asks_for_a_full_read() -> None:
    org = FakeOrg(deleted={"Account": {"earliest": "2026-11-20T10:30:00.000+0000"}})
    with playing(org) as client, pytest.raises(FeedExpiredError):
        read_all(client, ACCOUNTS, RECENT)


@pytest.mark.parametrize("code", ["INVALID_REPLICATION_DATE", "EXCEEDED_ID_LIMIT"])
def test_a_log_that_cannot_answer_for_a_recent_window_asks_for_a_full_read(code: str) -> None:
    now = datetime.now(UTC)
    recent = Window(start=now.replace(year=now.year - 1), end=now, earliest=now.replace(year=now.year - 2))

    def refused(asked: Asked) -> Answer | None:
        return refusal(400, code, "start too old") if "/deleted/" in asked.path else None

    with playing(FakeOrg(override=refused)) as client, pytest.raises(FeedExpiredError):
        read_all(client, ACCOUNTS, recent)


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def looked_at_again(first: float, last: float) -> Window:
    return Window(start=days_ago(first), end=days_ago(last), earliest=EVERYTHING.earliest, backfill=True)


def refused_before(days: float) -> Callable[[Asked], Answer | None]:
    """A log that refuses what begins more than so many days ago, as the documented 15 days."""

    def answer(asked: Asked) -> Answer | None:
        is_old = "/deleted/" in asked.path and datetime.fromisoformat(asked.query["start"]) < days_ago(days)
        return refusal(400, "INVALID_REPLICATION_DATE", "too old") if is_old else None

    return answer


def test_old_days_are_read_again_without_the_log_that_no_longer_knows_them() -> None:
    stamp = days_ago(39).isoformat(timespec="milliseconds")
    org = FakeOrg(records={"Account": [account(1, stamp)]}, override=refused_before(15))
    with playing(org) as client:
        read = read_all(client, ACCOUNTS, looked_at_again(40, 38))
    assert ids(read) == ["001000000000001AAA"]
    assert [gone for page in read for gone in page.deleted] == []


@pytest.mark.parametrize("reach", [15, 12])
def test_days_that_began_before_the_log_are_read_again_with_the_deletions_it_still_knows(reach: int) -> None:
    # Asked for 20 days, a log either refuses (it reaches 15 days) or says that it begins later (12 days ago).
    gone = {"id": "001000000000009AAA", "deletedDate": days_ago(11).isoformat()}
    log = {"records": [gone], "earliest": days_ago(reach).isoformat(), "covered": days_ago(10).isoformat()}
    override = refused_before(15) if reach == 15 else refused_before(1000)
    org = FakeOrg(deleted={"Account": log}, override=override)
    with playing(org) as client:
        read = read_all(client, ACCOUNTS, looked_at_again(20, 10))
    assert [one.record_id for page in read for one in page.deleted] == ["001000000000009AAA"]


@pytest.mark.parametrize("code", ["INVALID_REPLICATION_DATE", "EXCEEDED_ID_LIMIT"])
def test_past_days_are_read_again_though_the_log_cannot_answer_at_all(code: str) -> None:
    def refused(asked: Asked) -> Answer | None:
        return refusal(400, code, "no") if "/deleted/" in asked.path else None

    stamp = days_ago(3).isoformat(timespec="milliseconds")
    org = FakeOrg(records={"Account": [account(1, stamp)]}, override=refused)
    with playing(org) as client:
        assert ids(read_all(client, ACCOUNTS, looked_at_again(4, 2))) == ["001000000000001AAA"]


def test_a_read_that_was_left_until_the_log_forgot_it_asks_for_a_full_read() -> None:
    left = Window(start=days_ago(40), end=days_ago(38), earliest=EVERYTHING.earliest)
    with playing(FakeOrg(override=refused_before(15))) as client, pytest.raises(FeedExpiredError):
        read_all(client, ACCOUNTS, left)
    log = {"earliest": days_ago(15).isoformat()}
    with playing(FakeOrg(deleted={"Account": log})) as client, pytest.raises(FeedExpiredError):
        read_all(client, ACCOUNTS, left)


def test_a_log_that_is_slow_in_passing_is_asked_again() -> None:
    slow = [refusal(400, "QUERY_TIMEOUT", "Your query request was running for too long.")]
    org = FakeOrg(
        deleted={"Account": {"records": [{"id": "001000000000009AAA", "deletedDate": days_ago(0).isoformat()}]}}
    )
    org.override = lambda asked: slow.pop() if slow and "/deleted/" in asked.path else None
    with playing(org) as client:
        assert len(read_all(client, ACCOUNTS, RECENT)[-1].deleted) == 1


def test_another_refusal_of_the_log_is_not_taken_for_its_end() -> None:
    def refused(asked: Asked) -> Answer | None:
        return (
            refusal(400, "INVALID_TYPE", "sObject type 'Account' is not supported.")
            if "/deleted/" in asked.path
            else None
        )

    with playing(FakeOrg(override=refused)) as client, pytest.raises(UnreachableError):
        read_all(client, ACCOUNTS, RECENT)
