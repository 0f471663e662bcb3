"""Claims about large full reads: Bulk gives the same records as REST, and its jobs may vanish at any time."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from sync_assets.connect.decode import RECORD_MAX
from sync_assets.connect.digest import digest
from sync_assets.connect.spec import Window
from sync_assets.http.client import Client
from sync_assets.http.wire import BODY_MAX
from sync_assets.model.errors import ContractError, RetryLaterError
from sync_assets.systems.salesforce import bulk, reads, soql
from sync_assets.systems.salesforce.spec import OPPORTUNITIES, SYSTEM
from sync_assets_tests.page_server import Answer, Asked
from sync_assets_tests.systems.salesforce.org_server import FakeOrg, Record, as_csv, playing, read_all, refusal

END = datetime(2026, 11, 20, 12, tzinfo=UTC)
EVERYTHING = Window(start=None, end=END, earliest=datetime(2024, 11, 1, tzinfo=UTC))


def deal(number: int) -> Record:
    """Values in every kind that a record has: flag, number with digits, instant, day, text with a line break, null."""
    return {
        "Id": f"006{number:012d}AAA",
        "Name": 'Deal "A",\nB é',
        "Amount": 1200.5 + number,
        "IsWon": number % 2 == 0,
        "IsDeleted": False,
        "CloseDate": "2026-11-20",
        "LastStageChangeDate": "2026-11-20T09:00:00.000+0000",
        "AccountId": None,
        "SystemModstamp": "2026-11-20T10:00:00.000+0000",
    }


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soql, "ROWS_MAX", 2)
    monkeypatch.setattr(reads, "REST_PAGES", 1)


@pytest.fixture
def org() -> FakeOrg:
    return FakeOrg(records={"Opportunity": [deal(number) for number in range(10)]})


@pytest.fixture
def client(org: FakeOrg) -> Iterator[Client]:
    with playing(org) as client:
        yield client


def versions(pages: Any) -> dict[str, bytes]:
    found = {}
    for page in pages:
        taken = digest(OPPORTUNITIES, page, END)
        assert not taken.rejected
        found |= {version.record_id: version.content_hash for version in taken.versions}
    return found


def test_a_large_full_read_goes_over_to_a_query_job_and_gives_the_same_records_as_rest(
    org: FakeOrg, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_bulk = read_all(client, OPPORTUNITIES, EVERYTHING)
    assert any(asked.path.endswith("/results") for asked in org.server.asked)
    monkeypatch.setattr(reads, "REST_PAGES", 1000)
    by_rest = read_all(client, OPPORTUNITIES, EVERYTHING)
    # The content hash covers names, types and digits of every value.
    assert versions(by_bulk) == versions(by_rest)
    assert len(versions(by_bulk)) == 10
    assert org.jobs == {}


def test_a_job_is_waited_for_and_the_wait_survives_a_restart(org: FakeOrg, client: Client) -> None:
    org.job_states = ["InProgress"] * (bulk.POLLS + 2) + ["JobComplete"]
    pages = read_all(client, OPPORTUNITIES, EVERYTHING)
    turns = [json.loads(page.next)["turn"] for page in pages if page.next and "turn" in page.next]
    assert turns == [0, 1]
    assert len(versions(pages)) == 10


def test_a_job_that_never_ends_is_left_for_the_next_run(org: FakeOrg, client: Client) -> None:
    place = json.dumps({"after": None, "pages": 1, "job": "750", "turn": bulk.TURNS_MAX})
    with pytest.raises(RetryLaterError):
        SYSTEM.read(client, OPPORTUNITIES, EVERYTHING, place)


@pytest.mark.parametrize("state", ["Failed", "Aborted"])
def test_a_failed_job_is_replaced_by_rest_pages(org: FakeOrg, client: Client, state: str) -> None:
    org.job_states = [state, "JobComplete"]
    assert len(versions(read_all(client, OPPORTUNITIES, EVERYTHING))) == 10


def test_a_job_that_is_gone_halfway_is_replaced_from_where_it_began(org: FakeOrg, client: Client) -> None:
    pages = [SYSTEM.read(client, OPPORTUNITIES, EVERYTHING, None)]
    lost = 0
    while pages[-1].next:
        if '"locator"' in pages[-1].next:
            lost += len(org.jobs)
            org.jobs.clear()
        pages.append(SYSTEM.read(client, OPPORTUNITIES, EVERYTHING, pages[-1].next))
    assert lost > 1
    assert len(versions(pages)) == 10


def test_an_org_without_bulk_is_read_on_over_rest(org: FakeOrg, client: Client) -> None:
    def without(asked: Asked) -> Answer | None:
        return refusal(403, "FEATURENOTENABLED", "Async API not enabled") if "/jobs/query" in asked.path else None

    org.override = without
    assert len(versions(read_all(client, OPPORTUNITIES, EVERYTHING))) == 10


def _result(body: bytes, **headers: str) -> Any:
    def answer(asked: Asked) -> Answer | None:
        return Answer(body=body, headers=headers) if asked.path.endswith("/results") else None

    return answer


def test_bytes_of_a_result_that_are_no_text_stay_in_their_own_record(org: FakeOrg, client: Client) -> None:
    org.override = _result(b'"Id","Name"\n"006A","a\xffb"\n"006B","c"\n', **{"Sforce-Locator": "null"})
    records = [raw for page in read_all(client, OPPORTUNITIES, EVERYTHING) for raw in page.records]
    assert [raw for raw in records if b'"Id":"006A"' in raw and b'"Name":"a\xffb"' in raw]
    assert [raw for raw in records if b'"Id":"006B"' in raw and b'"Name":"c"' in raw]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (as_csv([deal(1)]), {}),
        (as_csv([deal(1)]), {"Sforce-Locator": "null", "Sforce-NumberOfRecords": "2"}),
        (b'"Id","Name"\n"006","a","b"\n', {"Sforce-Locator": "null"}),
        (b'"Id","Name"\n"006","a', {"Sforce-Locator": "null"}),
        (b"<html>", {"Sforce-Locator": "null"}),
        (b'\xff"Id"\n006', {"Sforce-Locator": "null"}),
    ],
)
def test_a_result_that_is_cut_or_no_csv_is_not_trusted(
    org: FakeOrg, client: Client, body: bytes, headers: dict[str, str]
) -> None:
    org.override = _result(body, **headers)
    with pytest.raises(ContractError):
        read_all(client, OPPORTUNITIES, EVERYTHING)


def test_a_cell_that_is_not_of_its_kind_stays_text_so_that_its_record_alone_is_rejected(client: Client) -> None:
    row = {"Id": "006", "Amount": "12,50", "IsWon": "maybe", "CloseDate": ""}
    record = json.loads(bulk.compose(row, reads.as_org(client), "Opportunity", OPPORTUNITIES.read["fields"]))
    assert (record["Amount"], record["IsWon"], record["CloseDate"]) == ("12,50", "maybe", None)


@pytest.mark.parametrize("length", [131_072, 140_000, 1_000_000])
def test_a_text_as_long_as_salesforce_holds_and_longer_is_read_in_its_record(
    org: FakeOrg, client: Client, length: int
) -> None:
    org.records["Opportunity"][7]["Name"] = 'a"' * (length // 2)
    assert len(versions(read_all(client, OPPORTUNITIES, EVERYTHING))) == 10


def test_a_record_that_is_too_large_is_set_aside_and_its_chunk_is_read(org: FakeOrg, client: Client) -> None:
    assert bulk.CELL_MAX == BODY_MAX
    org.records["Opportunity"][7]["Name"] = "a" * (RECORD_MAX + 1)
    taken = [digest(OPPORTUNITIES, page, END) for page in read_all(client, OPPORTUNITIES, EVERYTHING)]
    assert [one.reason for each in taken for one in each.rejected] == ["too_large"]
    assert sum(len(each.versions) for each in taken) == 9


@pytest.mark.parametrize("ring", [1, 2, 5])
def test_locators_that_run_in_circles_stop_the_read(org: FakeOrg, client: Client, ring: int) -> None:
    turn = iter(range(1_000))

    def circle(asked: Asked) -> Answer | None:
        headers = {"Sforce-Locator": f"L{next(turn) % ring}"} if asked.path.endswith("/results") else {}
        return Answer(body=as_csv([deal(1)]), headers=headers) if headers else None

    org.override = circle
    with pytest.raises(ContractError, match="circles"):
        read_all(client, OPPORTUNITIES, EVERYTHING)
    assert sum(asked.path.endswith("/results") for asked in org.server.asked) <= 4 * ring + 4
