"""What landing must know of a record to name and rank it: its id, stamp, version number, deletion and merger.

Pure functions. Not here: how a record is taken apart (decode.py) and what becomes of it (digest.py).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from sync_assets.connect.kinds import READERS, dig, read_value
from sync_assets.connect.spec import Stream
from sync_assets.http.reply import DECODER
from sync_assets.model.errors import RejectError

_CONTROLS = re.compile(r"[\x00-\x1f]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
class Landmarks:
    """What landing reads of each record of a stream; `otherwise` ranks one with neither a number nor a stamp."""

    stream: Stream
    key: list[_Field]
    stamp: _Field | None
    version: _Field | None
    deleted: _Field | None
    merged_into: _Field | None
    otherwise: int

    @classmethod
    def of(cls, stream: Stream, opened_at: datetime) -> "Landmarks":
        """The landmarks of a stream as declared; those of a snapshot rank by when its window was opened."""
        return cls(
            stream=stream,
            key=[field for path in stream.key if (field := _Field.at(path, stream.key_kind))],
            stamp=_Field.at(stream.stamp, stream.stamp_kind),
            version=_Field.at(stream.version, "integer"),
            deleted=_Field.at(stream.deleted, "flag"),
            merged_into=_Field.at(stream.merged_into, stream.key_kind),
            otherwise=microseconds(opened_at) if stream.is_snapshot else 0,
        )


def record_id(stream: Stream, record: Mapping[str, Any]) -> str:
    """The record's id in its stream; RejectError when a part of it is absent or is written otherwise."""
    return joined_id(stream, ((path, read_value(stream.key_kind, dig(record, path.split(".")))) for path in stream.key))


def joined_id(stream: Stream, found: Iterable[tuple[str, str | None]]) -> str:
    """The parts of an id, each with its path, as one id."""
    parts = []
    for path, part in found:
        if not part:
            raise RejectError("missing_field", path)
        parts.append(visible(part))
    return stream.key_separator.join(parts)


def visible(name: str) -> str:
    """The text with control characters as JSON escapes: no id holds one, so that one may stand between ids."""
    return name if name.isprintable() else _CONTROLS.sub(lambda control: f"\\u{ord(control[0]):04x}", name)


def microseconds(instant: datetime) -> int:
    """Whole microseconds since 1970, exactly."""
    past = instant - _EPOCH
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds
