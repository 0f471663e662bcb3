"""Taking pending raw versions and writing canonical copies: current rows, history, change order, dead letters.

Taking and writing are one transaction, so a killed run loses nothing and a repeated one changes nothing. Every row
that changed gets the next number of one change sequence, allocated under a lock per entity: consumers that remember a
number never miss a row that committed later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import zstandard
from sqlalchemy import Connection, text

from sync_assets.model.entities import COPY_FIELDS, ENTITIES
from sync_assets.store.lists import TEXTS, texts
from sync_assets.store.tables import current

CONFORM_LOCK, CHANGE_LOCK = 7_302_512, 7_302_513
"""Advisory lock classes: one conformer per stream, one writer per entity."""

GROWTH_MIN = 2_000
"""Changed rows of one run from which on the planner's picture of a table may be wrong."""


class Pending(NamedTuple):
    """One raw version that was not conformed yet; `raw` shows its exact bytes in its page, which is not copied."""

    version_id: int
    record_id: str
    content_hash: bytes
    stamped_at: datetime | None
    observed_at: datetime
    is_deleted: bool
    merged_into: str | None
    page_id: int
    start: int
    length: int
    raw: memoryview


_PENDING = text("""
    SELECT version_id, record_id, content_hash, stamped_at, observed_at, is_deleted, merged_into, page_id, start, length
    FROM raw.version
    WHERE stream_id = :stream_id
        AND version_id > (SELECT conformed_version_id FROM sync.stream WHERE stream_id = :stream_id)
    ORDER BY version_id LIMIT :limit
""")
_BODIES = text("SELECT page_id, body FROM raw.page WHERE page_id = ANY(:page_ids)")


def take_pending(connection: Connection, stream_id: int, limit: int) -> list[Pending]:
    """The next raw versions of a stream, oldest first; other conformers of the stream wait until this one is done."""
    connection.execute(
        text("SELECT pg_advisory_xact_lock(:class, :stream_id)"), {"class": CONFORM_LOCK, "stream_id": stream_id}
    )
    rows = connection.execute(_PENDING, {"stream_id": stream_id, "limit": limit}).all()
    bodies: dict[int, memoryview] = {}
    unpack = zstandard.ZstdDecompressor()
    if rows:
        wanted = sorted({row.page_id for row in rows})
        for page_id, body in connection.execute(_BODIES, {"page_ids": wanted}):
            bodies[page_id] = memoryview(unpack.decompress(bytes(body)))
    return [Pending._make((*row, bodies[row[-3]][row[-2] : row[-2] + row[-1]])) for row in rows]


def move_conformed(connection: Connection, stream_id: int, version_id: int) -> None:
    """Remember how far a stream is conformed, in the transaction that wrote the copies."""
    connection.execute(
        text("UPDATE sync.stream SET conformed_version_id = :version_id WHERE stream_id = :stream_id"),
        {"stream_id": stream_id, "version_id": version_id},
    )


def lock_entities(connection: Connection, entities: Sequence[str]) -> None:
    """Become the only writer of these entities until commit; always in the same order, so nobody waits in a ring.

    From here on joins go through indexes, whatever the planner believes: the cost follows what changed.
    """
    order = list(ENTITIES)
    for name in sorted(set(entities), key=order.index):
        connection.execute(
            text("SELECT pg_advisory_xact_lock(:class, :entity)"), {"class": CHANGE_LOCK, "entity": order.index(name)}
        )
    for setting in ("enable_hashjoin", "enable_mergejoin", "enable_seqscan", "synchronous_commit"):
        connection.execute(text(f"SET LOCAL {setting} = off"))


@dataclass(frozen=True, kw_only=True)
class _Statements:
    """The statements that merge staged copies of one entity; identifiers come from the model."""

    known: str
    add: str
    stage: str
    copy: str
    delete_vanished: str
    replace: str
    delete: str
    delete_parts: str


