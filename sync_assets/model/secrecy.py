"""Texts without credentials: what a system echoes of our requests must not reach an error, a report or a log.

Known values are hidden however they are written, and what only looks like a credential too. Not here: which values a
request carries (http/carried.py).
"""

import base64
import json
import re
from collections.abc import Collection, Iterator
from urllib.parse import quote

HIDDEN = "[hidden]"
"""Stands where a credential stood."""

KNOWN_MIN = 8
"""Signs of the shortest value that is looked for: a shorter one is no secret, and part of many words."""

_AROUND = 99
"""Signs of base64 on either side of a value that are hidden with it: bounded, so that no text takes long."""

_PAIR = r'\w+=\\?"[^"\\]*(?:\\?"|$)'
_VALUE = r"(?=\S*[0-9A-Z])[^\s\"'\\]{8,}"
_LOOKS_SECRET = re.compile(
    rf"(?i:\b(?P<scheme>bearer|basic|oauth)(?:\s|%20|\+)+)(?:{_PAIR}(?:[,\s]+{_PAIR})*|{_VALUE})"
    r'|\boauth_(?:consumer_key|token|nonce|signature)=\\?"?[^"\\,\s]+'
    r"|\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}"
    r"|\b[rs]k_(?:live|test)_\w+"
    r"|\b00D\w{12,15}![\w.]+"
    r"|-----BEGIN [A-Z ]*KEY-----.*"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)",
    re.DOTALL,
)
"""Headers of RFC 7617, 6750 and 5849, JSON web tokens, keys of Stripe, sessions of Salesforce, PEM keys, users in URLs.

Source: docs.stripe.com/keys (prefixes); a Salesforce session is the org's id, `!` and a random text.
"""


def without_credentials(text: str) -> str:
    """The text with `[hidden]` in the place of all that looks like a credential."""
    return _LOOKS_SECRET.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    return f"{found['scheme']} {HIDDEN}" if found["scheme"] else HIDDEN


def without_known(text: str, secrets: Collection[str]) -> str:
    """The text with `[hidden]` in the place of these values, be they plain, in JSON, in a URL, in base64 or in hex."""
    known = [secret for secret in secrets if len(secret) >= KNOWN_MIN]
    ways = sorted({way for secret in known for way in _ways(secret)}, key=len, reverse=True)
    return re.sub("|".join(ways), HIDDEN, text) if ways else text


def _ways(secret: str) -> Iterator[str]:
    """Patterns of how a value may be written."""
    plain = secret.encode()
    yield re.escape(secret)
    yield re.escape(json.dumps(secret)[1:-1]).replace("/", r"\\?/")
    yield re.escape(quote(secret, safe=""))
    yield f"(?i:{plain.hex()})"
    # Within a longer text each sign's place in base64 depends on how many stand before it; edges mix with neighbours.
    for before in range(3):
        inner = base64.b64encode(b"\0" * before + plain).decode().rstrip("=")[(before * 4 + 2) // 3 :][:-1]
        core = re.escape(inner).replace(re.escape("+"), r"[+-]").replace("/", "[/_]")
        yield rf"[\w+/-]{{0,{_AROUND}}}{core}[\w+/=-]{{0,{_AROUND}}}"
