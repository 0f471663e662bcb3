"""The findings of audits: how each record was lost as far as it can be told, and when it was all right again."""

from collections.abc import Sequence

from sqlalchemy import text

from sync_assets.store.audits import Audit, Difference
from sync_assets.store.engine import Store

WHYS = {
    "dead_letter": "it was read, could not be understood and waits as a dead letter",
    "taken_away": "it was stored, and something took it out of our store or marked it as deleted there",
    "overwritten": "an older state was stored over a newer one",
    "same_stamp": "its content changed and its change stamp did not",
    "null_cursor": "it has no change stamp, so no window of changes can show it",
    "expired_feed": "it changed in a window whose change feed had expired before it was read",
    "same_second_tie": "others with the very same stamp were read and it was not",
    "late_commit": "its stamp lies in a window that had closed before it became visible",
    "deletion_unseen": "no feed and no list told of its deletion",
    "unknown": "nothing stored tells how it was lost",
}
"""How a record can be lost: code to a sentence."""

_EXPLAINED = text("""
    WITH lost AS MATERIALIZED (
        SELECT * FROM unnest(CAST(:ids AS text[]), CAST(:whats AS text[]), CAST(:source_stamps AS timestamptz[]),
            CAST(:stored_stamps AS timestamptz[])) AS l (record_id, what, source_stamp, stored_stamp)
    ), told AS (
        SELECT lost.*, seen.stamped_at FROM lost
        LEFT JOIN sync.audit_sighting seen ON seen.audit_id = :audit_id AND seen.record_id = lost.record_id
    ), kept AS MATERIALIZED (
        SELECT v.record_id, max(v.stamped_at) AS stamped_at,
            (array_agg(v.is_deleted ORDER BY v.rank DESC, v.version_id DESC))[1] AS is_deleted
        FROM raw.version v JOIN lost USING (record_id) WHERE v.stream_id = :stream_id GROUP BY v.record_id
    ), shared AS MATERIALIZED (
        SELECT other.stamped_at FROM sync.audit_sighting other
        WHERE other.audit_id = :audit_id AND other.stamped_at IN (SELECT stamped_at FROM told)
            AND NOT EXISTS (SELECT FROM lost WHERE lost.record_id = other.record_id)
        GROUP BY other.stamped_at
    )
    SELECT told.record_id, CASE
        WHEN told.what = 'ghost' THEN 'deletion_unseen'
        WHEN EXISTS (SELECT FROM sync.dead_letter d WHERE d.stream_id = :stream_id AND d.record_id = told.record_id
            AND d.entity = '' AND d.resolved_at IS NULL) THEN 'dead_letter'
        WHEN told.what = 'stale' AND told.source_stamp <= told.stored_stamp THEN 'same_stamp'
        WHEN told.what = 'missing' AND NOT kept.is_deleted THEN 'taken_away'
        WHEN told.what = 'stale' AND kept.stamped_at >= told.source_stamp THEN 'overwritten'
        WHEN told.stamped_at IS NULL THEN 'null_cursor'
        WHEN EXISTS (SELECT FROM sync.window w WHERE w.stream_id = :stream_id AND w.kind = 'abandoned'
            AND told.stamped_at BETWEEN w.start_at AND w.end_at) THEN 'expired_feed'
        WHEN told.stamped_at IN (SELECT stamped_at FROM shared) THEN 'same_second_tie'
        WHEN EXISTS (SELECT FROM sync.window w WHERE w.stream_id = :stream_id AND w.kind = 'incremental'
            AND w.closed_at IS NOT NULL AND told.stamped_at BETWEEN w.start_at AND w.end_at) THEN 'late_commit'
        ELSE 'unknown' END AS why
    FROM told LEFT JOIN kept USING (record_id)
""")
_KEEP = text("""
    INSERT INTO sync.audit_finding AS f (stream_id, record_id, what, why, source_stamp, stored_stamp, run_id, found_at,
        is_confirmed)
    SELECT :stream_id, l.record_id, l.what, l.why, l.source_stamp, l.stored_stamp, :run_id, :source_at,
        l.what <> 'ghost'
    FROM unnest(CAST(:ids AS text[]), CAST(:whats AS text[]), CAST(:whys AS text[]),
        CAST(:source_stamps AS timestamptz[]), CAST(:stored_stamps AS timestamptz[]))
        AS l (record_id, what, why, source_stamp, stored_stamp)
    ON CONFLICT (stream_id, record_id, what) WHERE resolved_at IS NULL DO UPDATE SET
        times_seen = f.times_seen + 1, is_confirmed = f.is_confirmed OR f.found_at <= :complete_through
    RETURNING record_id, what, is_confirmed
""")


def keep_findings(store: Store, audit: Audit, found: Sequence[Difference]) -> set[tuple[str, str]]:
    """Write differences as open findings, each with its explanation; returns those that are confirmed, as (what, id).

    A ghost is confirmed by a second audit, after the stream was read once more: the deletion had its chance to come.
    """
    if not found:
        return set()
    ids, whats, source_stamps, stored_stamps = (list(values) for values in zip(*found, strict=True))
    bound = {"ids": ids, "whats": whats, "source_stamps": source_stamps, "stored_stamps": stored_stamps}
    told = {name: getattr(audit, name) for name in ("stream_id", "run_id", "source_at", "complete_through")}
    with store.begin() as connection:
        explained = {**bound, "audit_id": audit.audit_id, "stream_id": audit.stream_id}
        whys = {row.record_id: row.why for row in connection.execute(_EXPLAINED, explained)}
        rows = connection.execute(_KEEP, {**bound, **told, "whys": [whys[name] for name in ids]}).all()
    return {(row.what, row.record_id) for row in rows if row.is_confirmed}


_RESOLVE = text("""
    UPDATE sync.audit_finding f SET resolved_at = :source_at
    WHERE f.stream_id = :stream_id AND f.resolved_at IS NULL AND f.what = ANY(:whats)
        AND NOT EXISTS (
            SELECT FROM unnest(CAST(:still AS text[]), CAST(:ids AS text[])) AS seen (what, record_id)
            WHERE seen.what = f.what AND seen.record_id = f.record_id
        )
""")


def resolve_findings(store: Store, audit: Audit, whats: Sequence[str], found: Sequence[Difference]) -> None:
    """Close the open findings of these kinds that an audit no longer sees."""
    still, ids = [one.what for one in found], [one.record_id for one in found]
    bound = {"stream_id": audit.stream_id, "source_at": audit.source_at, "whats": list(whats), "still": still}
    with store.begin() as connection:
        connection.execute(_RESOLVE, {**bound, "ids": ids})
