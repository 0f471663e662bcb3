"""Bulk API 2.0: a query job for what is left of a large full read, its CSV as the JSON records that REST would send.

Source: Bulk API 2.0 Developer Guide, "Query" (states, locators, CSV); an empty cell is null.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from sync_assets.connect.spec import Page
from sync_assets.http.reply import Reply
from sync_assets.model.errors import ContractError, RetryLaterError
from sync_assets.systems.salesforce.org import Org, decoded

RESULT_ROWS = 20_000
"""Rows of one result chunk: a few megabytes of CSV, landed in one transaction."""

CELL_MAX = 64 * 1024 * 1024
"""Signs of one cell, as many as a reply may have bytes: no cell keeps its chunk from being read, and a record that is
too large is set aside alone. Python's own limit is the 131,072 that a long or rich text area holds, without room for
what is written longer. Source: help.salesforce.com, "Custom Field Types".
"""

POLLS, POLL_MAX_S, TURNS_MAX = 12, 15.0, 40
"""Questions per turn, seconds between two of them, and turns: about an hour and a half in all."""

_NO_JOB = (400, 403, 404, 405)
GONE = (400, 404, 409)
"""Statuses of a job that cannot be gone on with: deleted, expired, or made by another API version (409).

Source: Bulk API 2.0 Developer Guide, "Get Results for a Query Job".
"""

WAITING, DONE = frozenset({"UploadComplete", "InProgress"}), "JobComplete"

_AS_SENT = "surrogateescape"
"""Bytes that are no text go through unchanged, so that their record is rejected and not its chunk."""

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_ZULU = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class _Job(msgspec.Struct):
    id: str
    state: str


def start_job(org: Org, query: str) -> str | None:
    """The id of a new query job; None when this org or user has no Bulk API, or it does not take this query.

    Source: Bulk API 2.0 Developer Guide, "Limits" (a 400 also when the day's jobs are used up): REST reads it as well.
    """
    reply = org.post(
        f"{org.data}/jobs/query",
        {"operation": "queryAll", "query": query, "contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF"},
        accept=_NO_JOB,
    )
    return None if reply.status in _NO_JOB else decoded(reply, _Job).id


def wait_for(org: Org, job: str) -> tuple[str, bytes]:
    """The job's state after some patience, and the last reply; an empty state when the job is gone."""
    body = b""
    for poll in range(POLLS):
        reply = org.get(f"{org.data}/jobs/query/{job}", accept=GONE)
        if reply.status in GONE:
            return "", reply.body
        body, state = reply.body, decoded(reply, _Job).state
        if state not in WAITING:
            return state, body
        org.rest(min(1.5**poll, POLL_MAX_S))
    return state, body


def refuse_to_wait_forever(turns: int) -> None:
    """RetryLaterError once a job has been waited for through all turns; the next run goes on waiting."""
    if turns >= TURNS_MAX:
        raise RetryLaterError("Salesforce has not finished a bulk query; the next run goes on waiting.", after_s=600.0)


def results(org: Org, job: str, locator: str | None) -> Reply:
    """One chunk of a finished job's rows; a status of `GONE` when the job or its results are."""
    params: list[tuple[str, str | int]] = [("maxRecords", RESULT_ROWS)]
    params += [("locator", locator)] if locator else []
    return org.get(f"{org.data}/jobs/query/{job}/results", params, headers={"Accept": "text/csv"}, accept=GONE)


def next_locator(reply: Reply) -> str | None:
    """Where the next chunk starts; None at the end, which Salesforce spells `null`.

    Raises:
        ContractError: the header is absent, so nobody said that this was the end.
    """
    locator = reply.headers.get("sforce-locator")
    if not locator:
        raise ContractError("A bulk result of Salesforce does not say whether more follows.", reason="missing_field")
    return None if locator == "null" else locator


def page_of(reply: Reply, org: Org, sobject: str, kinds: Mapping[str, str], following: str) -> Page:
    """The chunk as a page of composed records."""
    records = [compose(row, org, sobject, kinds) for row in _rows(reply)]
    counted = reply.headers.get("sforce-numberofrecords", "")
    if counted.isdigit() and int(counted) != len(records):
        raise ContractError(f"A bulk result of Salesforce has {len(records)} rows instead of {counted}.")
    return Page(body=reply.body, records=records, next=following)


def _rows(reply: Reply) -> Iterator[dict[str, str]]:
    csv.field_size_limit(CELL_MAX)
    try:
        lines = csv.reader(io.StringIO(reply.body.decode("utf-8", _AS_SENT), newline=""), strict=True)
        names = next(lines, [])
        if "Id" not in names:
            raise ContractError("A bulk result of Salesforce is no CSV with a heading.")
        for cells in lines:
            if len(cells) != len(names):
                raise ContractError("A row of a bulk result of Salesforce has another length than the heading.")
            yield dict(zip(names, cells, strict=True))
    except csv.Error:
        raise ContractError("A bulk result of Salesforce cannot be read as CSV.") from None


def compose(row: Mapping[str, str], org: Org, sobject: str, kinds: Mapping[str, str]) -> bytes:
    """A row as the record that REST sends: same attributes, same types, same digits, null for an empty cell."""
    url = f"{org.data}/sobjects/{sobject}/{row['Id']}"
    parts = [f'"attributes":{{"type":"{sobject}","url":{_text(url)}}}']
    parts += [f'"{name}":{_value(text, kinds.get(name, "text"))}' for name, text in row.items()]
    return ("{" + ",".join(parts) + "}").encode("utf-8", _AS_SENT)


def _value(text: str, kind: str) -> str:
    """One cell as JSON; a cell that is not what its kind says stays text, so that its record is rejected, not lost."""
    if text == "":
        return "null"
    if kind == "flag" and text in ("true", "false"):
        return text
    if kind == "number" and _NUMBER.fullmatch(text):
        return text
    if kind == "instant" and _ZULU.fullmatch(text):
        return f'"{text[:-1]}+0000"'
    return _text(text)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def with_currency(records: Sequence[bytes], currency: str | None) -> list[bytes]:
    """The records of a single-currency org with the currency that they leave out, in front of the closing brace."""
    if currency is None:
        return list(records)
    added = f',"CurrencyIsoCode":{_text(currency)}}}'.encode()
    return [record.rstrip()[:-1].rstrip() + added for record in records]
