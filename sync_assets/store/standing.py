"""Records as they are stored, in their exact bytes: those that a page tells otherwise, and the newest kept of each."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import zstandard
from sqlalchemy import Connection, Row, text

from sync_assets.store.engine import Store

_STANDING = text("""
    SELECT h.record_id, h.content_hash, v.page_id, v.start, v.length
    FROM raw.head h JOIN raw.version v ON v.version_id = h.version_id
    WHERE h.stream_id = :stream_id AND h.record_id = ANY(:record_ids) AND NOT h.is_deleted
""")
_NEWEST = text("""
    SELECT DISTINCT ON (record_id) record_id, page_id, start, length FROM raw.version
    WHERE stream_id = :stream_id AND record_id = ANY(:record_ids) AND NOT is_deleted
    ORDER BY record_id, rank DESC, version_id DESC
""")
_BODIES = text("SELECT page_id, body FROM raw.page WHERE page_id = ANY(:page_ids)")


def standing_otherwise(store: Store, stream_id: int, told: Mapping[str, Collection[bytes]]) -> dict[str, bytes]:
    """The stored records, by id, of which a content other than the stored one was told (their hashes, by id)."""
    with store.begin() as connection:
        found = connection.execute(_STANDING, {"stream_id": stream_id, "record_ids": list(told)}).all()
        rows = [row for row in found if any(bytes(row.content_hash) != one for one in told[row.record_id])]
        return _bytes(connection, rows)


def newest_kept(store: Store, stream_id: int, record_ids: Collection[str]) -> dict[str, bytes]:
    """The newest version that is kept of each record, by id, whether or not the record counts as existing."""
    with store.begin() as connection:
        rows = connection.execute(_NEWEST, {"stream_id": stream_id, "record_ids": list(record_ids)}).all()
        return _bytes(connection, rows)


def _bytes(connection: Connection, rows: Sequence[Row[Any]]) -> dict[str, bytes]:
    pages = sorted({row.page_id for row in rows})
    bodies = connection.execute(_BODIES, {"page_ids": pages}).all() if pages else []
    unpack = zstandard.ZstdDecompressor()
    whole = {row.page_id: unpack.decompress(bytes(row.body)) for row in bodies}
    return {row.record_id: whole[row.page_id][row.start :][: row.length] for row in rows}
