"""The credentials that one request carries, which its reply may repeat. Not here: hiding them (model/secrecy.py)."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from sync_assets.model.secrecy import without_known

if TYPE_CHECKING:
    from requests import PreparedRequest

_SECRET_FIELDS = frozenset({"client_id", "client_secret", "client_assertion", "assertion", "password"})
"""What a login's form holds in confidence. Source: RFC 6749 section 2.3.1, RFC 7523 section 2."""

_SIGNED = re.compile(r'oauth_(?:consumer_key|token|signature)="([^"]*)"')


def without_carried(text: str, request: "PreparedRequest") -> str:
    """A text of a reply with none of the credentials that its request carried."""
    return without_known(text, set(_carried(request)))


def _carried(request: "PreparedRequest") -> Iterator[str]:
    scheme, _, value = _text(request.headers.get("Authorization")).partition(" ")
    yield value
    yield from _WITHIN.get(scheme, _nothing)(value)
    if request.headers.get("Content-Type") == "application/x-www-form-urlencoded":
        yield from (said for name, said in parse_qsl(_text(request.body)) if name in _SECRET_FIELDS)


def _user_and_password(value: str) -> Iterator[str]:
    try:
        user, _, password = base64.b64decode(value).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return
    yield from (user, password)


def _signature(value: str) -> Iterator[str]:
    for quoted in _SIGNED.findall(value):
        yield from (quoted, unquote(quoted))


def _nothing(_value: str) -> Iterator[str]:
    return iter(())


_WITHIN: dict[str, Callable[[str], Iterator[str]]] = {"Basic": _user_and_password, "OAuth": _signature}


def _text(part: object) -> str:
    return part.decode("latin-1") if isinstance(part, bytes) else part if isinstance(part, str) else ""
