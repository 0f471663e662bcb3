"""Two long lists laid beside each other, before the database has counted either of them."""

import time
from datetime import UTC, datetime

from sqlalchemy import insert, text

from sync_assets.store.audits import Audit, begin_audit, differences, planted, unseen
from sync_assets.store.engine import Store
from sync_assets.store.tables import stream

RECORDS, SECONDS = 10_000, 5
"""As many seen as stored, but for one on either side; to go through one list for each of the other takes minutes."""

FEW = 200
"""Records of another stream, of which the database has taken its notes: of this one it knows nothing."""

_FILL = """
    WITH stored AS (
        INSERT INTO raw.version (stream_id, record_id, content_hash, rank, stamped_at, observed_at, page_id, start,
            length, is_deleted)
        SELECT :stream_id, 'r' || n, '\\x00', 1, :at, :at, 1, 0, 1, false FROM generate_series(1, :records) AS n
        RETURNING *
    ), heads AS (
        INSERT INTO raw.head (stream_id, record_id, version_id, content_hash, rank, is_deleted)
        SELECT stream_id, record_id, version_id, content_hash, rank, is_deleted FROM stored
    )
    INSERT INTO sync.audit_sighting (audit_id, record_id, stamped_at, born_at, is_due)
    SELECT :audit_id, 'r' || n, :at, :at, true FROM generate_series(2, :records + 1) AS n
"""


def test_comparing_takes_a_time_that_grows_with_the_records_and_not_with_their_square(store: Store) -> None:
    _filled(store, "known", FEW)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE raw.head, raw.version, sync.audit_sighting"))
    audit = _filled(store, "new", RECORDS)
    began = time.monotonic()
    withheld = planted(store, audit)
    found = {one.record_id for one in differences(store, audit, withheld)}
    gone = [one.record_id for one in unseen(store, audit)]
    assert time.monotonic() - began < SECONDS
    assert (found, gone) == ({withheld, f"r{RECORDS + 1}"}, ["r1"])


def _filled(store: Store, name: str, records: int) -> Audit:
    """An audit of a stream that has seen as many records as are stored."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with store.begin() as connection:
        connection.execute(insert(stream).values(system="ledger", name=name, complete_through=at))
    audit = begin_audit(store, "ledger", name, run_id="r", source_at=at)
    assert audit is not None
    with store.begin() as connection:
        told = {"stream_id": audit.stream_id, "audit_id": audit.audit_id, "records": records, "at": at}
        connection.execute(text(_FILL), told)
    return audit
