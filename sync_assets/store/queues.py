"""What is still under way to our copies: records that were set aside, and windows that are not read to their end."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import zstandard
from sqlalchemy import Connection, Row, text


@dataclass(frozen=True, kw_only=True)
class Span:
    """A window of a stream that is not read to its end; without a start it covers everything before its end."""

    system: str
    stream: str
    start_at: datetime | None
    end_at: datetime


@dataclass(frozen=True, kw_only=True)
class Letter:
    """An open dead letter: the record as the vendor sent it, byte for byte."""

    system: str
    stream: str
    record_id: str
    entity: str
    seen_at: datetime
    raw: bytes


_WINDOWS = text("""
    SELECT s.system, s.name AS stream, w.start_at, w.end_at FROM sync.window w JOIN sync.stream s USING (stream_id)
    WHERE w.closed_at IS NULL ORDER BY w.window_id
""")
_HOLDING = text("""
    SELECT s.system, s.name FROM sync.stream s WHERE EXISTS (SELECT FROM sync.dead_letter d
        WHERE d.stream_id = s.stream_id AND d.resolved_at IS NULL)
""")
_LETTERS = text("""
    SELECT s.system, s.name AS stream, d.record_id, d.entity, d.seen_at, d.page_id, d.start, d.length
    FROM sync.dead_letter d JOIN sync.stream s USING (stream_id)
    WHERE s.system = :system AND s.name = :stream AND d.resolved_at IS NULL ORDER BY d.dead_letter_id
""")
_BODIES = text("SELECT page_id, body FROM raw.page WHERE page_id = ANY(:page_ids)")


def unfinished_spans(connection: Connection) -> list[Span]:
    """Every window that is not read to its end, backfills among them."""
    return [Span(**row) for row in connection.execute(_WINDOWS).mappings()]


def streams_with_letters(connection: Connection) -> set[tuple[str, str]]:
    """The (system, stream) pairs that have open dead letters."""
    return {(row.system, row.name) for row in connection.execute(_HOLDING)}


def open_letters(connection: Connection, streams: Iterable[tuple[str, str]]) -> list[Letter]:
    """The open dead letters of streams."""
    by_page: dict[int, list[Row[Any]]] = defaultdict(list)
    for system, stream in streams:
        for row in connection.execute(_LETTERS, {"system": system, "stream": stream}):
            by_page[row.page_id].append(row)
    unpack, letters = zstandard.ZstdDecompressor(), []
    for page in connection.execute(_BODIES, {"page_ids": sorted(by_page)}):
        body = unpack.decompress(bytes(page.body))
        letters += [_letter(row, body) for row in by_page[page.page_id]]
    return letters


def _letter(row: Row[Any], body: bytes) -> Letter:
    told = {name: getattr(row, name) for name in ("system", "stream", "record_id", "entity", "seen_at")}
    return Letter(**told, raw=body[row.start :][: row.length])
