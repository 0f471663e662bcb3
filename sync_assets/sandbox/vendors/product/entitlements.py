"""Entitlements as the two API generations show them: v1 by subject, v2 by customer, with their periods as of now.

Source: client models EntitlementMetered, EntitlementStatic, EntitlementBoolean and their V2 forms; OpenMeter
openmeter/entitlement/driver/parser.go and v2/mapping.go.
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sync_assets.sandbox.shelf import Record

TYPES = ("metered", "static", "boolean")

_SHARED = (
    "createdAt",
    "updatedAt",
    "deletedAt",
    "metadata",
    "annotations",
    "id",
    "featureKey",
    "featureId",
    "activeTo",
)
_METERED = {
    "isSoftLimit": False,
    "issueAfterReset": None,
    "issueAfterResetPriority": 1,
    "preserveOverageAtReset": False,
}
_ISO = {"DAY": "P1D", "WEEK": "P1W", "MONTH": "P1M", "YEAR": "P1Y"}
_FIXED = {"DAY": timedelta(days=1), "WEEK": timedelta(weeks=1)}
_MONTHS = {"MONTH": 1, "YEAR": 12}


def v1(record: Record, now: datetime) -> Record:
    """The form with `subjectKey`."""
    extra = {"isUnlimited": False} if record["type"] == "metered" else {}
    return {**_core(record, now), "subjectKey": record["subjectKey"], **extra}


def v2(record: Record, now: datetime, customer: Record) -> Record:
    """The form with the customer instead of the subject."""
    shown = {**_core(record, now), "customerId": customer["id"], "customerKey": customer.get("key")}
    if record["type"] == "metered" and record.get("issueAfterReset") is not None:
        priority = record.get("issueAfterResetPriority", _METERED["issueAfterResetPriority"])
        shown["issue"] = {"amount": record["issueAfterReset"], "priority": priority}
    return {name: value for name, value in shown.items() if value is not None}


def is_active(record: Record, now: datetime) -> bool:
    """Whether an entitlement gives access now, by its cadence."""
    ends = record.get("activeTo")
    return _active_from(record) <= now and (ends is None or now < ends)


def current_period(record: Record, now: datetime) -> tuple[datetime, datetime]:
    """The usage period an instant lies in, from the anchor and the interval."""
    usage = usage_period(record)
    step = _stepper(usage["interval"], usage["anchor"])
    number = 0
    while step(number + 1) <= now:
        number += 1
    while step(number) > now:
        number -= 1
    return step(number), step(number + 1)


def usage_period(record: Record) -> Record:
    """The recurring period: monthly from the start of the entitlement unless the record says otherwise."""
    given = record.get("usagePeriod") or {}
    interval = given.get("interval", "MONTH")
    return {
        "interval": interval,
        "intervalISO": given.get("intervalISO", _ISO.get(interval, interval)),
        "anchor": given.get("anchor") or _active_from(record),
    }


def _active_from(record: Record) -> datetime:
    start: datetime = record.get("activeFrom") or record["createdAt"]
    return start


def _core(record: Record, now: datetime) -> Record:
    shown: Record = {"type": record["type"], "activeFrom": _active_from(record)}
    shown.update({name: record[name] for name in _SHARED if record.get(name) is not None})
    if record["type"] != "metered" and not record.get("usagePeriod"):
        return {**shown, "config": record.get("config", "{}")} if record["type"] == "static" else shown
    start, end = current_period(record, now)
    shown["usagePeriod"] = usage_period(record)
    shown["currentUsagePeriod"] = {"from": start, "to": end}
    if record["type"] == "metered":
        shown.update({name: record.get(name, missing) for name, missing in _METERED.items()})
        shown["measureUsageFrom"] = record.get("measureUsageFrom") or _active_from(record)
        shown["lastReset"] = record.get("lastReset") or max(start, shown["measureUsageFrom"])
        shown = {name: value for name, value in shown.items() if value is not None}
    return {**shown, "config": record.get("config", "{}")} if record["type"] == "static" else shown


def _stepper(interval: Any, anchor: datetime) -> Callable[[int], datetime]:
    fixed = _FIXED.get(interval)
    if fixed is not None:
        return lambda number: anchor + number * fixed
    months = _MONTHS.get(interval, 1)
    return lambda number: _plus_months(anchor, number * months)


def _plus_months(anchor: datetime, months: int) -> datetime:
    years, month = divmod(anchor.month - 1 + months, 12)
    year = anchor.year + years
    return anchor.replace(year=year, month=month + 1, day=min(anchor.day, monthrange(year, month + 1)[1]))