def _columns(entity: str) -> list[str]:
    """The columns of a copy as staged, in order."""
    own = [field.name for field in ENTITIES[entity].fields]
    return [*(field.name for field in COPY_FIELDS), "from_record_id", "version_id", "run_id", *own]


@lru_cache(maxsize=64)
def _statements(entity: str) -> _Statements:
    columns = _columns(entity)
    table, history = f'canonical."{entity}"', f'canonical."{entity}_history"'
    stage, owner = f'"stage_{entity}"', ENTITIES[entity].part_of or "record_id"
    names = ", ".join(f'"{name}"' for name in columns)
    compared = [name for name in columns if name not in _UNCOMPARED]
    same = " AND ".join(f'c."{name}" IS NOT DISTINCT FROM s."{name}"' for name in compared)
    former = f'{", ".join(f"""c."{name}" """ for name in columns)}, c.change_id'
    updates = ", ".join(f'"{name}" = s."{name}"' for name in columns if name not in {"system", "record_id"})
    ids = TEXTS.format("record_ids")
    keep = f"INSERT INTO {history} ({names}, change_id, known_to)"

    def delete(column: str, more: str = "") -> str:
        return (
            f"WITH gone AS MATERIALIZED (SELECT c.* FROM {table} c WHERE c.system = :system AND c.deleted_at IS NULL "
            f'AND c."{column}" = ANY({TEXTS.format("owners")}) {more}), '
            f"kept AS ({keep} SELECT {former}, :observed_at FROM gone c) "
            f"UPDATE {table} c SET deleted_at = :deleted_at, observed_at = :observed_at, version_id = :version_id, "
            "run_id = :run_id, change_id = nextval('canonical.change') "
            "FROM gone WHERE c.system = gone.system AND c.record_id = gone.record_id"
        )

    return _Statements(
        known=f"SELECT record_id FROM {table} WHERE system = :system AND record_id = ANY({ids})",
        add=f"COPY {table} ({names}) FROM STDIN WITH (FORMAT csv)",
        stage=f"CREATE TEMP TABLE {stage} ON COMMIT DROP AS SELECT {names} FROM {table} WITH NO DATA",
        copy=f"COPY {stage} ({names}) FROM STDIN WITH (FORMAT csv)",
        delete_vanished=delete(owner, f"AND c.record_id NOT IN (SELECT unnest({ids}))"),
        replace=(
            f"WITH judged AS MATERIALIZED (SELECT s.* FROM {stage} s "
            f"JOIN {table} c ON c.system = s.system AND c.record_id = s.record_id "
            f"WHERE NOT (c.version_id > s.version_id OR ({same}))), "
            f"kept AS ({keep} SELECT {former}, s.observed_at FROM judged s "
            f"JOIN {table} c ON c.system = s.system AND c.record_id = s.record_id) "
            f"UPDATE {table} c SET {updates}, change_id = nextval('canonical.change') FROM judged s "
            "WHERE c.system = s.system AND c.record_id = s.record_id"
        ),
        delete=delete("record_id"),
        delete_parts=delete(owner),
    )


_UNCOMPARED = {"system", "record_id", "version_at", "observed_at", "version_id", "run_id", "from_record_id"}
"""Columns that differ between versions without the copy meaning anything else."""


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """What rows that end are marked with: whose they are, when they ended, when we saw it, in which version and run."""

    system: str
    deleted_at: datetime
    observed_at: datetime
    version_id: int
    run_id: str


