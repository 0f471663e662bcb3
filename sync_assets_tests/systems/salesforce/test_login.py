"""Claims about how the connector logs in to Salesforce."""

import base64
import time
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sync_assets.http.reply import Reply
from sync_assets.model.errors import ContractError, RetryLaterError, SettingError, UnreachableError
from sync_assets.systems.salesforce import login
from sync_assets.systems.salesforce.login import audiences, fetch_token
from sync_assets_tests.page_server import Answer, Asked, serving
from sync_assets_tests.systems.salesforce.org_server import FakeOrg, as_json, playing, refusal, settings_for

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()


def _form(asked: Asked) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}


def _session(url: str) -> Answer:
    return as_json({"access_token": "s", "instance_url": url})


def test_client_credentials_go_to_the_token_endpoint_in_the_authorization_header() -> None:
    with serving(lambda _asked: _session("https://acme.my.salesforce.com")) as server:
        token = fetch_token(settings_for(server.url))
    asked = server.asked[0]
    assert (asked.method, asked.path) == ("POST", "/services/oauth2/token")
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(b"key:secret").decode()
    assert _form(asked) == {"grant_type": "client_credentials"}
    assert (token.access_token, token.base_url) == ("s", "https://acme.my.salesforce.com")


@pytest.mark.parametrize(
    ("status", "error"), [(400, "invalid_request"), (401, "invalid_client"), (400, "invalid_client_id")]
)
def test_a_host_that_reads_credentials_only_from_the_form_gets_them_there(status: int, error: str) -> None:
    def answer(asked: Asked) -> Answer:
        if "client_id" in _form(asked):
            return _session("https://acme.my.salesforce.com")
        return as_json({"error": error, "error_description": "no client"}, status=status)

    with serving(answer) as server:
        assert fetch_token(settings_for(server.url)).access_token == "s"
    assert _form(server.asked[1])["client_secret"] == "secret"


def test_a_secret_refused_in_both_documented_places_names_the_settings_and_not_the_secret() -> None:
    body = b'{"error":"invalid_client","error_description":"invalid client credentials"}'
    with serving(lambda _asked: Answer(status=400, body=body)) as server, pytest.raises(UnreachableError) as refused:
        fetch_token(settings_for(server.url))
    assert "SYNC_SALESFORCE_CLIENT_SECRET" in str(refused.value)
    assert "invalid client credentials" in str(refused.value)
    assert [("client_secret" in _form(asked)) for asked in server.asked] == [False, True]


def test_a_page_that_is_no_login_says_that_the_url_is_wrong() -> None:
    with (
        serving(lambda _asked: Answer(status=200, body=b"<html>")) as server,
        pytest.raises(UnreachableError, match="SYNC_SALESFORCE_URL"),
    ):
        fetch_token(settings_for(server.url))


def test_a_busy_login_host_is_asked_again_later() -> None:
    with serving(lambda _asked: Answer(status=503)) as server, pytest.raises(RetryLaterError):
        fetch_token(settings_for(server.url))


@pytest.mark.parametrize("url", ["http://evil.example", "ftp://x", "https://user:pw@acme.example"])
def test_a_session_is_never_carried_to_an_unsafe_instance_url(url: str) -> None:
    with serving(lambda _asked: _session(url)) as server, pytest.raises(ContractError):
        fetch_token(settings_for(server.url))


PUBLIC = "https://acme.my.salesforce.com"
INSIDE = (
    "https://169.254.169.254",
    "https://10.0.0.1:8443",
    "https://127.0.0.1",
    "https://localhost",
    "https://LOCALHOST.",
    "https://metadata.localhost",
    "https://192.168.1.1.",
    "https://2852039166",
    "https://0x7f.1",
    "https://0177.0.0.1",
    "https://[::1]",
    "https://[fd00::1]",
    "https://[::ffff:169.254.169.254]",
    "https://0.0.0.0",
    "https://100.64.0.1",
)


