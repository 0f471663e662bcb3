"""How an account lets us in: OAuth 2 client credentials with a certificate, or token-based OAuth 1.0a.

Belongs here: credentials, the token request, the client. Not here: what replies mean (replies.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sync_assets.connect.settings import Settings
from sync_assets.http.auth import Login, Signed, Token, refused
from sync_assets.http.client import Client, login_reply
from sync_assets.model.errors import ContractError, RetryLaterError, SettingError
from sync_assets.systems.netsuite.replies import judge
from sync_assets.systems.netsuite.wall import Wall, named

TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 - a path
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CLIENT_CREDENTIALS = ("CLIENT_ID", "CERTIFICATE_ID", "PRIVATE_KEY")
TOKEN_BASED = ("CONSUMER_KEY", "CONSUMER_SECRET", "TOKEN_ID", "TOKEN_SECRET")

ASSERTION_LIFE = timedelta(minutes=30)
"""Less than the hour that an assertion may live. Source: NetSuite online help section_162790605110."""

_EC_ALGORITHMS = {256: "ES256", 384: "ES384", 521: "ES512"}


@dataclass(kw_only=True)
class Suite(Client):
    """One account's REST services, and the zone of its times: as a setting names it, else as its clock last showed.

    `has_session_clock` until the account refuses to tell the time of our session; `without` are tables that it is said
    not to have.
    """

    wall_named: Wall | None = None
    wall_shown: Wall | None = None
    has_session_clock: bool = True
    without: frozenset[str] = frozenset()


def open_client(settings: Settings, budget: Callable[[], None]) -> Suite:
    """A ready client; no request is sent.

    Source: NetSuite online help section_157909186990 (`Prefer: transient` is required for SuiteQL).
    """
    zone = settings.get("TIME_ZONE")
    return Suite(
        system="netsuite",
        base_url=settings.url,
        auth=_auth(settings),
        judge=judge,
        headers={"Prefer": "transient", "Accept": "application/json"},
        budget=budget,
        without=frozenset(settings.get("WITHOUT").lower().replace(",", " ").split()),
        wall_named=named(zone, settings.full_name("TIME_ZONE")) if zone else None,
    )


def _auth(settings: Settings) -> Login | Signed:
    if "CLIENT_ID" in settings.chosen:
        key = settings.private_key()
        return Login(fetch=partial(fetch_token, settings, key, _algorithm(settings, key)))
    return Signed(
        consumer_key=settings["CONSUMER_KEY"],
        consumer_secret=settings["CONSUMER_SECRET"],
        token_id=settings["TOKEN_ID"],
        token_secret=settings["TOKEN_SECRET"],
        realm=realm(settings["ACCOUNT"]),
    )


def realm(account: str) -> str:
    """The account id as signatures carry it, e.g. `123456-sb1` -> `123456_SB1`.

    Source: NetSuite online help, token-based authentication ("realm": the account id in capitals with underscore).
    """
    return account.upper().replace("-", "_")


def _algorithm(settings: Settings, pem: str) -> str:
    """The signature that goes with the key: PS256 for RSA, ES256, ES384 or ES512 for an elliptic curve.

    Source: NetSuite online help section_162790605110 (PS and ES algorithms; RS256 is not accepted).
    """
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    setting = settings.full_name("PRIVATE_KEY")
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        raise SettingError(f"{setting} cannot be read as an unencrypted PEM private key.") from None
    if isinstance(key, RSAPrivateKey):
        return "PS256"
    if isinstance(key, EllipticCurvePrivateKey) and key.curve.key_size in _EC_ALGORITHMS:
        return _EC_ALGORITHMS[key.curve.key_size]
    raise SettingError(f"{setting} must be an RSA key or one on the curve P-256, P-384 or P-521.")


def fetch_token(settings: Settings, key: str, algorithm: str) -> Token:
    """An access token, good for an hour, for an assertion signed with the certificate's key.

    Source: NetSuite online help section_162790605110 (client credentials flow), RFC 7523.

    Raises:
        UnreachableError: the login was refused; the sentence names the settings.
        RetryLaterError: the token endpoint is busy.
    """
    import jwt

    url = settings.url + TOKEN_PATH
    issued = datetime.now(UTC)
    claims = {
        "iss": settings["CLIENT_ID"],
        "scope": "rest_webservices",
        "aud": url,
        "iat": issued,
        "exp": issued + ASSERTION_LIFE,
    }
    assertion = jwt.encode(claims, key, algorithm=algorithm, headers={"kid": settings["CERTIFICATE_ID"]})
    reply = login_reply(
        "netsuite",
        url,
        {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": assertion},
    )
    if reply.status == 429 or reply.status >= 500:
        raise RetryLaterError(f"netsuite's login answered HTTP {reply.status}; run again later.")
    if reply.status != 200:
        names = ", ".join(settings.full_name(name) for name in CLIENT_CREDENTIALS)
        raise refused("netsuite", names)
    return Token(access_token=_access_token(reply.json()))


def _access_token(answer: Any) -> str:
    token = answer.get("access_token") if isinstance(answer, dict) else None
    if not isinstance(token, str) or not token:
        raise ContractError("netsuite's login answered without an access token.")
    return token
