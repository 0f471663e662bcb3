"""Which rows were deleted or changed in a span: the replication resources of an object.

Source: REST API Developer Guide, sObject Get Deleted and Get Updated; getDeleted() rules (seconds ignored, 15 days
back, 600,000 ids, INVALID_REPLICATION_DATE); GetDeletedResult (latestDateCovered, earliestDateAvailable).
"""

from datetime import UTC, datetime, timedelta

from sync_assets.sandbox.vendors.salesforce.errors import RefusalError
from sync_assets.sandbox.vendors.salesforce.org import BIN_KEEPS, Deletion, Org
from sync_assets.sandbox.vendors.salesforce.rows import Rows
from sync_assets.sandbox.vendors.salesforce.schema import SObject
from sync_assets.sandbox.vendors.salesforce.values import stamp
from sync_assets.sandbox.wire import Reply, Request

_REACHES = timedelta(days=30)


def deleted(org: Org, sobject: SObject, request: Request) -> Reply:
    """The ids deleted in a span, purged ones too, and how far the answer is complete.

    Raises:
        RefusalError: INVALID_REPLICATION_DATE, EXCEEDED_ID_LIMIT.
    """
    start, end = _span(org, request)
    rows = org.settle(sobject.stream)
    now = org.shelf.clock.now()
    log_from = org.quirks.deleted_log_from
    earliest = max(now - BIN_KEEPS, log_from) if log_from else now - BIN_KEEPS
    found = {
        line.record_id: line
        for line in org.deletions[sobject.stream]
        if max(start, earliest) <= line.deleted_at < end and line.visible_at <= now and _is_gone(rows, line)
    }
    if len(found) > org.quirks.deleted_ids_max:
        raise RefusalError(400, "EXCEEDED_ID_LIMIT", f"too many ids: more than {org.quirks.deleted_ids_max}")
    entries = [{"id": line.record_id, "deletedDate": stamp(line.deleted_at)} for line in found.values()]
    return Reply.of(
        {
            "deletedRecords": sorted(entries, key=lambda entry: (entry["deletedDate"], entry["id"])),
            "earliestDateAvailable": stamp(earliest),
            "latestDateCovered": stamp(_covered(rows, now, end)),
        }
    )


def updated(org: Org, sobject: SObject, request: Request) -> Reply:
    """The ids created or changed in a span, and how far the answer is complete.

    Raises:
        RefusalError: INVALID_REPLICATION_DATE, EXCEEDED_ID_LIMIT.
    """
    start, end = _span(org, request)
    rows = org.settle(sobject.stream)
    found = [
        version.record_id
        for version in rows.in_stamp_order(stamp(start), stamp(end))
        if not version.deleted and version.record["SystemModstamp"] < stamp(end)
    ]
    if len(found) > org.quirks.deleted_ids_max:
        raise RefusalError(400, "EXCEEDED_ID_LIMIT", f"too many ids: more than {org.quirks.deleted_ids_max}")
    covered = _covered(rows, org.shelf.clock.now(), end)
    return Reply.of({"ids": found, "latestDateCovered": stamp(covered)})


def _is_gone(rows: Rows, line: Deletion) -> bool:
    version = rows.get(line.record_id)
    return version is None or version.deleted


def _covered(rows: Rows, now: datetime, end: datetime) -> datetime:
    return min(end, _minute(now), _minute(rows.oldest_waiting() or now))


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)


def _span(org: Org, request: Request) -> tuple[datetime, datetime]:
    start, end = (_instant(request, name) for name in ("start", "end"))
    now = org.shelf.clock.now()
    if start >= end:
        raise RefusalError(400, "INVALID_REPLICATION_DATE", "startDate must precede endDate by more than one minute")
    if start < _minute(now) - _REACHES:
        raise RefusalError(400, "INVALID_REPLICATION_DATE", "startDate is more than 30 days ago")
    if start > now:
        raise RefusalError(400, "INVALID_REPLICATION_DATE", "startDate is in the future")
    return start, end


def _instant(request: Request, name: str) -> datetime:
    text = request.arg(name)
    try:
        instant = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as wrong:
        message = f"{name} is required" if not text else f"{name} is no date: {text}"
        raise RefusalError(400, "INVALID_REPLICATION_DATE", message) from wrong
    if instant.tzinfo is None:
        raise RefusalError(400, "INVALID_REPLICATION_DATE", f"{name} needs a time zone: {text}")
    return _minute(instant.astimezone(UTC))
