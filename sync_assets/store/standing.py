"""Records as they stand in the store, in their exact bytes, where a page tells them otherwise."""

from collections.abc import Collection, Mapping

import zstandard
from sqlalchemy import text

from sync_assets.store.engine import Store

_STANDING = text("""
    SELECT h.record_id, h.content_hash, v.page_id, v.start, v.length
    FROM raw.head h JOIN raw.version v ON v.version_id = h.version_id
    WHERE h.stream_id = :stream_id AND h.record_id = ANY(:record_ids) AND NOT h.is_deleted
""")
_BODIES = text("SELECT page_id, body FROM raw.page WHERE page_id = ANY(:page_ids)")


def standing_otherwise(store: Store, stream_id: int, told: Mapping[str, Collection[bytes]]) -> dict[str, bytes]:
    """The stored records, by id, of which a content other than the stored one was told (their hashes, by id)."""
    with store.begin() as connection:
        found = connection.execute(_STANDING, {"stream_id": stream_id, "record_ids": list(told)}).all()
        rows = [row for row in found if any(bytes(row.content_hash) != one for one in told[row.record_id])]
        pages = sorted({row.page_id for row in rows})
        bodies = connection.execute(_BODIES, {"page_ids": pages}).all() if pages else []
    unpack = zstandard.ZstdDecompressor()
    whole = {row.page_id: unpack.decompress(bytes(row.body)) for row in bodies}
    return {row.record_id: whole[row.page_id][row.start :][: row.length] for row in rows}
