"""The simulated NetSuite lets in whom NetSuite lets in: signed assertions, bearer tokens, signed requests."""

import hashlib
import hmac
import time
from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sync_assets_tests.contract.netsuite_account import (
    SUITEQL,
    TOKEN,
    Account,
    client,
    refused,
    running_account,
    told,
)


@pytest.fixture
def account() -> Iterator[Account]:
    with running_account() as running:
        yield running


def test_an_assertion_buys_an_hour_of_access(account: Account) -> None:
    answer = account.ask_token(account.sign(account.claims()))
    assert (answer.status, answer.body["token_type"], answer.body["expires_in"]) == (200, "Bearer", "3600")
    assert account.query_with(f"Bearer {answer.body['access_token']}").status == 200


def test_two_tokens_work_side_by_side(account: Account) -> None:
    first, second = account.bearer(), account.bearer()
    assert first != second
    assert {account.query_with(token).status for token in (first, second)} == {200}


def test_an_rsa_certificate_signs_with_ps256_but_never_with_rs256(account: Account) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    account.vendor.login.certificates["second"] = key.public_key()
    good = account.sign(account.claims(), algorithm="PS256", key=key, key_id="second")
    assert account.ask_token(good).status == 200
    weak = account.ask_token(account.sign(account.claims(), algorithm="RS256", key=key, key_id="second"))
    assert (weak.status, weak.body["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "somebody else"},
        {"aud": "https://another.suitetalk.api.netsuite.com" + TOKEN},
        {"exp": -10},
        {"exp": 3700, "iat": 0},  # more than 60 minutes
        {"iat": 600, "exp": 900},  # not yet
    ],
    ids=["issuer", "audience", "expired", "too long", "from the future"],
)
def test_an_assertion_with_a_wrong_claim_buys_nothing(account: Account, changed: dict[str, Any]) -> None:
    """Instants are seconds from now."""
    now = int(time.time())
    claims = {name: now + value if isinstance(value, int) else value for name, value in changed.items()}
    answer = account.ask_token(account.sign(account.claims(**claims)))
    assert (answer.status, answer.body["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("claim", ["iss", "iat", "exp", "scope"])
def test_an_assertion_without_a_claim_buys_nothing(account: Account, claim: str) -> None:
    claims = account.claims()
    del claims[claim]
    assert account.ask_token(account.sign(claims)).status == 401


def test_the_scope_must_name_rest_web_services(account: Account) -> None:
    assert account.ask_token(account.sign(account.claims(scope="restlets"))).body["error"] == "invalid_scope"
    assert account.ask_token(account.sign(account.claims(scope="restlets,rest_webservices"))).status == 200


def test_a_foreign_key_an_unknown_certificate_and_no_key_at_all_are_refused(account: Account) -> None:
    foreign = ec.generate_private_key(ec.SECP256R1())
    unsigned = jwt.encode(account.claims(), "", algorithm="none")
    for assertion in (
        account.sign(account.claims(), key=foreign),
        account.sign(account.claims(), key_id="revoked"),
        unsigned,
        "no assertion",
    ):
        assert account.ask_token(assertion).status == 401


def test_other_grants_are_not_supported(account: Account) -> None:
    assertion = account.sign(account.claims())
    assert account.ask_token(assertion, grant_type="password").body["error"] == "unsupported_grant_type"
    assert account.ask_token(assertion, client_assertion_type="jwt").body["error"] == "invalid_request"


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer made-up", "Basic eDp5", "OAuth", "NLAuth nlauth_account=1"]
)
def test_anything_else_is_an_invalid_login(account: Account, authorization: str) -> None:
    answer = account.query_with(authorization)
    assert answer.status == 401
    assert (answer.body["title"], told(answer.body)[0]) == ("Unauthorized", "INVALID_LOGIN")
    assert told(answer.body)[1].startswith("Invalid login attempt. For more details, see the Login Audit Trail")


def test_a_token_may_die_before_its_hour(account: Account) -> None:
    account.vendor.quirks.token_seconds = -1
    answer = account.ask_token(account.sign(account.claims()))
    assert answer.body["expires_in"] == "3600"
    assert account.query_with(f"Bearer {answer.body['access_token']}").status == 401
    account.vendor.quirks.token_seconds = 3600
    assert account.query_with(account.bearer()).status == 200


def test_the_client_signs_in_with_its_token(account: Account) -> None:
    assert account.rows("SELECT dummy FROM dual") == [{"dummy": "X"}]
    (request,) = [request for request in account.server.requests if request.path == SUITEQL]
    assert 'oauth_signature_method="HMAC-SHA256"' in request.headers["authorization"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SYNC_NETSUITE_ACCOUNT", "7000007"),  # the realm must name the sandbox: 7000007_SB1
        ("SYNC_NETSUITE_CONSUMER_KEY", "x"),
        ("SYNC_NETSUITE_CONSUMER_SECRET", "x"),
        ("SYNC_NETSUITE_TOKEN_ID", "x"),
        ("SYNC_NETSUITE_TOKEN_SECRET", "x"),
    ],
)
def test_one_wrong_credential_is_an_invalid_login(account: Account, name: str, value: str) -> None:
    api = client(account.vendor, account.server.url, lambda settings: {**settings, name: value})
    assert refused(api.suiteql("SELECT dummy FROM dual"))[:2] == (401, "INVALID_LOGIN")


