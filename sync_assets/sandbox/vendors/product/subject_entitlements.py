"""Entitlements of one subject or one customer: listed, read, granted, overridden, withdrawn, and what is left of them.

Source: client operations of subjects (post, list, get, delete, override, get_entitlement_value) and their V2 forms
under customers; model EntitlementValue (hasAccess, balance, usage, overage).
"""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sync_assets.sandbox.shelf import Record
from sync_assets.sandbox.vendors.product import entitlements
from sync_assets.sandbox.vendors.product.meter_query import UsageQuestion, usage
from sync_assets.sandbox.vendors.product.platform import Platform
from sync_assets.sandbox.vendors.product.problems import ProblemError, bad_request, not_found
from sync_assets.sandbox.vendors.product.writes import accepted

_WRITABLE = frozenset(
    "type featureKey featureId isSoftLimit issueAfterReset issueAfterResetPriority preserveOverageAtReset config"
    " usagePeriod measureUsageFrom metadata activeFrom activeTo".split()
)
_MEASURED_FROM = frozenset({"NOW", "CURRENT_PERIOD_START"})


def held(platform: Platform, subjects: list[str], *, with_deleted: bool = False) -> list[Record]:
    """The entitlements of some subjects that are active now."""
    found = platform.resources.settled("entitlements").ordered("createdAt", with_deleted=with_deleted)
    now = platform.now()
    return [each for each in found if each["subjectKey"] in subjects and entitlements.is_active(each, now)]


def one(platform: Platform, subjects: list[str], id_or_feature: str) -> Record:
    """The entitlement of these subjects with an id or for a feature.

    Raises:
        ProblemError: 404.
    """
    for record in held(platform, subjects):
        if id_or_feature in {record["id"], record["featureKey"], record["featureId"]}:
            return record
    raise not_found("entitlement", id_or_feature)


def grant(platform: Platform, subject: str, asked: Record) -> Record:
    """A new entitlement.

    Raises:
        ProblemError: 400 for a body without feature or type, 404 for an unknown feature, 409 where one exists.
    """
    given = {name: value for name, value in asked.items() if name in _WRITABLE}
    if isinstance(asked.get("issue"), dict):
        given["issueAfterReset"] = asked["issue"].get("amount")
        given["issueAfterResetPriority"] = asked["issue"].get("priority", 1)
    if given.get("measureUsageFrom") in _MEASURED_FROM:
        given["measureUsageFrom"] = platform.now() if given["measureUsageFrom"] == "NOW" else None
    feature = platform.resources.find("features", given.get("featureKey") or given.get("featureId") or "")
    if given.get("type") not in entitlements.TYPES:
        raise bad_request("request body has an error: unknown entitlement type")
    if feature is None:
        raise not_found("feature", str(given.get("featureKey") or given.get("featureId")))
    if any(each["featureKey"] == feature["key"] for each in held(platform, [subject])):
        raise ProblemError(409, f"entitlement already exists for feature {feature['key']}")
    return accepted(platform, "entitlements", {**given, "featureKey": feature["key"], "subjectKey": subject})


def override(platform: Platform, subject: str, old: Record, asked: Record) -> Record:
    """The old entitlement ends now and a new one begins."""
    platform.resources.supersede(old)
    return grant(platform, subject, asked)


def value(platform: Platform, record: Record, now: datetime) -> Record:
    """What an entitlement is worth at this moment."""
    active = "deletedAt" not in record and entitlements.is_active(record, now)
    if record["type"] != "metered":
        return {"hasAccess": active, **({"config": record.get("config", "{}")} if record["type"] == "static" else {})}
    issued = Decimal(record.get("issueAfterReset") or 0)
    used = _used(platform, record, now)
    left = max(issued - used, Decimal(0))
    access = active and (bool(record.get("isSoftLimit")) or left > 0)
    overage = max(used - issued, Decimal(0))
    return {"hasAccess": access, "balance": left, "usage": used, "overage": overage}


def _used(platform: Platform, record: Record, now: datetime) -> Decimal:
    feature = platform.resources.find("features", record["featureId"]) or {}
    meter = platform.resources.find("meters", feature.get("meterSlug") or "")
    if meter is None:
        return Decimal(0)
    start, end = entitlements.current_period(record, now)
    asked = UsageQuestion(
        start=max(start, record.get("measureUsageFrom") or start),
        end=end,
        window="",
        zone=ZoneInfo("UTC"),
        subjects=frozenset({record["subjectKey"]}),
        customers=frozenset(),
        group_by=(),
        checks={},
    )
    return sum((Decimal(row["value"]) for row in usage(platform, meter, asked)["data"]), Decimal(0))
