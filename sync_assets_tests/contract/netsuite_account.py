"""A running NetSuite sandbox with the `netsuite` client pointed at it, for the contract tests."""

import asyncio
import json
import time
import warnings
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import jwt
import pytest

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.vendors.netsuite import NetSuite
from sync_assets.sandbox.wire import Server

with warnings.catch_warnings(record=True):  # the client's own login library warns about its successor at import
    from netsuite import Config, NetSuiteRestApi, TokenAuth  # type: ignore[import-untyped]
    from netsuite.exceptions import NetsuiteAPIRequestError  # type: ignore[import-untyped]

OPENED_AT = datetime(2026, 3, 9, 17, 0, tzinfo=UTC)  # 10:00:00 on the wall in Los Angeles, summer time since the 8th
SUITEQL = "/services/rest/query/v1/suiteql"
TOKEN = "/services/rest/auth/oauth2/v1/token"
FULL = "YYYY-MM-DD HH24:MI:SS"


class LoopbackApi(NetSuiteRestApi):  # type: ignore[misc]
    """The client with the one change a sandbox needs: where the account is."""

    base = ""

    def _make_url(self, subpath: str) -> str:
        return f"{self.base}/services/rest{subpath}"


def ran(call: Coroutine[Any, Any, Any]) -> Any:
    """The outcome of a call of the client, which hands its HTTP library a form that the library frowns upon."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return asyncio.run(call)


@dataclass(kw_only=True)
class Account:
    """The vendor, its clock, its port and a client of it, logged in with a token."""

    vendor: NetSuite
    clock: Clock
    server: Server
    api: NetSuiteRestApi

    def page(self, text: str, limit: int = 1000, offset: int = 0) -> dict[str, Any]:
        """One page of a query as the client gives it."""
        answer: dict[str, Any] = ran(self.api.suiteql(text, limit=limit, offset=offset))
        return answer

    def rows(self, text: str) -> list[dict[str, Any]]:
        """The rows of a query's first page, without their links."""
        return [{name: value for name, value in item.items() if name != "links"} for item in self.page(text)["items"]]

    def column(self, text: str) -> list[str]:
        """The first column of a query's first page."""
        return [next(iter(row.values())) for row in self.rows(text)]

    def value(self, expression: str) -> Any:
        """An expression over nothing; None when it is null."""
        return self.rows(f"SELECT {expression} AS x FROM dual")[0].get("x")

    def refusal(self, text: str) -> tuple[int, str, str]:
        """Status, code and detail of the refusal that a query meets."""
        return refused(self.api.suiteql(text))

    def read(self, subpath: str, **params: str) -> Any:
        """A GET of the client under /services/rest."""
        return ran(self.api.get(subpath, params=params))

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None = None) -> "Answer":
        """A plain request, for what the client would not send."""
        request = Request(self.server.url + target, data=body, headers=dict(headers), method=method)  # noqa: S310
        try:
            with urlopen(request, timeout=5) as reply:  # noqa: S310
                return Answer(status=reply.status, body=json.load(reply), headers=dict(reply.headers))
        except HTTPError as error:
            with error:
                return Answer(status=error.code, body=json.load(error), headers=dict(error.headers))

    def query_with(self, authorization: str, **headers: str) -> "Answer":
        """A query with that Authorization header."""
        given = {"Authorization": authorization, "Prefer": "transient", "Content-Type": "application/json", **headers}
        return self.send("POST", SUITEQL, given, b'{"q": "SELECT dummy FROM dual"}')

    def claims(self, **changed: Any) -> dict[str, Any]:
        """The claims of a good assertion, some of them changed."""
        now = int(time.time())
        usual = {"iss": self.vendor.settings("")["SYNC_NETSUITE_CLIENT_ID"], "scope": "rest_webservices"}
        return {**usual, "aud": self.server.url + TOKEN, "iat": now, "exp": now + 300, **changed}

    def sign(self, claims: dict[str, Any], *, algorithm: str = "ES256", key: Any = "", key_id: str = "") -> str:
        """An assertion, by default signed with the mapped certificate's key."""
        settings = self.vendor.settings("")
        signed_with = key or settings["SYNC_NETSUITE_PRIVATE_KEY"]
        headers = {"kid": key_id or settings["SYNC_NETSUITE_CERTIFICATE_ID"]}
        return jwt.encode(claims, signed_with, algorithm=algorithm, headers=headers)

    def ask_token(self, assertion: str, **changed: str) -> "Answer":
        """What the token endpoint says to an assertion."""
        form = {"grant_type": "client_credentials", "client_assertion": assertion}
        form["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", TOKEN, headers, urlencode({**form, **changed}).encode())

    def bearer(self) -> str:
        """The Authorization header of a fresh OAuth 2 login."""
        return f"Bearer {self.ask_token(self.sign(self.claims())).body['access_token']}"

    def put_invoices(self, count: int, *, first: int = 1, seconds_apart: int = 0, **fields: Any) -> None:
        """Invoices with the ids first, first + 1, ..."""
        for number in range(first, first + count):
            self.vendor.put("transaction", {"id": number, "type": "CustInvc", "tranid": f"INV{number}", **fields})
            self.clock.advance(seconds=seconds_apart)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A plain reply."""

    status: int
    body: Any
    headers: dict[str, str]


def told(body: Any) -> tuple[str, str]:
    """Code and detail of an error body."""
    (entry,) = body["o:errorDetails"]
    return entry["o:errorCode"], entry["detail"]


def refused(call: Coroutine[Any, Any, Any]) -> tuple[int, str, str]:
    """Status, code and detail of the refusal that a call of the client meets."""
    with pytest.raises(NetsuiteAPIRequestError) as error:
        ran(call)
    return error.value.status_code, *told(json.loads(error.value.response_text))


@contextmanager
def running_account(time_zone: str = "America/Los_Angeles", opened_at: datetime = OPENED_AT) -> Iterator[Account]:
    """An empty account that listens until the end of the block."""
    clock = Clock(now_at=opened_at)
    vendor = NetSuite(clock=clock, seed=7, time_zone=time_zone)
    server = Server(vendor=vendor, clock=clock).start()
    try:
        yield Account(vendor=vendor, clock=clock, server=server, api=client(vendor, server.url))
    finally:
        server.stop()


def client(vendor: NetSuite, url: str, change: Callable[[dict[str, str]], dict[str, str]] = dict) -> LoopbackApi:
    """The `netsuite` client with the account's token, or with settings changed on the way."""
    settings = change(vendor.token_settings(url))
    names = ("CONSUMER_KEY", "CONSUMER_SECRET", "TOKEN_ID", "TOKEN_SECRET")
    auth = TokenAuth(**{name.lower(): settings[f"SYNC_NETSUITE_{name}"] for name in names})
    api = LoopbackApi(Config(account=settings["SYNC_NETSUITE_ACCOUNT"], auth=auth))
    api.base = url
    return api
