"""A page taken apart: each record decoded on its own, named, ranked and hashed; what cannot be read is set aside.

Pure functions. A bad record fails alone; its exact bytes stay in the page.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec

from sync_assets.connect.decode import Apart, take_apart
from sync_assets.connect.kinds import READERS, dig, read_value
from sync_assets.connect.spec import Page, Stream, Tombstone
from sync_assets.http.envelope import decode_envelope, is_signed
from sync_assets.http.reply import DECODER
from sync_assets.model.errors import RejectError
from sync_assets.store.landing import PageToLand, Rejected, Version

Shapes = Counter[tuple[tuple[str, ...], bytes]]
"""How often each combination of top-level field names and JSON types (one byte each) was seen."""

_CONTROLS = re.compile(r"[\x00-\x1f]")
_SHORT = 48
"""Bytes by which a record is looked for in its page before it is compared whole."""

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


def digest(stream: Stream, page: Page, opened_at: datetime) -> Digest:
    """Take a page apart; snapshots rank by when they were read, all else by the vendor's version or stamp."""
    result = Digest(stored=bytearray(page.body), exact_bytes=len(page.body))
    reading = _Reading.of(stream, opened_at)
    place = 0
    for raw in page.records:
        start = _found(page.body, raw, place)
        if start < 0:
            start = len(result.stored) + 1
            result.stored += b"\n" + raw
        else:
            place = start + len(raw)
        _take(reading, raw, start, result)
    for tombstone in page.deleted:
        _take_tombstone(reading, tombstone, result)
    return result


def _found(body: bytes, raw: bytes, place: int) -> int:
    """Where a record lies in its page from a place on; -1 when it does not."""
    start = body.find(raw[:_SHORT], place)
    return start if start < 0 or body.startswith(raw, start) else body.find(raw, start)


@dataclass(frozen=True, kw_only=True)
class _Field:
    """One value that landing reads of each record: the top-level name it lies under, the steps below, its kind."""

    path: str
    name: str
    below: list[str]
    read: Callable[[Any], Any]

    @classmethod
    def at(cls, path: str | None, kind: str) -> "_Field | None":
        """The field at a path; None where a stream declares none."""
        if not path:
            return None
        name, *below = path.split(".")
        return cls(path=path, name=name, below=below, read=READERS[kind])

    def of(self, values: Mapping[str, msgspec.Raw]) -> Any:
        """The typed value in a record; None where there is none."""
        raw = values.get(self.name)
        value = None if raw is None else DECODER.decode(raw)
        if self.below:
            value = dig(value, self.below)
        return None if value is None else self.read(value)


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """What landing reads of each record of a stream."""

    stream: Stream
    key: list[_Field]
    stamp: _Field | None
    version: _Field | None
    deleted: _Field | None
    merged_into: _Field | None
    otherwise: int

    @classmethod
    def of(cls, stream: Stream, opened_at: datetime) -> "_Reading":
        return cls(
            stream=stream,
            key=[field for path in stream.key if (field := _Field.at(path, "text"))],
            stamp=_Field.at(stream.stamp, stream.stamp_kind),
            version=_Field.at(stream.version, "integer"),
            deleted=_Field.at(stream.deleted, "flag"),
            merged_into=_Field.at(stream.merged_into, "text"),
            otherwise=microseconds(opened_at) if stream.is_snapshot else 0,
        )


def _take(reading: _Reading, raw: bytes, start: int, result: Digest) -> None:
    try:
        apart = take_apart(raw)
        version = _version(reading, apart, start, len(raw))
    except RejectError as error:
        result.rejected.append(
            Rejected(
                record_id=_readable_id(reading.stream, raw),
                content_hash=sha256(raw).digest()[:16],
                reason=error.reason,
                field=error.field,
                start=start,
                length=len(raw),
            )
        )
        return
    result.shapes[apart.names, apart.kinds] += 1
    result.versions.append(version)


def _version(reading: _Reading, apart: Apart, start: int, length: int) -> Version:
    """What the store keeps of a record beside its bytes.

    Its rank orders the versions of one record: the vendor's own number, else its stamp, else when we read it.
    """
    values = apart.values
    stamp = reading.stamp.of(values) if reading.stamp else None
    rank = reading.version.of(values) if reading.version else None
    if rank is None:
        rank = reading.otherwise if stamp is None else microseconds(stamp)
    merged_into = reading.merged_into.of(values) if reading.merged_into else None
    parts = ((field.path, field.of(values)) for field in reading.key)
    return Version(
        record_id=_joined(reading.stream, parts),
        content_hash=apart.content_hash,
        rank=rank,
        stamped_at=stamp,
        start=start,
        length=length,
        is_deleted=bool(reading.deleted and reading.deleted.of(values)),
        merged_into=merged_into or None,
    )


def record_id(stream: Stream, record: Mapping[str, Any]) -> str:
    """The record's id in its stream; RejectError `missing_field` when a part of it is absent."""
    return _joined(stream, ((path, read_value("text", dig(record, path.split(".")))) for path in stream.key))


def _joined(stream: Stream, found: Iterable[tuple[str, str | None]]) -> str:
    """The parts of an id, each with its path, as one id."""
    parts = []
    for path, part in found:
        if not part:
            raise RejectError("missing_field", path)
        parts.append(_visible(part))
    return stream.key_separator.join(parts)


def _visible(name: str) -> str:
    """The text with control characters as JSON escapes: no id holds one, so that one may stand between ids."""
    return name if name.isprintable() else _CONTROLS.sub(lambda control: f"\\u{ord(control[0]):04x}", name)


def _readable_id(stream: Stream, raw: bytes) -> str:
    """The id of a record that cannot be trusted, as far as it can be read."""
    try:
        found = record_id(stream, decode_envelope(raw, dict[str, Any]))
    except (RejectError, msgspec.DecodeError, UnicodeDecodeError, RecursionError, AttributeError):
        return ""
    return "" if is_signed(found) else found


def microseconds(instant: datetime) -> int:
    """Whole microseconds since 1970, exactly."""
    past = instant - EPOCH
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def _take_tombstone(reading: _Reading, tombstone: Tombstone, result: Digest) -> None:
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
            record_id=_visible(tombstone.record_id),
            content_hash=sha256(line).digest()[:16],
            rank=reading.otherwise or microseconds(tombstone.deleted_at),
            stamped_at=tombstone.deleted_at,
            start=len(result.stored) + 1,
            length=len(line),
            is_deleted=True,
            merged_into=tombstone.merged_into and _visible(tombstone.merged_into),
        )
    )
    result.stored += b"\n" + line
