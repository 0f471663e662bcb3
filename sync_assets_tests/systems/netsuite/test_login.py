"""Getting in: certificates and signed requests, accepted and refused."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sync_assets.connect.settings import read_settings
from sync_assets.model.errors import ContractError, RetryLaterError, SettingError, UnreachableError
from sync_assets.systems.netsuite.spec import SYSTEM
from sync_assets_tests.page_server import Answer, Asked, PageServer, serving
from sync_assets_tests.systems.netsuite.account import Account, error, open_suite, page

TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
P256, P384 = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1())
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def pem(key: Key) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def certificate_settings(key: Key) -> dict[str, str]:
    return {"CLIENT_ID": "client", "CERTIFICATE_ID": "cert-1", "PRIVATE_KEY": pem(key)}


def token_server(tokens: list[str], good: Callable[[str], bool]) -> Callable[[Asked], Answer]:
    """A login that hands out the tokens in turn, and an account that accepts some of them."""

    def answer(asked: Asked) -> Answer:
        if asked.path == TOKEN_PATH:
            body = {"access_token": tokens.pop(0), "expires_in": "3600", "token_type": "Bearer"}
            return Answer(body=json.dumps(body).encode())
        if not good(asked.headers["authorization"]):
            return error(401, "INVALID_LOGIN", "Invalid login attempt.", {"WWW-Authenticate": "Bearer"})
        return page([])

    return answer


def assertion(server: PageServer) -> str:
    form = dict(parse_qsl(server.asked[0].body.decode()))
    assert form["grant_type"] == "client_credentials"
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return form["client_assertion"]


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "PS256"), (P256, "ES256"), (P384, "ES384")])
def test_a_certificate_s_key_signs_the_login_with_the_algorithm_that_fits_it(key: Any, algorithm: str) -> None:
    with serving(token_server(["t1"], lambda sent: sent == "Bearer t1")) as server:
        SYSTEM.probe(open_suite(server.url, **certificate_settings(key)), None)
    signed = assertion(server)
    header = jwt.get_unverified_header(signed)
    claims = jwt.decode(signed, key.public_key(), algorithms=[algorithm], audience=server.url + TOKEN_PATH)
    assert (header["kid"], header["alg"], header["typ"]) == ("cert-1", algorithm, "JWT")
    assert (claims["iss"], claims["scope"]) == ("client", "rest_webservices")
    assert 0 < claims["exp"] - claims["iat"] < 3600
    # one login, three requests of the probe
    assert [asked.path == TOKEN_PATH for asked in server.asked] == [True, False, False, False]


def test_a_token_that_ran_out_is_fetched_once_more() -> None:
    with serving(token_server(["old", "new"], lambda sent: sent == "Bearer new")) as server:
        SYSTEM.probe(open_suite(server.url, **certificate_settings(P256)), None)
    assert [asked.path for asked in server.asked].count(TOKEN_PATH) == 2


def test_credentials_that_stay_refused_name_their_settings() -> None:
    with (
        serving(token_server(["a", "b"], lambda _sent: False)) as server,
        pytest.raises(UnreachableError, match="SYNC_NETSUITE_"),
    ):
        SYSTEM.probe(open_suite(server.url, **certificate_settings(P256)), None)


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        (400, b'{"error": "invalid_grant"}', UnreachableError),
        (401, b'{"error": "invalid_client"}', UnreachableError),
        (429, b"", RetryLaterError),
        (503, b"<html>", RetryLaterError),
        (200, b"<html>Login</html>", ContractError),
        (200, b'{"token_type": "Bearer"}', ContractError),
        (200, b"[]", ContractError),
    ],
)
def test_a_login_that_fails_says_how(status: int, body: bytes, failure: type[Exception]) -> None:
    with serving(lambda _: Answer(status=status, body=body)) as server, pytest.raises(failure) as caught:
        SYSTEM.probe(open_suite(server.url, **certificate_settings(P256)), None)
    assert failure is not UnreachableError or "SYNC_NETSUITE_CERTIFICATE_ID" in str(caught.value)
    assert "PRIVATE KEY-----" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", pem(ed25519.Ed25519PrivateKey.generate())]
)
def test_a_key_that_cannot_sign_is_a_mistake_in_the_settings(text: str) -> None:
    with pytest.raises(SettingError, match="SYNC_NETSUITE_PRIVATE_KEY"):
        open_suite("http://127.0.0.1:9", CLIENT_ID="c", CERTIFICATE_ID="k", PRIVATE_KEY=text)


def test_a_key_may_be_named_by_its_file(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text(pem(P256), encoding="ascii")
    client = open_suite("http://127.0.0.1:9", CLIENT_ID="c", CERTIFICATE_ID="k", PRIVATE_KEY=str(file))
    assert client.sent == 0


def signature(asked: Asked, url: str, sent: dict[str, str]) -> str:
    """The signature as RFC 5849 section 3.4 defines it, over the method, the address and all parameters."""
    parameters = [*asked.query.items(), *((name, text) for name, text in sent.items() if name != "oauth_signature")]
    pairs = sorted((quote(name, safe="~"), quote(text, safe="~")) for name, text in parameters)
    normal = "&".join(f"{name}={text}" for name, text in pairs)
    base = "&".join(quote(part, safe="~") for part in (asked.method, url + asked.path, normal))
    return base64.b64encode(hmac.new(b"cs&ts", base.encode(), hashlib.sha256).digest()).decode()


def test_a_token_based_request_is_signed_for_the_account_in_capitals() -> None:
    account = Account()
    with account.client(ACCOUNT="123456-sb1") as (client, server):
        SYSTEM.probe(client, None)
        SYSTEM.probe(client, None)
    nonces = set()
    for asked in server.asked:
        header = asked.headers["authorization"].removeprefix("OAuth ")
        sent = {name: unquote(text) for name, text in re.findall(r'(\w+)="([^"]*)"', header)}
        assert sent.pop("realm") == "123456_SB1"
        assert (sent["oauth_consumer_key"], sent["oauth_token"]) == ("ck", "ti")
        assert sent["oauth_signature_method"] == "HMAC-SHA256"
        assert sent["oauth_signature"] == signature(asked, server.url, sent)
        nonces.add(sent["oauth_nonce"])
    assert len(nonces) == len(server.asked)


def test_certificates_come_before_tokens_and_half_a_set_is_named() -> None:
    both = {
        "SYNC_NETSUITE_URL": "http://127.0.0.1:9",
        "SYNC_NETSUITE_ACCOUNT": "1",
        **{f"SYNC_NETSUITE_{name}": "x" for name in ("CLIENT_ID", "CERTIFICATE_ID", "PRIVATE_KEY")},
        **{f"SYNC_NETSUITE_{name}": "x" for name in ("CONSUMER_KEY", "CONSUMER_SECRET", "TOKEN_ID", "TOKEN_SECRET")},
    }
    settings = read_settings(SYSTEM.name, SYSTEM.credentials, SYSTEM.optional, both)
    assert settings is not None
    assert "CLIENT_ID" in settings.chosen
    half = {name: text for name, text in both.items() if name.split("_")[2] not in ("CLIENT", "CERTIFICATE", "PRIVATE")}
    del half["SYNC_NETSUITE_TOKEN_SECRET"]
    with pytest.raises(SettingError, match="SYNC_NETSUITE_TOKEN_SECRET"):
        read_settings(SYSTEM.name, SYSTEM.credentials, SYSTEM.optional, half)
    assert read_settings(SYSTEM.name, SYSTEM.credentials, SYSTEM.optional, {}) is None
