"""Records of a stream as copies of an entity, through the very code that a run uses; for claims about mappings."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from sync_assets.connect.digest import digest
from sync_assets.connect.records import Reader
from sync_assets.connect.rows import checked, mapped_rows, read_living
from sync_assets.connect.spec import Page, Stream
from sync_assets.connect.staged import to_table
from sync_assets.model.entities import ENTITIES
from sync_assets.store.copies import Pending

SEEN_AT = datetime(2026, 1, 2, tzinfo=UTC)


def copies(stream: Stream, entity: str, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of an entity, one dict each without empty fields; fails when a record is set aside."""
    rows, rejects = outcome(stream, entity, records)
    assert rejects == []
    return rows


def outcome(
    stream: Stream, entity: str, records: Sequence[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """The rows of an entity, and the (reason, field) of each record or row that was set aside."""
    bodies = [msgspec.json.encode(record) for record in records]
    return outcome_of_page(stream, entity, Page(body=b"\n".join(bodies), records=bodies, next=None))


def outcome_of_page(stream: Stream, entity: str, page: Page) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """The same for a page as a reader returns it: taken apart as by a run, then mapped."""
    taken = digest(stream, page, SEEN_AT)
    owners = [
        Pending(
            version_id=at,
            record_id=version.record_id,
            content_hash=version.content_hash,
            stamped_at=version.stamped_at,
            observed_at=SEEN_AT,
            is_deleted=version.is_deleted,
            merged_into=version.merged_into,
            page_id=1,
            start=version.start,
            length=version.length,
            raw=memoryview(taken.stored)[version.start : version.start + version.length],
        )
        for at, version in enumerate(taken.versions)
    ]
    living, unreadable = read_living(Reader(stream.mappings), owners)
    rows: list[dict[str, Any]] = []
    rejects = [(item.reason, item.field) for item in taken.rejected]
    rejects += [(reason, field) for _, reason, field in unreadable]
    for mapped in [mapped for mapped in stream.mappings if mapped.entity == entity]:
        frame, reasons = mapped_rows(mapped, living)
        frame, more = checked(ENTITIES[entity], frame)
        rejects += [(reason, field) for _, reason, field in [*reasons, *more]]
        table = to_table(entity, frame, living, system="test", run_id="run")
        rows += [{name: value for name, value in row.items() if value is not None} for row in table.to_pylist()]
    return rows, rejects
