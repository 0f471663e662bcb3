"""The delete log: which records went, also those that have left the recycle bin. Read after the pages of a window.

Source: REST API Developer Guide, "sObject Get Deleted": 15 days back at most, seconds ignored, `latestDateCovered` is
the mark up to which the answer is complete (open transactions hold it back), and may be absent: "if there's a value"
(SOAP API Developer Guide, "GetDeletedResult").
"""

from datetime import UTC, datetime, timedelta

import msgspec

from sync_assets.connect.kinds import read_value
from sync_assets.connect.spec import Page, Stream, Tombstone, Window
from sync_assets.http.reply import Reply
from sync_assets.model.errors import ContractError, FeedExpiredError, RejectError
from sync_assets.model.keys import salesforce_id_or_text
from sync_assets.systems.salesforce.judge import first_error
from sync_assets.systems.salesforce.org import Org, decoded

REACH = timedelta(days=15)
"""How far back the log goes at most."""

SPAN_MIN = timedelta(minutes=2)
"""Shortest span asked for: seconds are ignored, and start must lie before end."""

_WITHOUT_LOG = (400, 404)
_OUT_OF_REACH = frozenset({"INVALID_REPLICATION_DATE", "EXCEEDED_ID_LIMIT"})


class _Deleted(msgspec.Struct, rename="camel"):
    id: str
    deleted_date: str


class _Log(msgspec.Struct, rename="camel"):
    deleted_records: list[_Deleted]
    latest_date_covered: str | None = None
    earliest_date_available: str | None = None


def deleted_page(org: Org, stream: Stream, window: Window) -> Page:
    """The deletions of a window as a page without records; the last page of a read.

    A backfill gets those that the log still knows: it has none of the days before its reach, nor any when it holds
    more ids than one answer may have.

    Raises:
        FeedExpiredError: the window is no backfill, and the log begins later or holds too many ids for one answer.
    """
    start = min(window.start or window.end, window.end - SPAN_MIN)
    reply = _asked(org, stream, start, window.end)
    if window.backfill and reply.date is not None and _is_out_of_reach(reply):
        start = max(start, reply.date - REACH + SPAN_MIN)
        reply = _asked(org, stream, start, window.end) if start + SPAN_MIN <= window.end else reply
    if _is_out_of_reach(reply) and not window.backfill:
        raise FeedExpiredError
    if reply.status in _WITHOUT_LOG:
        return Page(body=reply.body, records=(), next=None)
    log = decoded(reply, _Log)
    begins = _instant(log.earliest_date_available)
    if begins and start < begins and not window.backfill:
        raise FeedExpiredError
    return Page(
        body=reply.body,
        records=(),
        next=None,
        deleted=[_gone(one) for one in log.deleted_records],
        covered_until=_instant(log.latest_date_covered),
    )


def _gone(one: _Deleted) -> Tombstone:
    deleted_at = _instant(one.deleted_date)
    if deleted_at is None:
        raise ContractError("The delete log of Salesforce does not say when a record went.", reason="date")
    return Tombstone(record_id=salesforce_id_or_text(one.id), deleted_at=deleted_at)


def _asked(org: Org, stream: Stream, start: datetime, end: datetime) -> Reply:
    """The log's answer, or its refusal to reach that far; any other refusal is judged as that of every request."""
    path = f"{org.data}/sobjects/{stream.read['sobject']}/deleted/"
    span = [("start", _offset_literal(start)), ("end", _offset_literal(end))]
    reply = org.get(path, span, accept=_WITHOUT_LOG)
    if reply.status != 400 or first_error(reply)[0] in _OUT_OF_REACH:
        return reply
    return org.get(path, span, accept=(404,))


def _is_out_of_reach(reply: Reply) -> bool:
    return reply.status == 400


def _offset_literal(instant: datetime) -> str:
    """An instant as this resource documents it, e.g. 2026-11-20T10:00:00+00:00."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _instant(text: str | None) -> datetime | None:
    try:
        instant: datetime | None = read_value("iso", text or None)
    except RejectError:
        raise ContractError("The delete log of Salesforce has a date that is none.", reason="date") from None
    return instant