def _logged_in(monkeypatch: pytest.MonkeyPatch, configured: str, instance: str) -> str | None:
    """The base of data requests after a login at a host that cannot be played on loopback."""
    reply = Reply(status=200, headers={}, body=_session(instance).body, url=configured)
    monkeypatch.setattr(login, "login_reply", lambda *_asked, **_more: reply)
    return fetch_token(settings_for(configured)).base_url


@pytest.mark.parametrize("instance", [*INSIDE, "http://127.0.0.1:22"])
def test_a_public_login_carries_no_session_into_a_private_network(
    monkeypatch: pytest.MonkeyPatch, instance: str
) -> None:
    with pytest.raises(ContractError, match="not followed"):
        _logged_in(monkeypatch, PUBLIC, instance)


@pytest.mark.parametrize("instance", [PUBLIC, "https://acme--dev.sandbox.my.salesforce.com", "https://8.8.8.8"])
def test_a_public_login_may_name_another_public_host(monkeypatch: pytest.MonkeyPatch, instance: str) -> None:
    assert _logged_in(monkeypatch, PUBLIC, instance) == instance


@pytest.mark.parametrize("instance", [*INSIDE, PUBLIC])
def test_a_private_login_may_name_any_host_over_https(monkeypatch: pytest.MonkeyPatch, instance: str) -> None:
    assert _logged_in(monkeypatch, "https://10.1.2.3", instance) == instance


def test_a_login_over_https_is_never_left_for_plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ContractError, match="plain http"):
        _logged_in(monkeypatch, "https://127.0.0.1", "http://127.0.0.1")


def _assertion_server(accepted: str) -> Any:
    def answer(asked: Asked) -> Answer:
        form = _form(asked)
        assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        claims = jwt.decode(
            form["assertion"], KEY.public_key(), algorithms=["RS256"], options={"verify_aud": False, "require": ["exp"]}
        )
        assert (claims["iss"], claims["sub"]) == ("key", "sync@acme.com")
        assert 0 < claims["exp"] - time.time() <= 180
        if claims["aud"] != accepted and accepted != "itself":
            return Answer(status=400, body=b'{"error":"invalid_grant","error_description":"audience is invalid"}')
        return _session("https://acme.my.salesforce.com")

    return answer


@pytest.mark.parametrize("accepted", ["itself", "https://login.salesforce.com"])
def test_a_signed_assertion_reaches_a_host_that_knows_itself_by_either_name(accepted: str) -> None:
    with serving(_assertion_server(accepted)) as server:
        token = fetch_token(settings_for(server.url, USERNAME="sync@acme.com", PRIVATE_KEY=PEM))
    assert token.access_token == "s"


@pytest.mark.parametrize(
    ("url", "audience"),
    [
        ("https://acme.my.salesforce.com", "https://login.salesforce.com"),
        ("https://login.salesforce.com", "https://login.salesforce.com"),
        ("https://acme--dev.sandbox.my.salesforce.com", "https://test.salesforce.com"),
        ("https://test.salesforce.com", "https://test.salesforce.com"),
    ],
)
def test_assertions_for_salesforce_hosts_address_the_documented_login_host_only(url: str, audience: str) -> None:
    assert audiences(url) == (audience,)


def test_a_key_that_cannot_sign_is_a_setting_to_mend() -> None:
    settings = settings_for("https://acme.example", USERNAME="u", PRIVATE_KEY="-----BEGIN NOTHING-----")
    with pytest.raises(SettingError, match="SYNC_SALESFORCE_PRIVATE_KEY"):
        fetch_token(settings)


def test_a_login_without_an_instance_url_leaves_the_configured_host() -> None:
    with serving(lambda _asked: as_json({"access_token": "s"})) as server:
        assert fetch_token(settings_for(server.url)).base_url is None


def test_an_expired_session_is_renewed_once_and_the_request_sent_again() -> None:
    def expired(asked: Asked) -> Answer | None:
        if asked.headers.get("authorization") == "Bearer session-1":
            return refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")
        return None

    org = FakeOrg(override=expired)
    with playing(org) as client:
        client.get("/services/data/v67.0/limits")
    assert org.sessions == 2
