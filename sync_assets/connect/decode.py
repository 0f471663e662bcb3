"""Records as JSON: decoded strictly, or taken apart at their top level without decoding what lies below.

Pure functions. Taking apart is what every record that is read goes through, so it costs a third of decoding; a record
is decoded whole only when no record of its form was before. Not here: what its fields mean (columns.py).
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

from sync_assets.http.reply import DECODER
from sync_assets.model.errors import RejectError

RECORD_MAX = 4 * 1024 * 1024
"""Bytes of one record; the largest documented invoice has a tenth of it."""

DEPTH_MAX = 64
"""Nesting of one record; no vendor's document goes past ten."""

_FORMS_MAX = 10_000
"""Forms remembered as free of repeated names, per list of names."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_TOP_LEVEL = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NO_SKELETON = bytes(set(range(256)) - set(b"[]{}:"))
_LAID_OUT = 128
"""Bytes in which the first name of a record ends: whether a blank follows it tells how the rest is laid out."""

_BETWEEN = b"\x00"
"""Stands between values: no JSON holds it as such."""

_LONE_SURROGATE = re.compile(
    rb"\\u[dD][89abAB][\da-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][\da-fA-F]{2})\\u[dD][c-fC-F]"
)
"""Half of a pair of escapes: together they are one character, alone they are none."""

_FIRST_BYTE = itemgetter(0)
_KINDS = bytes.maketrans(b"n-0123456789f", b"Nnnnnnnnnnnnt")
"""The first byte of a JSON value to one byte per type: null apart, all numbers alike, both truth values alike."""


class Apart(NamedTuple):
    """A record's top level: its names, one byte per value's JSON type, each value's bytes, and a hash of all of it.

    `kinds` follows the names in order of the alphabet, and so does the hash: neither the order of fields, nor blanks
    between values, nor how a character is escaped mean anything.
    """

    names: tuple[str, ...]
    kinds: bytes
    values: dict[str, msgspec.Raw]
    content_hash: bytes


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """What records with the same names in the same order share."""

    names: tuple[str, ...]
    head: bytes
    ordered: Callable[[dict[str, msgspec.Raw]], tuple[msgspec.Raw, ...]]
    proven: set[tuple[bytes, bytes]] = field(default_factory=set)


@lru_cache(maxsize=4096)
def _layout(names: tuple[str, ...]) -> _Layout:
    order = tuple(sorted(names))
    ordered = itemgetter(*order) if len(order) > 1 else lambda values: tuple(values.values())
    return _Layout(names=order, head=msgspec.json.encode(order), ordered=ordered)


def take_apart(raw: bytes) -> Apart:
    """The top level of one record; RejectError with the reason when it cannot be trusted.

    A form (names, types, how brackets and colons follow each other) is proven once per process by decoding a record
    whole.
    """
    skeleton = _skeleton(raw)
    try:
        values = _TOP_LEVEL.decode(raw)
        if not raw.isascii():
            raw.decode()
    except (RecursionError, UnicodeDecodeError, msgspec.DecodeError):
        decode(raw)
        raise RejectError("type") from None
    layout = _layout(tuple(values))
    joined = _BETWEEN.join(layout.ordered(values))
    if b"\\" in joined or b'": ' in raw[:_LAID_OUT]:
        record = decode(raw)
        joined = _BETWEEN.join([_ENCODER.encode(record[name]) for name in layout.names])
    kinds = bytes(map(_FIRST_BYTE, joined.split(_BETWEEN))).translate(_KINDS) if values else b""
    form = kinds, skeleton
    if form not in layout.proven:
        _refuse_repeated_names(raw, decode(raw))
        if len(layout.proven) < _FORMS_MAX:
            layout.proven.add(form)
    digest = sha256(layout.head + joined).digest()[:16]
    return Apart(layout.names, kinds, values, digest)


def decode(raw: bytes) -> dict[str, Any]:
    """One record as Python values with exact numbers; RejectError with the reason when it cannot be trusted."""
    _skeleton(raw)
    try:
        record = DECODER.decode(raw)
    except RecursionError:
        raise RejectError("depth") from None
    except UnicodeDecodeError:
        raise RejectError("encoding") from None
    except msgspec.DecodeError as error:
        raise RejectError(why_refused(raw, str(error))) from None
    if not isinstance(record, dict):
        raise RejectError("type")
    return record


def _skeleton(raw: bytes) -> bytes:
    """The brackets and colons of a record; RejectError when it is larger or deeper than any vendor's document."""
    if len(raw) > RECORD_MAX:
        raise RejectError("too_large")
    skeleton = raw.translate(None, _NO_SKELETON)
    if len(skeleton) > 2 * DEPTH_MAX:
        brackets = skeleton.translate(None, b":")
        if len(brackets) > 2 * DEPTH_MAX and _depth(brackets) > DEPTH_MAX:
            raise RejectError("depth")
    return skeleton


def _depth(brackets: bytes) -> int:
    depth = deepest = 0
    for bracket in brackets:
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def why_refused(raw: bytes, said: str) -> str:
    """Why a strict decoder refused: a number that is none, one too large, bad text, or no JSON at all."""
    if re.search(rb"[:,\[]\s*-?(NaN|Infinity)", raw):
        return "not_finite"
    if "out of range" in said or "too large" in said.lower():
        return "number_size"
    return "encoding" if "utf-8" in said.lower() or _LONE_SURROGATE.search(raw) else "not_json"


def _refuse_repeated_names(raw: bytes, record: dict[str, Any]) -> None:
    """RejectError `dup_key` when an object names a field twice: decoders keep the last one silently."""

    def unique(pairs: list[tuple[str, Any]]) -> None:
        if len({name for name, _ in pairs}) != len(pairs):
            raise RejectError("dup_key")

    if raw.count(b'":') != _ENCODER.encode(record).count(b'":'):
        json.loads(raw, object_pairs_hook=unique)
