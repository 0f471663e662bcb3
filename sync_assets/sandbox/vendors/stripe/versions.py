"""Stripe's API versions and how objects looked in older ones.

Source: versioning page and changelog of the API reference. 2022-11-15 replaced a payment intent's `charges` by
`latest_charge` and stopped showing `refunds` in charges; 2025-03-31.basil took `invoice` off payment intents and
charges. A version that was never published is refused.
"""

from sync_assets.sandbox.shelf import Record

CURRENT_VERSION = "2026-10-28.endive"

_BEFORE_NAMES = """
2017-08-15 2018-02-28 2018-05-21 2018-07-27 2018-09-24 2018-10-31 2018-11-08 2019-02-11 2019-02-19 2019-03-14 2019-05-16
2019-08-14 2019-09-09 2019-10-08 2019-10-17 2019-11-05 2019-12-03 2020-03-02 2020-08-27 2022-08-01 2022-11-15 2023-08-16
2023-10-16 2024-04-10 2024-06-20
"""
_NAMED = {
    "acacia": "2024-09-30 2024-10-28 2024-11-20 2024-12-18 2025-01-27 2025-02-24",
    "basil": "2025-03-31 2025-04-30 2025-05-28 2025-06-30 2025-07-30 2025-08-27",
    "clover": "2025-09-30 2025-10-29 2025-11-17 2025-12-15 2026-01-28 2026-02-25",
    "dahlia": "2026-03-25 2026-04-22 2026-05-27 2026-06-24 2026-07-29 2026-08-26",
    "endive": "2026-09-30 2026-10-28",
}

KNOWN_VERSIONS = frozenset(_BEFORE_NAMES.split()) | {
    f"{day}.{name}" for name, days in _NAMED.items() for day in days.split()
}

_LATEST_CHARGE_DAY = "2022-11-15"
_BASIL_DAY = "2025-03-31"


def is_before(version: str, day: str) -> bool:
    """Whether a version was published before a day written as YYYY-MM-DD."""
    return version[: len(day)] < day


def looks_older(record: Record, version: str) -> bool:
    """Whether an object has another shape in a version than today."""
    return record.get("object") in ("charge", "payment_intent") and is_before(version, _BASIL_DAY)


def shaped(record: Record, version: str, *, refunds: list[Record], charges: list[Record]) -> Record:
    """A payment intent or charge as a version before basil shows it.

    Args:
        record: the object in today's shape.
        version: API version to show it in.
        refunds: the refunds of a charge, newest first.
        charges: the charges of a payment intent, newest first.
    """
    older = {"invoice": None, **record}
    if is_before(version, _LATEST_CHARGE_DAY):
        name, embedded = ("refunds", refunds) if record["object"] == "charge" else ("charges", charges)
        older.pop("latest_charge", None)
        older[name] = sublist(record, name, embedded)
    return older


def sublist(record: Record, name: str, rows: list[Record]) -> Record:
    """A list inside an object: the ten newest rows and the address of the whole."""
    urls = {"refunds": f"/v1/charges/{record['id']}/refunds", "charges": f"/v1/charges?payment_intent={record['id']}"}
    return {
        "object": "list",
        "data": rows[:10],
        "has_more": len(rows) > 10,
        "total_count": len(rows),
        "url": urls[name],
    }