def merge(
    connection: Connection, entity: str, rows: pa.Table, *, whole: Sequence[str] | None = None, stamp: Stamp
) -> int:
    """Write copies that are newer and different; returns how many current rows changed.

    The caller holds the entity's lock (`lock_entities`), so that rows of unknown records go straight into the table, in
    the order of its key; their change numbers are its default. Known ones are staged and compared.

    `rows` has the staged columns in order. `whole` names records of which these rows are everything that is left: rows
    that are part of them and not among these are marked deleted with the stamp.
    """
    sql, rows = _statements(entity), rows.select(_columns(entity))
    bound = {"system": stamp.system, "record_ids": texts(rows["record_id"].to_pylist())}
    known = pa.array(connection.execute(text(sql.known), bound).scalars(), pa.string())
    changed = 0
    if whole:
        changed += connection.execute(text(sql.delete_vanished), {**bound, **_ended(whole, stamp)}).rowcount
    is_known = pc.is_in(rows["record_id"], value_set=known)
    added = rows.filter(pc.invert(is_known)).sort_by("record_id")
    if added.num_rows:
        _copy(connection, sql.add, added)
    if len(known):
        connection.execute(text(sql.stage))
        _copy(connection, sql.copy, rows.filter(is_known))
        changed += connection.execute(text(sql.replace)).rowcount
        connection.execute(text(f'DROP TABLE "stage_{current[entity].name}"'))
    return changed + int(added.num_rows)


def note_growth(connection: Connection, changed: Mapping[str, int]) -> None:
    """Let the planner look at entities of which many rows changed; it must not wait for its own next round."""
    for entity, rows in changed.items():
        if rows >= GROWTH_MIN:
            connection.execute(text(f'ANALYZE canonical."{current[entity].name}"'))


def mark_deleted(
    connection: Connection, entity: str, record_ids: Sequence[str], stamp: Stamp, *, parts: bool = False
) -> int:
    """Mark the copies of deleted records, or the rows that are `parts` of them."""
    sql = _statements(entity)
    return connection.execute(text(sql.delete_parts if parts else sql.delete), _ended(record_ids, stamp)).rowcount


def _ended(owners: Sequence[str], stamp: Stamp) -> dict[str, Any]:
    return {"owners": texts(owners), **asdict(stamp)}


def _copy(connection: Connection, statement: str, rows: pa.Table) -> None:
    """COPY a table in as CSV: texts quoted, so that an empty one stays apart from none.

    Instants go without their zone, which is the session's; Arrow writes those out more than ten times faster.
    """
    plain = [column.cast(_WALL) if column.type == _INSTANT else column for column in rows.columns]
    sink = pa.BufferOutputStream()
    options = pa_csv.WriteOptions(include_header=False, quoting_style="needed", batch_size=4096)
    pa_csv.write_csv(pa.table(plain, names=rows.column_names), sink, options)
    raw = connection.connection.driver_connection
    if raw is None:
        raise RuntimeError("A transaction without a driver connection cannot COPY.")
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(memoryview(sink.getvalue()))


_WALL, _INSTANT = pa.timestamp("us"), pa.timestamp("us", tz="UTC")


_SET_ASIDE = text("""
    INSERT INTO sync.dead_letter (stream_id, record_id, content_hash, entity, reason, field, page_id, start, length,
        run_id, seen_at)
    VALUES (:stream_id, :record_id, :content_hash, :entity, :reason, :field, :page_id, :start, :length, :run_id,
        :seen_at)
    ON CONFLICT DO NOTHING
""")
_RESOLVE = text("""
    UPDATE sync.dead_letter SET resolved_at = clock_timestamp()
    WHERE stream_id = :stream_id AND record_id = ANY(:record_ids) AND resolved_at IS NULL AND entity IN ('', :entity)
        AND reason <> 'same_version_diff'
""")


def set_aside(connection: Connection, letters: Sequence[Mapping[str, Any]]) -> None:
    """Keep records that could not be mapped as dead letters, pointing to their exact bytes."""
    if letters:
        connection.execute(_SET_ASIDE, [dict(letter) for letter in letters])


def resolve_dead_letters(connection: Connection, stream_id: int, entity: str, record_ids: Sequence[str]) -> None:
    """Close the dead letters of records whose newer version was mapped."""
    waiting = connection.execute(
        text("SELECT EXISTS (SELECT FROM sync.dead_letter WHERE stream_id = :stream_id AND resolved_at IS NULL)"),
        {"stream_id": stream_id},
    ).scalar_one()
    if waiting:
        connection.execute(_RESOLVE, {"stream_id": stream_id, "entity": entity, "record_ids": list(record_ids)})
