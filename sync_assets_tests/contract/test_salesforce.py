"""The simulated Salesforce answers the client that others wrote: logins, queries, paging, refusals."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests
from simple_salesforce.api import Salesforce as Client
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from sync_assets_tests.contract.salesforce_client import Setup, error_of, put_accounts, running


@pytest.fixture
def setup() -> Iterator[Setup]:
    with running() as made:
        yield made


def test_client_credentials_open_a_session_on_the_instance_the_token_names(setup: Setup) -> None:
    client = setup.login()
    assert client.sf_instance == setup.server.url.removeprefix("http://")
    organisation = client.query("SELECT Id, IsSandbox FROM Organization")["records"][0]
    assert organisation["Id"] == setup.org.org.org_id
    wrong = {"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}
    reply = requests.post(f"{setup.server.url}/services/oauth2/token", data=wrong, timeout=10)
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_client")


def test_a_jwt_signed_with_the_orgs_key_logs_in_and_another_key_does_not(setup: Setup) -> None:
    settings = setup.org.jwt_settings(setup.server.url)
    named: dict[str, Any] = {
        "username": settings["SYNC_SALESFORCE_USERNAME"],
        "consumer_key": settings["SYNC_SALESFORCE_CLIENT_ID"],
        "session": setup.session(),
        "version": "66.0",
    }
    client = Client(privatekey=settings["SYNC_SALESFORCE_PRIVATE_KEY"], **named)
    assert client.query("SELECT COUNT() FROM Account")["totalSize"] == 0
    with running(seed=8) as other, pytest.raises(SalesforceAuthenticationFailed, match="invalid assertion"):
        Client(privatekey=other.org.logins.private_key, **named)
    with (
        pytest.raises(SalesforceAuthenticationFailed, match="hasn't approved"),
        pytest.warns(UserWarning, match="self-authorize"),
    ):
        Client(privatekey=settings["SYNC_SALESFORCE_PRIVATE_KEY"], **{**named, "username": "someone@else"})


def test_a_query_of_several_batches_returns_every_row_once_in_order(setup: Setup) -> None:
    ids = put_accounts(setup, 4501)
    client = setup.login()
    seen = len(setup.server.requests)
    rows = list(client.query_all_iter("SELECT Id, Name FROM Account ORDER BY SystemModstamp, Id"))
    assert [row["Id"] for row in rows] == ids
    assert rows[0]["attributes"] == {"type": "Account", "url": f"/services/data/v66.0/sobjects/Account/{ids[0]}"}
    # 4,501 rows in batches of 2,000 are three requests: 2,000 + 2,000 + 501.
    assert len(setup.server.requests) - seen == 3
    first = client.query("SELECT Id FROM Account")
    assert (first["totalSize"], first["done"], first["nextRecordsUrl"][-5:]) == (4501, False, "-2000")


def test_the_batch_size_header_is_honoured_between_200_and_2000(setup: Setup) -> None:
    put_accounts(setup, 650)
    for asked, got in (("250", 250), ("10", 200), ("5000", 650)):
        reply = setup.get("query", {"q": "SELECT Id FROM Account"}, Sforce_Query_Options=f"batchSize={asked}")
        assert len(reply.json()["records"]) == got


def test_an_expired_session_is_refused_and_a_new_login_goes_on(setup: Setup) -> None:
    client = setup.login()
    direct: Any = Client(
        session_id=client.session_id, instance=client.sf_instance, session=setup.session(), version="66.0"
    )
    setup.clock.advance(hours=3)  # sessions die after two idle hours
    with pytest.raises(SalesforceExpiredSession) as caught:
        direct.query("SELECT Id FROM Account")
    assert error_of(caught) == {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
    assert client.query("SELECT Id FROM Account")["done"] is True  # this one logs in again by itself
    setup.org.quirks = replace(setup.org.quirks, expire_tokens_after=1)
    again = setup.login()
    assert again.query("SELECT Id FROM Account")["done"] is True
    with pytest.raises(SalesforceExpiredSession):
        Client(session_id=again.session_id, instance=again.sf_instance, session=setup.session()).limits()


def test_the_daily_quota_is_counted_on_every_reply_and_enforced(setup: Setup) -> None:
    client = setup.login()
    setup.org.quirks = replace(setup.org.quirks, daily_requests_max=3)
    client.query("SELECT Id FROM Account")
    assert client.api_usage["api-usage"].used == 1
    assert client.limits()["DailyApiRequests"] == {"Max": 3, "Remaining": 1}  # this request counts too
    client.query("SELECT Id FROM Account")
    with pytest.raises(SalesforceRefusedRequest) as caught:
        client.query("SELECT Id FROM Account")
    assert error_of(caught)["errorCode"] == "REQUEST_LIMIT_EXCEEDED"
    setup.clock.advance(hours=25)
    assert setup.login().query("SELECT Id FROM Account")["done"] is True


def test_a_locator_dies_by_age_by_eviction_and_by_use(setup: Setup) -> None:
    put_accounts(setup, 650)
    setup.org.quirks = replace(setup.org.quirks, batch_rows_max=200, evict_locators_after=2)
    client = setup.login()

    def dead(url: str) -> bool:
        with pytest.raises(SalesforceMalformedRequest) as caught:
            client.query_more(url, identifier_is_url=True)
        return bool(error_of(caught)["errorCode"] == "INVALID_QUERY_LOCATOR")

    url = client.query("SELECT Id FROM Account")["nextRecordsUrl"]
    for _ in range(2):
        url = client.query_more(url, identifier_is_url=True)["nextRecordsUrl"]
    assert dead(url)  # two more batches were read
    url = client.query("SELECT Id FROM Account")["nextRecordsUrl"]
    setup.org.cursors.evict()
    assert dead(url)
    url = client.query("SELECT Id FROM Account")["nextRecordsUrl"]
    setup.clock.advance(hours=49)  # they live two days
    assert dead(url)
    setup.org.quirks = replace(setup.org.quirks, open_locators_max=1)
    oldest, newest = (client.query("SELECT Id FROM Account")["nextRecordsUrl"] for _ in range(2))
    assert dead(oldest)
    assert len(client.query_more(newest, identifier_is_url=True)["records"]) == 200


def test_versions_uris_and_unknown_paths_are_refused_as_the_vendor_does(setup: Setup) -> None:
    root = f"{setup.server.url}/services/data"
    listed = requests.get(root, timeout=10).json()
    assert {"label": "Spring '26", "url": "/services/data/v66.0", "version": "66.0"} in listed
    retired = requests.get(f"{root}/v30.0/limits", timeout=10)
    assert (retired.status_code, retired.json()[0]["errorCode"]) == (410, "GONE")
    # 16,384 characters of path and query are allowed; the names alone are longer here.
    wide = setup.get("query", {"q": "SELECT " + ",".join(["Name"] * 4000) + " FROM Account"})
    assert wide.status_code == 414
    client = setup.login()
    with pytest.raises(SalesforceResourceNotFound):
        client.restful("nothing/here")
    assert requests.get(f"{root}/v66.0/limits", timeout=10).json()[0]["errorCode"] == "INVALID_SESSION_ID"


def test_a_fault_can_answer_in_the_vendors_own_shape(setup: Setup) -> None:
    reply = setup.org.error(503, "SERVER_UNAVAILABLE")
    assert (reply.status, json.loads(reply.body)[0]["errorCode"]) == (503, "SERVER_UNAVAILABLE")
