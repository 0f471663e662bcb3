"""What the source shows of records beside what is stored of them, by the hashes of their contents.

The second signal for records that changed without a newer change stamp, or have none. Not here: which lists show
records whole (systems/<system>/audit.py), what is believed (connect/audit_contents.py).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text

from sync_assets.store.audits import Audit, Difference
from sync_assets.store.engine import Store
from sync_assets.store.lists import INSTANTS, TEXTS, instants, texts


class Shown(NamedTuple):
    """A record as the auditor's list shows it: the hash of its content, its change stamp, and since when it is so.

    `since` is None where the vendor does not tell.
    """

    record_id: str
    content_hash: bytes
    stamped_at: datetime | None
    since: datetime | None


_OTHERWISE = text(f"""
    SELECT shown.record_id, shown.since AS source_stamp, version.stamped_at AS stored_stamp
    FROM unnest({TEXTS.format("ids")}, string_to_array(:hashes, ','), {INSTANTS.format("stamps")},
            {INSTANTS.format("sinces")})
        AS shown (record_id, hash, stamped_at, since)
    JOIN raw.head head ON head.stream_id = :stream_id AND head.record_id = shown.record_id AND NOT head.is_deleted
    JOIN raw.version version ON version.stream_id = head.stream_id AND version.version_id = head.version_id
    WHERE head.content_hash <> decode(shown.hash, 'hex')
        AND shown.stamped_at IS NOT DISTINCT FROM version.stamped_at
        AND coalesce(shown.since, '-infinity') <= :complete_through
""")


def stored_otherwise(store: Store, audit: Audit, shown: Sequence[Shown]) -> list[Difference]:
    """The records that are stored with another content under the same change stamp, or none, as `stale`.

    What is so only since the stream was last complete is left out: the next read has it.
    """
    if not shown:
        return []
    ids, hashes, stamps, sinces = zip(*shown, strict=True)
    values = {
        "ids": texts(ids),
        "hashes": ",".join(one.hex() for one in hashes),
        "stamps": instants(stamps),
        "sinces": instants(sinces),
        "stream_id": audit.stream_id,
        "complete_through": audit.complete_through,
    }
    with store.landing() as connection:
        rows = connection.execute(_OTHERWISE, values).all()
    return [Difference(row.record_id, "stale", row.source_stamp, row.stored_stamp) for row in rows]
