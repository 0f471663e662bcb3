"""Who may come in: OAuth 2 with a signed assertion (machine to machine), and token-based OAuth 1.0a.

Belongs here: the token endpoint, access tokens, and the check of each request's Authorization header. Logins are
checked against real time, as a client's clock runs in real time whatever the sandbox's clock says.
Source: Oracle online help, OAuth 2.0 Client Credentials Flow (PS256/384/512 and ES256/384/512, `kid` of the
certificate, at most 60 minutes between `iat` and `exp`, tokens of 60 minutes, no refresh token).
"""

import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from sync_assets.sandbox.vendors.netsuite.account import Account
from sync_assets.sandbox.vendors.netsuite.errors import refuse
from sync_assets.sandbox.vendors.netsuite.signature import SignatureCheck
from sync_assets.sandbox.wire import Reply, Request

TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 - a path

_ALGORITHMS = ["PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_HOUR = 3600
_SCOPE = "rest_webservices"


class _AssertionError(Exception):
    """The assertion is refused; the message is the error code."""


@dataclass(kw_only=True)
class Login:
    """The account's door: certificates it knows, tokens it gave, signatures it has seen."""

    account: Account
    certificates: dict[str, EllipticCurvePublicKey | RSAPublicKey] = field(default_factory=dict)
    _expiries: dict[str, float] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: count(1))
    _signatures: SignatureCheck = field(init=False)

    def __post_init__(self) -> None:
        self.certificates[self.account.certificate_id] = self.account.private_key().public_key()
        self._signatures = SignatureCheck(account=self.account)

    def token(self, request: Request) -> Reply:
        """The token endpoint's answer: an access token, or an OAuth error."""
        form = request.form()
        if request.method != "POST" or form.get("grant_type") != "client_credentials":
            return _refused("unsupported_grant_type")
        if form.get("client_assertion_type") != _ASSERTION_TYPE:
            return _refused("invalid_request")
        try:
            self._assertion(form.get("client_assertion", ""), f"{request.base_url}{TOKEN_PATH}")
        except _AssertionError as refused:
            return _refused(str(refused))
        seconds = self.account.quirks.token_seconds
        token = self.account.secret(f"access-{next(self._numbers)}", 40)
        self._expiries[token] = time.time() + seconds
        body = {"access_token": token, "expires_in": str(max(seconds, _HOUR)), "token_type": "Bearer"}
        return Reply.of(body)

    def _assertion(self, assertion: str, url: str) -> None:
        try:
            head = jwt.get_unverified_header(assertion)
            key = self.certificates.get(head.get("kid", ""))
            if key is None or head.get("alg") not in _ALGORITHMS:
                raise _AssertionError("invalid_client")
            claims = jwt.decode(
                assertion,
                key,
                algorithms=_ALGORITHMS,
                audience=url,
                options={"require": ["iss", "iat", "exp", "scope"]},
            )
        except jwt.PyJWTError:
            raise _AssertionError("invalid_client") from None
        if claims["iss"] != self.account.secret("client") or claims["exp"] - claims["iat"] > _HOUR:
            raise _AssertionError("invalid_client")
        scopes = claims["scope"].split(",") if isinstance(claims["scope"], str) else claims["scope"]
        if _SCOPE not in [scope.strip() for scope in scopes]:
            raise _AssertionError("invalid_scope")

    def check(self, request: Request) -> None:
        """Let the request in.

        Raises:
            RefusedError: 401 with INVALID_LOGIN, as NetSuite answers every failed login.
        """
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and self._expiries.get(value.strip(), 0.0) > time.time():
            return
        if kind.lower() == "oauth" and self._signatures.holds(request, value):
            return
        raise refuse(401, "INVALID_LOGIN")


def _refused(code: str) -> Reply:
    return Reply.of({"error": code}, status=401 if code == "invalid_client" else 400)
