"""A page decoded although one of its records cannot be: what no strict decoder takes is put behind a sign.

A lone surrogate, a NaN or a nest without end makes a whole page invalid JSON, and would keep a thousand good records
from being read. Such a token is replaced by a text that names its bytes; `restored` puts them back into the record,
which is then set aside alone. Not here: what a page or a record must look like.
"""

import re
import secrets
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar, cast

import msgspec

Documented = TypeVar("Documented")

SIGN = f"unreadable {secrets.token_hex(12)} "
"""Begins a replaced token; drawn anew in each process, so that no vendor's text can pass for one."""

DEPTH_MAX = 128
"""Brackets around a token that are still read: no vendor's page goes past twenty."""

_SIGNED = re.compile(b'"' + SIGN.encode() + b'([0-9a-f]*)"')
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]|-?\b(?:NaN|Infinity)\b', re.DOTALL)
_SUSPICIOUS = re.compile(rb"[\\\x00-\x1f]")
_REFUSED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def decode_envelope(body: bytes, kind: type[Documented]) -> Documented:
    """A reply as the documented object, unreadable tokens in it behind signs.

    Raises:
        msgspec.DecodeError, UnicodeDecodeError, RecursionError: it is no such object even so.
    """
    decoder = _decoder(cast("Any", kind))
    try:
        return cast("Documented", decoder.decode(body))
    except msgspec.ValidationError:
        raise
    except _REFUSED:
        signed = _signed(body)
        if signed == body:
            raise
    return cast("Documented", decoder.decode(signed))


def restored(record: bytes) -> bytes:
    """A record with the bytes that the vendor sent in the place of each sign."""
    if SIGN.encode() not in record:
        return record
    return _SIGNED.sub(lambda sign: bytes.fromhex(sign[1].decode()), record)


def is_signed(text: str | None) -> bool:
    """Whether a text (a cursor, an id) was made of what cannot be read."""
    return text is not None and SIGN in text


@lru_cache(maxsize=64)
def _decoder(kind: Any) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(kind, float_hook=Decimal)


def _signed(body: bytes) -> bytes:
    """The body with every unreadable token behind a sign; the same where there is none."""
    parts, kept = [], 0
    for start, end in _unreadable(body):
        parts += [body[kept:start], b'"', SIGN.encode(), body[start:end].hex().encode(), b'"']
        kept = end
    return b"".join([*parts, body[kept:]]) if parts else body


def _unreadable(body: bytes) -> Iterator[tuple[int, int]]:
    """Where tokens lie that no strict decoder takes; a value nested too deep is one from its first bracket on."""
    depth = too_deep = 0
    for found in _TOKEN.finditer(body):
        first = found[0][:1]
        if first in b"[{":
            depth += 1
            too_deep = found.start() if depth == DEPTH_MAX else too_deep
        elif first in b"]}":
            depth -= 1
            if depth == DEPTH_MAX - 1:
                yield too_deep, found.end()
        elif depth < DEPTH_MAX and not _is_readable(found[0]):
            yield found.span()


def _is_readable(token: bytes) -> bool:
    if token[:1] != b'"':
        return False
    if not _SUSPICIOUS.search(token):
        return True
    try:
        msgspec.json.decode(token)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True
