"""Logging in: the token endpoint's client credentials and JWT bearer flows, and the sessions they open.

Credentials come from the seed; the key pair of the JWT flow is made when first asked for.
Source: help.salesforce.com remoteaccess_oauth_client_credentials_flow, remoteaccess_oauth_jwt_flow; the claims as the
client `simple_salesforce` sends them.
"""

import base64
import binascii
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sync_assets.sandbox.vendors.salesforce.errors import RefusalError, TokenRefusalError
from sync_assets.sandbox.vendors.salesforce.org import Org
from sync_assets.sandbox.wire import Reply, Request

_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LOGIN_HOSTS = ("https://login.salesforce.com", "https://test.salesforce.com")
_ASSERTION_LIVES_S = 300


@dataclass(kw_only=True)
class _Session:
    used_at: datetime
    requests: int = 0


@dataclass(kw_only=True)
class Logins:
    """The connected app of one org, its key, and the open sessions."""

    org: Org
    _sessions: dict[str, _Session] = field(default_factory=dict)
    _opened: int = 0

    @property
    def client_id(self) -> str:
        """The consumer key."""
        return f"sandbox-consumer-{self._digest('client')[:20]}"

    @property
    def client_secret(self) -> str:
        """The consumer secret."""
        return f"sandbox-secret-{self._digest('secret')[:32]}"

    @property
    def username(self) -> str:
        """The pre-authorised user of the JWT flow."""
        return f"sync.{self.org.seed}@sandbox.example"

    @cached_property
    def private_key(self) -> str:
        """The PEM text of the key whose certificate the connected app holds."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        return key.private_bytes(*pem).decode()

    def token(self, request: Request) -> Reply:
        """The token endpoint.

        Raises:
            TokenRefusalError: unsupported grant, unknown client, or an assertion that does not hold.
        """
        form = request.form()
        grant = form.get("grant_type", "")
        if request.method != "POST" or grant not in {"client_credentials", _JWT_GRANT}:
            raise TokenRefusalError("unsupported_grant_type", "grant type not supported")
        if grant == _JWT_GRANT:
            self._check_assertion(form.get("assertion", ""), request.base_url)
        elif _credentials(request, form) != (self.client_id, self.client_secret):
            raise TokenRefusalError("invalid_client", "invalid client credentials")
        now = self.org.shelf.clock.now()
        issued = str(int(now.timestamp() * 1000))
        return Reply.of(
            {
                "access_token": self._open(now),
                "signature": base64.b64encode(sha256(issued.encode()).digest()).decode(),
                "scope": "api",
                "instance_url": request.base_url,
                "id": f"{request.base_url}/id/{self.org.org_id}/{self.org.user_id}",
                "token_type": "Bearer",
                "issued_at": issued,
            }
        )

    def check(self, request: Request) -> None:
        """Let a request with a live session pass.

        Raises:
            RefusalError: INVALID_SESSION_ID when there is none.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        session = self._sessions.get(token.strip()) if scheme.lower() in {"bearer", "oauth"} else None
        now = self.org.shelf.clock.now()
        if session is None or self._is_dead(session, now):
            self._sessions.pop(token.strip(), None)
            raise RefusalError(401, "INVALID_SESSION_ID", "Session expired or invalid")
        session.used_at = now
        session.requests += 1

    def revoke(self) -> None:
        """End every open session."""
        self._sessions.clear()

    def _is_dead(self, session: _Session, now: datetime) -> bool:
        quirks = self.org.quirks
        spent = quirks.expire_tokens_after is not None and session.requests >= quirks.expire_tokens_after
        return spent or now - session.used_at > timedelta(seconds=quirks.session_idle_s)

    def _open(self, now: datetime) -> str:
        self._opened += 1
        token = f"{self.org.org_id[:15]}!AQ{self._digest(f'session {self._opened}')}"
        self._sessions[token] = _Session(used_at=now)
        return token

    def _check_assertion(self, assertion: str, base_url: str) -> None:
        try:
            key = serialization.load_pem_private_key(self.private_key.encode(), None).public_key()
            claims = jwt.decode(
                assertion,
                key,  # type: ignore[arg-type]  # an RSA public key, by construction
                algorithms=["RS256"],
                audience=[*_LOGIN_HOSTS, base_url],
                options={"verify_exp": False, "require": ["exp", "iss", "sub", "aud"]},
            )
        except jwt.InvalidAudienceError as wrong:
            raise TokenRefusalError("invalid_grant", "audience is invalid") from wrong
        except jwt.InvalidTokenError as wrong:
            raise TokenRefusalError("invalid_grant", "invalid assertion") from wrong
        if claims["iss"] != self.client_id:
            raise TokenRefusalError("invalid_client_id", "client identifier invalid")
        if claims["sub"] != self.username:
            raise TokenRefusalError("invalid_grant", "user hasn't approved this consumer")
        # A client lives in real time or in the sandbox's: an assertion is fresh when it is so by either clock.
        clocks = (time.time(), self.org.shelf.clock.now().timestamp())
        if not any(0 < int(claims["exp"]) - now <= _ASSERTION_LIVES_S for now in clocks):
            raise TokenRefusalError("invalid_grant", "expired authorization code")

    def _digest(self, what: str) -> str:
        return sha256(f"salesforce {self.org.seed} {what}".encode()).hexdigest()


def _credentials(request: Request, form: dict[str, str]) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client_id, secret
