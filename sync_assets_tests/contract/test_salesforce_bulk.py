"""The simulated Salesforce runs Bulk API 2.0 query jobs for the client that others wrote."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
import requests
from simple_salesforce.bulk2 import ColumnDelimiter, LineEnding, Operation
from simple_salesforce.exceptions import (
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceOperationError,
    SalesforceResourceNotFound,
)

from sync_assets_tests.contract.salesforce_client import Setup, running


@pytest.fixture
def setup() -> Iterator[Setup]:
    with running() as made:
        for number in range(25):
            record = {"Id": made.org.new_id("accounts"), "Name": f'Acme "{number:02d}", NA'}
            made.org.put("accounts", {**record, "AnnualRevenue": Decimal("19.99"), "Site": "None" if number else None})
        yield made


def test_a_job_delivers_every_row_in_chunks_that_each_have_a_header(setup: Setup) -> None:
    bulk = setup.login().bulk2.Account
    soql = "SELECT Id, Name, Site, AnnualRevenue, SystemModstamp FROM Account"
    chunks = list(bulk.query(soql, max_records=10, wait=0))
    tables = [list(csv.DictReader(io.StringIO(chunk))) for chunk in chunks]
    assert [len(table) for table in tables] == [10, 10, 5]
    rows = [row for table in tables for row in table]
    assert sorted(row["Id"] for row in rows) == setup.org.census()["accounts"]
    assert rows[0] == {
        "Id": setup.org.census()["accounts"][0],
        "Name": 'Acme "00", NA',
        "Site": "",
        "AnnualRevenue": "19.99",
        "SystemModstamp": "2026-11-02T12:00:00.000Z",
    }
    assert rows[1]["Site"] == "None"  # a text that looks like nothing stays a text
    (other,) = bulk.query("SELECT Site, Name FROM Account LIMIT 1", 10, ColumnDelimiter.PIPE, LineEnding.CRLF, wait=0)
    assert other == '"Site"|"Name"\r\n""|"Acme ""00"", NA"\r\n'


def test_a_job_moves_through_its_states_and_its_results_are_read_again(setup: Setup) -> None:
    setup.org.quirks = replace(setup.org.quirks, bulk_polls=2, bulk_rows_max=20)
    client = setup.login().bulk2.Account._client
    job = client.create_job(Operation.query_all, query="SELECT Id FROM Account")
    assert (job["state"], job["object"], job["apiVersion"], job["id"][:3]) == ("UploadComplete", "Account", 66.0, "750")
    with pytest.raises(SalesforceMalformedRequest, match="INVALIDJOBSTATE"):
        client.get_query_results(job["id"])
    states = [client.get_job(job["id"], is_query=True)["state"] for _ in range(3)]
    assert states == ["InProgress", "InProgress", "JobComplete"]
    first = client.get_query_results(job["id"])
    assert (first["number_of_records"], bool(first["locator"])) == (20, True)
    last = client.get_query_results(job["id"], locator=first["locator"])
    assert (last["number_of_records"], last["locator"]) == (5, "")
    assert client.get_query_results(job["id"], locator=first["locator"]) == last


def test_results_are_frozen_when_the_job_is_made(setup: Setup) -> None:
    client = setup.login().bulk2.Account._client
    job = client.create_job(Operation.query, query="SELECT Id FROM Account")
    setup.org.delete("accounts", setup.org.census()["accounts"][0])
    client.wait_for_job(job["id"], is_query=True, wait=0.01)
    assert client.get_query_results(job["id"])["number_of_records"] == 25


def test_a_job_may_fail_be_aborted_or_be_deleted(setup: Setup) -> None:
    client = setup.login().bulk2.Account._client
    setup.org.quirks = replace(setup.org.quirks, bulk_fails="InternalServerError: try again", bulk_polls=0)
    failing = client.create_job(Operation.query, query="SELECT Id FROM Account")
    with pytest.raises(SalesforceOperationError, match="try again"):
        client.wait_for_job(failing["id"], is_query=True, wait=0.01)
    job = client.create_job(Operation.query, query="SELECT Id FROM Account")
    assert client.abort_job(job["id"], is_query=True)["state"] == "Aborted"
    with pytest.raises(SalesforceMalformedRequest, match="INVALIDJOBSTATE"):
        client.abort_job(job["id"], is_query=True)
    url = f"{setup.server.url}/services/data/v66.0/jobs/query"
    bearer = {"Authorization": f"Bearer {setup.token()}"}
    assert [each["id"] for each in requests.get(url, headers=bearer, timeout=10).json()["records"]] == [
        job["id"],
        failing["id"],
    ]
    assert requests.delete(f"{url}/{job['id']}", headers=bearer, timeout=10).status_code == 204
    with pytest.raises(SalesforceResourceNotFound):
        client.get_job(job["id"], is_query=True)


def test_a_job_refuses_what_bulk_cannot_read(setup: Setup) -> None:
    login = setup.login()
    client = login.bulk2.Account._client
    for soql, part in (
        ("SELECT COUNT() FROM Account", "not supported in Bulk Query"),
        ("SELECT Id FROM Account LIMIT 5 OFFSET 5", "not supported in Bulk Query"),
        ("SELECT BillingAddress FROM Account", "Selecting compound data not supported in Bulk Query"),
        ("SELECT Nope FROM Account", "No such column"),
    ):
        with pytest.raises(SalesforceMalformedRequest, match=part):
            client.create_job(Operation.query, query=soql)
    job = client.create_job(Operation.query, query="SELECT Id FROM Account")
    client.wait_for_job(job["id"], is_query=True, wait=0.01)
    client.bulk2_url = client.bulk2_url.replace("v66.0", "v65.0")
    with pytest.raises(SalesforceGeneralError, match="API version that created the job"):
        client.get_query_results(job["id"])
