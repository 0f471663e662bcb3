"""Token-based login: is this OAuth 1.0a signature the one the secrets give?

Belongs here: HMAC-SHA256 over the request as RFC 5849 lays it out, the realm, the timestamp window, nonces.
Source: RFC 5849; Oracle online help, Token-based Authentication (HMAC-SHA256, realm = account id). The window of 300 s
and single use of nonces are what integrators observe.
"""

import hashlib
import hmac
import re
import time
from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from sync_assets.sandbox.vendors.netsuite.account import Account
from sync_assets.sandbox.wire import Request

WINDOW_S = 300

_PARAMETER = re.compile(r'\s*([A-Za-z_]+)="([^"]*)"\s*(?:,|$)')


def _encoded(text: str) -> str:
    return quote(text, safe="~-._")


@dataclass(kw_only=True)
class SignatureCheck:
    """Checks signatures of one account and remembers the nonces of the last minutes."""

    account: Account
    _nonces: dict[str, float] = field(default_factory=dict)

    def holds(self, request: Request, header: str) -> bool:
        """True when the Authorization header (without its word OAuth) signs this very request, now and once."""
        given = {name: unquote(value) for name, value in _PARAMETER.findall(header)}
        realm = given.pop("realm", "")
        signature = given.pop("oauth_signature", "")
        expected = {
            "oauth_consumer_key": self.account.secret("consumer"),
            "oauth_token": self.account.secret("token"),
            "oauth_signature_method": "HMAC-SHA256",
        }
        if realm != self.account.number or any(given.get(name) != value for name, value in expected.items()):
            return False
        if given.get("oauth_version", "1.0") != "1.0" or not self._timely(given.get("oauth_timestamp", "")):
            return False
        if not hmac.compare_digest(signature, self._signature(request, given)):
            return False
        return self._first_use(given.get("oauth_nonce", ""))

    def _signature(self, request: Request, given: dict[str, str]) -> str:
        pairs = [(_encoded(name), _encoded(value)) for name, value in (*request.query, *given.items())]
        if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            pairs += [(_encoded(name), _encoded(value)) for name, value in request.form().items()]
        parameters = "&".join(f"{name}={value}" for name, value in sorted(pairs))
        url = f"{request.base_url}{request.path}"
        base = "&".join(_encoded(part) for part in (request.method.upper(), url, parameters))
        secrets = (self.account.secret("consumer-secret"), self.account.secret("token-secret"))
        key = "&".join(_encoded(secret) for secret in secrets)
        return b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()).decode()

    def _timely(self, timestamp: str) -> bool:
        return timestamp.isdigit() and abs(time.time() - int(timestamp)) <= WINDOW_S

    def _first_use(self, nonce: str) -> bool:
        now = time.time()
        for old in [known for known, seen in self._nonces.items() if seen < now - 2 * WINDOW_S]:
            del self._nonces[old]
        if not nonce or nonce in self._nonces:
            return False
        self._nonces[nonce] = now
        return True
