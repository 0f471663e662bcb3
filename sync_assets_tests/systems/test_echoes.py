"""What a system repeats of our credentials reaches no sentence: not where they were sent, and not cut in two."""

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from sync_assets.connect.settings import Settings
from sync_assets.connect.spec import System
from sync_assets.model.errors import SyncError
from sync_assets.systems.chargebee.spec import SYSTEM as CHARGEBEE
from sync_assets.systems.netsuite.spec import SYSTEM as NETSUITE
from sync_assets.systems.product.spec import SYSTEM as PRODUCT
from sync_assets.systems.salesforce.login import LOGIN_PATH
from sync_assets.systems.salesforce.spec import SYSTEM as SALESFORCE
from sync_assets.systems.stripe.spec import SYSTEM as STRIPE
from sync_assets_tests.page_server import Answer, Asked, serving

SECRET = "cA9-nary_42!Kx77"
SESSION = "00D5g000004CbHa!AQ0A.cA9-nary"
CREDENTIALS = {
    "chargebee": {"API_KEY": SECRET},
    "netsuite": dict.fromkeys(("CONSUMER_KEY", "CONSUMER_SECRET", "TOKEN_ID", "TOKEN_SECRET"), SECRET),
    "product": {"API_KEY": SECRET},
    "salesforce": {"CLIENT_ID": "a-client", "CLIENT_SECRET": SECRET},
    "stripe": {"API_KEY": SECRET},
}
ENVELOPES: dict[str, Callable[[str], object]] = {
    "chargebee": lambda said: {"message": said, "api_error_code": said, "param": said},
    "netsuite": lambda said: {"title": said, "o:errorDetails": [{"detail": said, "o:errorCode": "USER_ERROR"}]},
    "product": lambda said: {"title": said, "detail": said, "status": 400},
    "salesforce": lambda said: [{"errorCode": "MALFORMED_QUERY", "message": said}],
    "stripe": lambda said: {"error": {"code": said, "type": said, "param": said, "message": said}},
}
SYSTEMS = [CHARGEBEE, NETSUITE, PRODUCT, SALESFORCE, STRIPE]


def _settings(system: System, url: str) -> Settings:
    given = CREDENTIALS[system.name]
    return Settings(system=system.name, url=url, chosen=tuple(given), values={"URL": url, "ACCOUNT": "123456", **given})


def _ways(value: str) -> list[str]:
    plain = value.encode()
    return [value, quote(value, safe=""), plain.hex(), base64.b64encode(plain).decode()]


def _refusal(system: System, url: str) -> str:
    client = system.open(_settings(system, url), lambda: None)
    client.sleep = lambda _s: None
    with pytest.raises(SyncError) as caught:
        client.get("/list")
    return str(caught.value)


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
@pytest.mark.parametrize("way", range(4), ids=["plain", "in a URL", "hex", "base64"])
@pytest.mark.parametrize("after", [0, 190, 390], ids=["first", "at our limit of 200", "at our limit of 400"])
def test_a_header_that_a_refusal_repeats_is_quoted_without_its_credential(system: System, way: int, after: int) -> None:
    sent: list[str] = []

    def answer(asked: Asked) -> Answer:
        if asked.path == LOGIN_PATH:
            return Answer(body=json.dumps({"access_token": SESSION}).encode())
        scheme, _, value = asked.headers["authorization"].partition(" ")
        sent.append(value)
        said = "s" * after + f" bad request header {_ways(value)[way]} of {scheme}. " + "t" * after
        return Answer(status=400, body=json.dumps(ENVELOPES[system.name](said)).encode())

    with serving(answer) as server:
        told = _refusal(system, server.url)
    parts = [SECRET, SESSION, *sent]
    assert sent
    assert not [part for part in parts for written in _ways(part) for part in _pieces(written) if part in told]


def _pieces(text: str) -> list[str]:
    """Every eight signs in a row: a credential cut in two is still one."""
    return [text[start : start + 8] for start in range(max(1, len(text) - 7))]


@pytest.mark.parametrize("where", ["authorization", "form"])
def test_a_login_that_repeats_our_credentials_is_quoted_without_them(where: str) -> None:
    def answer(asked: Asked) -> Answer:
        echo = asked.headers.get("authorization", "") if where == "authorization" else asked.body.decode()
        said = f"what is {echo} or {SECRET}?"
        return Answer(status=400, body=json.dumps({"error": "invalid_client", "error_description": said}).encode())

    with serving(answer) as server:
        told = _refusal(SALESFORCE, server.url)
    assert "Salesforce says" in told
    assert not [piece for written in _ways(SECRET) for piece in _pieces(written) if piece in told]
