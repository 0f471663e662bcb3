"""How a system is convinced of who we are: basic, bearer, signed requests, and tokens fetched by a login."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from sync_assets.model.errors import UnreachableError

if TYPE_CHECKING:
    from requests import PreparedRequest


class Auth(Protocol):
    """Signs one request at a time."""

    def sign(self, request: "PreparedRequest") -> "PreparedRequest":
        """The request with its credentials."""

    def renew(self) -> bool:
        """Get fresh credentials after a 401; False when there is nothing fresh to get."""


@dataclass(frozen=True, kw_only=True)
class Basic:
    """User and password in every request (RFC 7617)."""

    username: str
    password: str = field(default="", repr=False)

    def sign(self, request: "PreparedRequest") -> "PreparedRequest":
        from requests.auth import HTTPBasicAuth

        signed: PreparedRequest = HTTPBasicAuth(self.username.encode(), self.password.encode())(request)
        return signed

    def renew(self) -> bool:
        return False


@dataclass(frozen=True, kw_only=True)
class Bearer:
    """A fixed token in every request (RFC 6750)."""

    token: str = field(repr=False)

    def sign(self, request: "PreparedRequest") -> "PreparedRequest":
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request

    def renew(self) -> bool:
        return False


@dataclass(frozen=True, kw_only=True)
class Signed:
    """OAuth 1.0a with HMAC-SHA256: each request is signed with the consumer's and the token's secret (RFC 5849)."""

    consumer_key: str
    consumer_secret: str = field(repr=False)
    token_id: str
    token_secret: str = field(repr=False)
    realm: str

    def sign(self, request: "PreparedRequest") -> "PreparedRequest":
        from requests_oauthlib import OAuth1

        signer = OAuth1(
            client_key=self.consumer_key,
            client_secret=self.consumer_secret,
            resource_owner_key=self.token_id,
            resource_owner_secret=self.token_secret,
            signature_method="HMAC-SHA256",
            realm=self.realm,
        )
        signed: PreparedRequest = signer(request)
        return signed

    def renew(self) -> bool:
        return False


@dataclass(frozen=True, kw_only=True)
class Token:
    """What a login gives: the token, and where the system names them the base URL of later requests and the account."""

    access_token: str = field(repr=False)
    base_url: str | None = None
    account: str = ""


@dataclass(kw_only=True)
class Login:
    """A token fetched by `fetch` before the first request and again, once, whenever the system no longer accepts it."""

    fetch: Callable[[], Token] = field(repr=False)
    _token: Token | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def token(self) -> Token:
        """The token in use, fetched on first need by one thread while the others wait."""
        with self._lock:
            if self._token is None:
                self._token = self.fetch()
            return self._token

    def sign(self, request: "PreparedRequest") -> "PreparedRequest":
        request.headers["Authorization"] = f"Bearer {self.token().access_token}"
        return request

    def renew(self) -> bool:
        with self._lock:
            self._token = self.fetch()
        return True


def refused(system: str, setting: str) -> UnreachableError:
    """The error of a login that was refused, naming the settings to look at and no secret."""
    return UnreachableError(f"{system} refused the login; check {setting} and that the user behind it is active.")
