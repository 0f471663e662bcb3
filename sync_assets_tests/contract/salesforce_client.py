"""A simulated org on a loopback port, and the client `simple_salesforce` talking to it over plain HTTP.

The client speaks https to vendor host names only; the adapter here sends the same requests to the loopback port.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce as Client
from simple_salesforce.exceptions import SalesforceError

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.vendors.salesforce import Salesforce
from sync_assets.sandbox.wire import Server

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


class ToLoopback(HTTPAdapter):
    """Sends every https request to one loopback address."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        request.url = f"{self.url}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        return super().send(request, *args, **more)


@dataclass(frozen=True, kw_only=True)
class Setup:
    """An org, its clock, its server, and ways to reach it."""

    org: Salesforce
    clock: Clock
    server: Server

    def session(self) -> requests.Session:
        """A session whose https requests reach the server."""
        session = requests.Session()
        session.mount("https://", ToLoopback(self.server.url))
        return session

    def login(self) -> Any:
        """A client that logged in with client credentials."""
        settings = self.org.settings(self.server.url)
        return Client(
            domain="acme.my",
            consumer_key=settings["SYNC_SALESFORCE_CLIENT_ID"],
            consumer_secret=settings["SYNC_SALESFORCE_CLIENT_SECRET"],
            session=self.session(),
            version=settings["SYNC_SALESFORCE_API_VERSION"],
        )

    def token(self) -> str:
        """A session id."""
        return str(self.login().session_id)

    def get(self, path: str, params: Mapping[str, str] | None = None, **headers: str) -> requests.Response:
        """A bare request to a data resource with a live session; header names with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        bearer = {"Authorization": f"Bearer {self.token()}"}
        url = f"{self.server.url}/services/data/v66.0/{path}"
        return requests.get(url, params=params, headers={**bearer, **named}, timeout=10)


@contextmanager
def running(seed: int = 7) -> Iterator[Setup]:
    """A fresh org behind a server."""
    clock = Clock(now_at=NOON)
    org = Salesforce(clock=clock, seed=seed)
    server = Server(vendor=org, clock=clock).start()
    try:
        yield Setup(org=org, clock=clock, server=server)
    finally:
        server.stop()


def put_accounts(setup: Setup, count: int) -> list[str]:
    """So many accounts, two of each second."""
    ids = []
    for number in range(count):
        if number % 2 == 0:
            setup.clock.advance(seconds=1)
        ids.append(setup.org.new_id("accounts"))
        setup.org.put("accounts", {"Id": ids[-1], "Name": f"Acme {number:05d}", "Industry": "Banking"})
    return ids


def error_of(caught: pytest.ExceptionInfo[SalesforceError]) -> dict[str, str]:
    """The one error of a refusal."""
    content: Any = caught.value.content
    (found,) = content
    return dict(found)