def signed(
    account: Account, *, nonce: str, timestamp: int, query: str = "limit=5&offset=0", method: str = "POST"
) -> str:
    """An OAuth 1.0a header made by hand, straight from RFC 5849."""
    settings = account.vendor.token_settings(account.server.url)
    given = {
        "oauth_consumer_key": settings["SYNC_NETSUITE_CONSUMER_KEY"],
        "oauth_nonce": nonce,
        "oauth_signature_method": "HMAC-SHA256",
        "oauth_timestamp": str(timestamp),
        "oauth_token": settings["SYNC_NETSUITE_TOKEN_ID"],
        "oauth_version": "1.0",
    }
    pairs = sorted([*given.items(), *(tuple(pair.split("=")) for pair in query.split("&"))])
    parameters = "&".join(f"{quote(pair[0], safe='')}={quote(pair[1], safe='')}" for pair in pairs)
    base = "&".join(quote(part, safe="") for part in (method, account.server.url + SUITEQL, parameters))
    key = f"{settings['SYNC_NETSUITE_CONSUMER_SECRET']}&{settings['SYNC_NETSUITE_TOKEN_SECRET']}"
    digest = b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()).decode()
    fields = {"realm": settings["SYNC_NETSUITE_ACCOUNT"], **given, "oauth_signature": digest}
    return "OAuth " + ", ".join(f'{name}="{quote(value, safe="")}"' for name, value in fields.items())


def asked(account: Account, authorization: str, query: str = "limit=5&offset=0") -> int:
    headers = {"Authorization": authorization, "Prefer": "transient", "Content-Type": "application/json"}
    return account.send("POST", f"{SUITEQL}?{query}", headers, b'{"q": "SELECT dummy FROM dual"}').status


def test_a_signature_covers_the_method_and_the_parameters(account: Account) -> None:
    now = int(time.time())
    assert asked(account, signed(account, nonce="a", timestamp=now)) == 200
    assert asked(account, signed(account, nonce="b", timestamp=now), "limit=6&offset=0") == 401
    assert asked(account, signed(account, nonce="c", timestamp=now, method="GET")) == 401


def test_a_nonce_works_once(account: Account) -> None:
    header = signed(account, nonce="once", timestamp=int(time.time()))
    assert [asked(account, header), asked(account, header)] == [200, 401]


@pytest.mark.parametrize(("seconds_off", "status"), [(-290, 200), (290, 200), (-310, 401), (310, 401)])
def test_a_signature_holds_for_five_minutes_around_now(account: Account, seconds_off: int, status: int) -> None:
    account.clock.advance(days=30)  # the sandbox's own clock has no part in a login
    assert asked(account, signed(account, nonce="n", timestamp=int(time.time()) + seconds_off)) == status
