"""A page taken apart: each record decoded on its own, named, ranked and hashed; what cannot be read is set aside.

Pure functions. A bad record fails alone; its exact bytes stay in the page.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import msgspec

from sync_assets.connect.columns import dig, read_value
from sync_assets.connect.spec import Page, Stream, Tombstone
from sync_assets.http.reply import DECODER
from sync_assets.model.errors import RejectError
from sync_assets.store.landing import PageToLand, Rejected, Version

RECORD_MAX = 4 * 1024 * 1024
"""Bytes of one record; the largest documented invoice has a tenth of it."""

DEPTH_MAX = 64
"""Nesting of one record; no vendor's document goes past ten."""

Shapes = Counter[tuple[tuple[str, ...], tuple[type, ...]]]
"""How often each combination of top-level field names and value types was seen."""

_ENCODER = msgspec.json.Encoder(order="sorted", decimal_format="number")
_BRACKETS = re.compile(rb"[\[\]{}]")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(kw_only=True)
class Digest:
    """What a page holds: versions and rejects ready to land, and the shapes of its records."""

    stored: bytearray
    exact_bytes: int
    versions: list[Version] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    shapes: Shapes = field(default_factory=Counter)

    def to_land(self, page: Page) -> PageToLand:
        """The page in the form that the store writes."""
        return PageToLand(
            stored=bytes(self.stored),
            exact_bytes=self.exact_bytes,
            versions=self.versions,
            rejected=self.rejected,
            next=page.next,
            covered_until=page.covered_until,
        )


def digest(stream: Stream, page: Page, window_end: datetime) -> Digest:
    """Take a page apart; snapshots rank by the window's end, all else by the vendor's version or stamp."""
    result = Digest(stored=bytearray(page.body), exact_bytes=len(page.body))
    place = 0
    for raw in page.records:
        start = page.body.find(raw, place)
        if start < 0:
            start = len(result.stored) + 1
            result.stored += b"\n" + raw
        else:
            place = start + len(raw)
        _take(stream, raw, start, window_end, result)
    for tombstone in page.deleted:
        _take_tombstone(tombstone, result)
    return result


def _take(stream: Stream, raw: bytes, start: int, window_end: datetime, result: Digest) -> None:
    try:
        record = decode(raw)
        version = _version(stream, record, raw, window_end)
    except RejectError as error:
        content_hash = blake2b(raw, digest_size=16).digest()
        result.rejected.append(
            Rejected(
                record_id=_readable_id(stream, raw),
                content_hash=content_hash,
                reason=error.reason,
                field=error.field,
                start=start,
                length=len(raw),
            )
        )
        return
    result.shapes[tuple(record), tuple(map(type, record.values()))] += 1
    result.versions.append(Version(start=start, length=len(raw), **version))


def decode(raw: bytes) -> dict[str, Any]:
    """One record as Python values with exact numbers; RejectError with the reason when it cannot be trusted."""
    if len(raw) > RECORD_MAX:
        raise RejectError("too_large")
    if raw.count(b"{") + raw.count(b"[") > DEPTH_MAX and _depth(raw) > DEPTH_MAX:
        raise RejectError("depth")
    try:
        record = DECODER.decode(raw)
    except RecursionError:
        raise RejectError("depth") from None
    except UnicodeDecodeError:
        raise RejectError("encoding") from None
    except msgspec.DecodeError as error:
        raise RejectError(_reason(raw, str(error))) from None
    if not isinstance(record, dict):
        raise RejectError("type")
    return record


def _depth(raw: bytes) -> int:
    depth = deepest = 0
    for bracket in _BRACKETS.findall(raw):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _reason(raw: bytes, said: str) -> str:
    """Why a strict decoder refused: a number that is none, one too large, bad text, or no JSON at all."""
    if re.search(rb":\s*-?(NaN|Infinity)", raw):
        return "not_finite"
    if "out of range" in said or "too large" in said.lower():
        return "number_size"
    return "encoding" if "utf-8" in said.lower() or "surrogate" in said.lower() else "not_json"


def _version(stream: Stream, record: dict[str, Any], raw: bytes, window_end: datetime) -> dict[str, Any]:
    """What the store keeps of a record beside its bytes."""
    stamp = read_value(stream.stamp_kind, dig(record, stream.stamp.split("."))) if stream.stamp else None
    encoded = _ENCODER.encode(record)
    if raw.count(b'":') != encoded.count(b'":'):
        _refuse_repeated_names(raw)
    return {
        "record_id": record_id(stream, record),
        "content_hash": blake2b(encoded, digest_size=16).digest(),
        "rank": _rank(stream, record, stamp, window_end),
        "stamped_at": stamp,
        "is_deleted": bool(stream.deleted and read_value("flag", dig(record, stream.deleted.split(".")))),
        "merged_into": _text_at(record, stream.merged_into),
    }


def _refuse_repeated_names(raw: bytes) -> None:
    """RejectError `dup_key` when an object names a field twice: decoders keep the last one silently."""

    def unique(pairs: list[tuple[str, Any]]) -> None:
        if len({name for name, _ in pairs}) != len(pairs):
            raise RejectError("dup_key")

    json.loads(raw, object_pairs_hook=unique)


def record_id(stream: Stream, record: Mapping[str, Any]) -> str:
    """The record's id in its stream; RejectError `missing_field` when a part of it is absent."""
    parts = []
    for path in stream.key:
        part = read_value("text", dig(record, path.split(".")))
        if not part:
            raise RejectError("missing_field", path)
        parts.append(part.replace("\x00", "\\u0000"))
    return stream.key_separator.join(parts)


def _readable_id(stream: Stream, raw: bytes) -> str:
    """The id of a record that cannot be trusted, as far as it can be read."""
    try:
        return record_id(stream, DECODER.decode(raw))
    except (RejectError, msgspec.DecodeError, UnicodeDecodeError, RecursionError, AttributeError):
        return ""


def _rank(stream: Stream, record: Mapping[str, Any], stamp: datetime | None, window_end: datetime) -> int:
    """A number that orders the versions of one record: the vendor's own, else its stamp, else when we read it."""
    if stream.version:
        own = read_value("integer", dig(record, stream.version.split(".")))
        if own is not None:
            return int(own)
    if stamp is not None:
        return microseconds(stamp)
    return microseconds(window_end) if stream.is_snapshot else 0


def microseconds(instant: datetime) -> int:
    """Whole microseconds since 1970, exactly."""
    past = instant - EPOCH
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def _text_at(record: Mapping[str, Any], path: str | None) -> str | None:
    value: str | None = read_value("text", dig(record, path.split("."))) if path else None
    return value or None


def _take_tombstone(tombstone: Tombstone, result: Digest) -> None:
    """A deletion as a version of its own; its bytes are a line beside the page."""
    line = msgspec.json.encode(
        {
            "deleted": tombstone.record_id,
            "at": tombstone.deleted_at.isoformat(),
            "merged_into": tombstone.merged_into,
        }
    )
    result.versions.append(
        Version(
            record_id=tombstone.record_id,
            content_hash=blake2b(line, digest_size=16).digest(),
            rank=microseconds(tombstone.deleted_at),
            stamped_at=tombstone.deleted_at,
            start=len(result.stored) + 1,
            length=len(line),
            is_deleted=True,
            merged_into=tombstone.merged_into,
        )
    )
    result.stored += b"\n" + line
