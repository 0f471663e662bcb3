"""Usage of a meter: its events aggregated over a span, by window, subject and group.

Source: OpenMeter API queryMeter (from inclusive, to exclusive in the store's query, windows MINUTE to MONTH in a time
zone, `subject` as a reserved group), streaming/clickhouse/meter_query.go; client model MeterQueryResult.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sync_assets.sandbox.shelf import Record
from sync_assets.sandbox.vendors.product.events import EventRow
from sync_assets.sandbox.vendors.product.filters import Check, string_check
from sync_assets.sandbox.vendors.product.meter_values import groups_of, value_of
from sync_assets.sandbox.vendors.product.platform import Platform
from sync_assets.sandbox.vendors.product.problems import bad_request
from sync_assets.sandbox.vendors.product.values import instant_of
from sync_assets.sandbox.wire import Request

Cell: TypeAlias = tuple[datetime | None, datetime | None, tuple[str | None, ...]]

_WINDOWS = ("MINUTE", "HOUR", "DAY", "MONTH")
_AGGREGATE: Mapping[str, Callable[[list[Any]], Any]] = {
    "SUM": lambda values: sum(values, Decimal(0)),
    "COUNT": len,
    "AVG": lambda values: sum(values, Decimal(0)) / len(values),
    "MIN": min,
    "MAX": max,
    "UNIQUE_COUNT": lambda values: len(set(values)),
    "LATEST": lambda values: values[-1],
}


@dataclass(frozen=True, kw_only=True)
class UsageQuestion:
    """What a request asks of a meter."""

    start: datetime | None
    end: datetime | None
    window: str
    zone: ZoneInfo
    subjects: frozenset[str]
    customers: frozenset[str]
    group_by: tuple[str, ...]
    checks: Mapping[str, Check]


def question(request: Request) -> UsageQuestion:
    """The question of a query string or of a JSON body.

    Raises:
        ProblemError: 400 for an unknown window, zone or instant.
    """
    given = _body(request) if request.method == "POST" else _query(request)
    window = given.get("windowSize") or ""
    if window and window not in _WINDOWS:
        raise bad_request(f'parameter "windowSize" in query has an error: {window} is not allowed')
    zone = given.get("windowTimeZone") or "UTC"
    try:
        zone_info = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as wrong:
        raise bad_request(f"invalid time zone: {zone}") from wrong
    exact = {name: {"$in": values} for name, values in (given.get("filterGroupBy") or {}).items()}
    advanced = {**exact, **(given.get("advancedMeterGroupByFilters") or {})}
    return UsageQuestion(
        start=instant_of(given["from"], "from") if given.get("from") else None,
        end=instant_of(given["to"], "to") if given.get("to") else None,
        window=window,
        zone=zone_info,
        subjects=frozenset(given.get("subject") or ()),
        customers=frozenset(given.get("filterCustomerId") or ()),
        group_by=tuple(given.get("groupBy") or ()),
        checks={name: string_check(name, node) for name, node in advanced.items()},
    )


def usage(platform: Platform, meter: Record, asked: UsageQuestion) -> Record:
    """The aggregated rows, oldest window first.

    Raises:
        ProblemError: 400 for a group the meter does not have.
    """
    known = {"subject", "customer_id", *(meter.get("groupBy") or {})}
    for name in (*asked.group_by, *asked.checks):
        if name not in known:
            raise bad_request(f"invalid group by: {name}")
    cells: dict[Cell, list[tuple[datetime, Any]]] = {}
    for row, groups in _rows(platform, meter, asked):
        try:
            value = value_of(meter, row.event)
        except ValueError:
            continue  # the platform counts what it can read and shows the rest as invalid events
        cell = (*_window(row.time, asked), tuple(groups.get(name) for name in asked.group_by))
        cells.setdefault(cell, []).append((row.time, value))
    aggregate = _AGGREGATE[meter["aggregation"]]
    data = [_cell(cell, found, aggregate, asked) for cell, found in sorted(cells.items(), key=_place)]
    shown: Record = {"data": data}
    shown.update({name: at for name, at in (("from", asked.start), ("to", asked.end)) if at is not None})
    return {**shown, "windowSize": asked.window} if asked.window else shown


def _rows(platform: Platform, meter: Record, asked: UsageQuestion) -> Iterator[tuple[EventRow, dict[str, str]]]:
    start = max(filter(None, (asked.start, meter.get("eventFrom"))), default=None)
    for row in platform.settled_events().between(start, asked.end):
        if row.event["type"] != meter["eventType"]:
            continue
        subject = row.event["subject"]
        customer = platform.attribution.customer_of(subject) or {}
        groups = {**groups_of(meter, row.event), "subject": subject, "customer_id": customer.get("id", "")}
        if asked.subjects and subject not in asked.subjects:
            continue
        if asked.customers and groups["customer_id"] not in asked.customers:
            continue
        if all(check(groups[name]) for name, check in asked.checks.items()):
            yield row, groups


def _window(instant: datetime, asked: UsageQuestion) -> tuple[datetime | None, datetime | None]:
    if not asked.window:
        return asked.start, asked.end
    local = instant.astimezone(asked.zone).replace(second=0)
    if asked.window == "MINUTE":
        return local.astimezone(UTC), (local + timedelta(minutes=1)).astimezone(UTC)
    if asked.window == "HOUR":
        start = local.replace(minute=0).astimezone(UTC)
        return start, start + timedelta(hours=1)
    day = local.replace(hour=0, minute=0)
    if asked.window == "DAY":
        return day.astimezone(UTC), (day + timedelta(days=1)).astimezone(UTC)
    month = day.replace(day=1)
    following = (month + timedelta(days=32)).replace(day=1)
    return month.astimezone(UTC), following.astimezone(UTC)


def _place(entry: tuple[Cell, list[tuple[datetime, Any]]]) -> tuple[datetime, list[str]]:
    return entry[0][0] or entry[1][0][0], [part or "" for part in entry[0][2]]


def _cell(
    cell: Cell, found: list[tuple[datetime, Any]], aggregate: Callable[[list[Any]], Any], asked: UsageQuestion
) -> Record:
    named = dict(zip(asked.group_by, cell[2], strict=True))
    return {
        "value": aggregate([value for _, value in found]),
        "windowStart": cell[0] or found[0][0].replace(second=0),
        "windowEnd": cell[1] or found[-1][0].replace(second=0) + timedelta(minutes=1),
        "subject": named.pop("subject", None),
        "customerId": named.pop("customer_id", None),
        "groupBy": named,
    }


def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body or b"{}")
    except ValueError as wrong:
        raise bad_request(f"request body has an error: {wrong}") from wrong
    if not isinstance(body, dict):
        raise bad_request("request body has an error: no object")
    return body


def _query(request: Request) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, value in request.query:
        if name.startswith("filterGroupBy["):
            given.setdefault("filterGroupBy", {}).setdefault(name[14:-1], []).append(value)
        elif name in {"subject", "groupBy", "filterCustomerId"}:
            given.setdefault(name, []).append(value)
        else:
            given[name] = value
    if "advancedMeterGroupByFilters" in given:
        try:
            given["advancedMeterGroupByFilters"] = json.loads(given["advancedMeterGroupByFilters"])
        except ValueError as wrong:
            raise bad_request(f'parameter "advancedMeterGroupByFilters" has an error: {wrong}') from wrong
    return given
