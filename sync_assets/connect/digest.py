"""A page taken apart: each record decoded on its own, named, ranked and hashed; what cannot be read is set aside.

Pure functions. A bad record fails alone; its exact bytes stay in the page.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from sync_assets.connect.decode import Apart, take_apart
from sync_assets.connect.landmarks import Landmarks, joined_id, microseconds, record_id, visible
from sync_assets.connect.spec import Page, Stream, Tombstone
from sync_assets.http.envelope import decode_envelope, is_signed
from sync_assets.model.errors import RejectError
from sync_assets.store.landing import PageToLand, Rejected, Version

Shapes = Counter[tuple[tuple[str, ...], bytes]]
"""How often each combination of top-level field names and JSON types (one byte each) was seen."""

_SHORT = 48
"""Bytes by which a record is looked for in its page before it is compared whole."""


@dataclass(kw_only=True)
class Digest:
    """What a page holds: versions and rejects ready to land, and the shapes of its records."""

    stored: bytearray
    exact_bytes: int
    versions: list[Version] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    shapes: Shapes = field(default_factory=Counter)

    def to_land(self, page: Page, records_hash: bytes | None = None) -> PageToLand:
        """The page in the form that the store writes, and remembers by the hash of its records where there is one."""
        return PageToLand(
            stored=bytes(self.stored),
            exact_bytes=self.exact_bytes,
            versions=self.versions,
            rejected=self.rejected,
            next=page.next,
            covered_until=page.covered_until,
            records_hash=records_hash,
        )


def digest(stream: Stream, page: Page, opened_at: datetime) -> Digest:
    """Take a page apart; snapshots rank by when they were read, all else by the vendor's version or stamp."""
    result = Digest(stored=bytearray(page.body), exact_bytes=len(page.body))
    landmarks = Landmarks.of(stream, opened_at)
    place = 0
    for raw in page.records:
        start = _found(page.body, raw, place)
        if start < 0:
            start = len(result.stored) + 1
            result.stored += b"\n" + raw
        else:
            place = start + len(raw)
        _take(landmarks, raw, start, result)
    for tombstone in page.deleted:
        _take_tombstone(landmarks, tombstone, result)
    return result


def hash_of_records(stream: Stream, page: Page) -> bytes | None:
    """Stands for all that landing would take from a page: its records in their order, and how the stream reads them.

    None for a page without records, or with deletions. Lengths stand before the records, so that no record can run
    into the next; the envelope around them, with its cursors and times, does not count.
    """
    if not page.records or page.deleted:
        return None
    lengths = ",".join([str(len(raw)) for raw in page.records])
    named = (stream.key, stream.key_kind, stream.key_separator)
    declared = (*named, stream.stamp, stream.stamped, stream.stamp_kind, stream.version, stream.deleted)
    read_as = repr((*declared, stream.merged_into, stream.constant))
    return sha256(f"{read_as}\n{lengths}\n".encode() + b"".join(page.records)).digest()


def _found(body: bytes, raw: bytes, place: int) -> int:
    """Where a record lies in its page from a place on; -1 when it does not."""
    start = body.find(raw[:_SHORT], place)
    return start if start < 0 or body.startswith(raw, start) else body.find(raw, start)


def _take(landmarks: Landmarks, raw: bytes, start: int, result: Digest) -> None:
    try:
        apart = take_apart(raw)
        version = _version(landmarks, apart, start, len(raw))
    except RejectError as error:
        result.rejected.append(
            Rejected(
                record_id=readable_id(landmarks.stream, raw),
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


def _version(landmarks: Landmarks, apart: Apart, start: int, length: int) -> Version:
    """What the store keeps of a record beside its bytes.

    Its rank orders the versions of one record: the vendor's own number, else its stamp, else when we read it.
    """
    values = apart.values
    stamp = landmarks.stamp.of(values) if landmarks.stamp else None
    if stamp is None and landmarks.stream.stamped:
        raise RejectError("missing_field", landmarks.stream.stamp or "")
    rank = landmarks.version.of(values) if landmarks.version else None
    if rank is None:
        rank = landmarks.otherwise if stamp is None else microseconds(stamp)
    merged_into = landmarks.merged_into.of(values) if landmarks.merged_into else None
    parts = ((field.path, field.of(values)) for field in landmarks.key)
    return Version(
        record_id=joined_id(landmarks.stream, parts),
        content_hash=apart.content_hash,
        rank=rank,
        stamped_at=stamp,
        start=start,
        length=length,
        is_deleted=bool(landmarks.deleted and landmarks.deleted.of(values)),
        merged_into=merged_into or None,
    )


def readable_id(stream: Stream, raw: bytes) -> str:
    """The id of a record that cannot be trusted, as far as it can be read."""
    try:
        found = record_id(stream, decode_envelope(raw, dict[str, Any]))
    except (RejectError, msgspec.DecodeError, UnicodeDecodeError, RecursionError, AttributeError):
        return ""
    return "" if is_signed(found) else found


def _take_tombstone(landmarks: Landmarks, tombstone: Tombstone, result: Digest) -> None:
    """A deletion as a version of its own; its bytes are a line beside the page."""
    rank = microseconds(tombstone.deleted_at) if tombstone.rank is None else tombstone.rank
    line = msgspec.json.encode(
        {
            "deleted": tombstone.record_id,
            "at": tombstone.deleted_at.isoformat(),
            "merged_into": tombstone.merged_into,
        }
    )
    result.versions.append(
        Version(
            record_id=visible(tombstone.record_id),
            content_hash=sha256(line).digest()[:16],
            rank=landmarks.otherwise or rank,
            stamped_at=tombstone.deleted_at,
            start=len(result.stored) + 1,
            length=len(line),
            is_deleted=True,
            merged_into=tombstone.merged_into and visible(tombstone.merged_into),
        )
    )
    result.stored += b"\n" + line
