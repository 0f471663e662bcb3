"""The platform's events, meters and entitlements as copies of usage, meters and entitlements. Pure functions.

The subject of an event or entitlement is billing's subscription. Customers and subjects are kept as records only: no
field of theirs is a copy of another system's that anyone owns.
"""

import json
import re
from decimal import Decimal
from typing import Any

import pandas as pd

from sync_assets.connect import values
from sync_assets.connect.kinds import dig
from sync_assets.model.errors import RejectError
from sync_assets.model.money import decimal

_STEP = re.compile(r"\.([A-Za-z_][\w-]*)|\[(?:'([^']+)'|\"([^\"]+)\")\]")
VALUED = frozenset({"SUM", "AVG", "MIN", "MAX", "LATEST"})
"""Aggregations over a number in the event. COUNT counts events; UNIQUE_COUNT has no quantity of a single event."""

USUAL = ("value", "quantity")
"""Where an event carries its quantity when no meter says where."""


def path_of(expression: str | None) -> tuple[str, ...] | None:
    """The names in a JSONPath such as `$.usage.tokens` or `$['total-tokens']`; None for anything less plain."""
    if not expression or not expression.startswith("$"):
        return None
    steps = list(_STEP.finditer(expression, 1))
    if not steps or "".join(step[0] for step in steps) != expression[1:]:
        return None
    return tuple(step[1] or step[2] or step[3] for step in steps)


def quantity_of(data: dict[str, Any] | None, meters: list[Any] | None) -> Decimal | None:
    """What one event measures, by the meters of its type; None when it is no number or meters read different ones.

    Without meters: the usual property, else the only number in the event.
    Source: openmeter client, `Meter` (`valueProperty`: a number, or a text that is one).
    """
    known = [meter for meter in meters or () if isinstance(meter, dict)]
    if not known:
        return _usual(data or {})
    read = {meter.get("valueProperty") for meter in known if str(meter.get("aggregation")).upper() in VALUED}
    if not read:
        return Decimal(1) if any(str(meter.get("aggregation")).upper() == "COUNT" for meter in known) else None
    found = {_number(dig(data, path)) if (path := path_of(expression)) else None for expression in read}
    return found.pop() if len(found) == 1 else None


def _usual(data: dict[str, Any]) -> Decimal | None:
    numbers = {name: number for name, value in data.items() if (number := _number(value)) is not None}
    named = [numbers[name] for name in USUAL if name in numbers]
    return (named or [*numbers.values()])[0] if named or len(numbers) == 1 else None


def _number(value: Any) -> Decimal | None:
    try:
        return decimal(value)
    except RejectError:
        return None


def to_usage(frame: pd.DataFrame) -> pd.DataFrame:
    """`meter` is the event type, as in the meters' own copies; late and backdated events keep their own time."""
    quantities = [quantity_of(data, meters) for data, meters in zip(frame["data"], frame["meters"], strict=True)]
    return pd.DataFrame(
        {
            "event_id": frame["event_id"],
            "source": frame["source"],
            "subscription_id": values.reference("billing", frame["subject"]),
            "meter": frame["type"],
            "quantity": pd.Series(quantities, index=frame.index, dtype="object"),
            "occurred_at": frame["time"].fillna(frame["ingested_at"]),
            "stored_at": frame["stored_at"].fillna(frame["ingested_at"]),
        },
        index=frame.index,
    )


def to_meter(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per meter; its feature is its slug, which is its name where it has none."""
    return pd.DataFrame(
        {
            "feature": frame["slug"],
            "event_type": frame["event_type"],
            "aggregation": frame["aggregation"].str.upper(),
            "value_property": frame["value_property"],
            "name": frame["name"].fillna(frame["slug"]),
        },
        index=frame.index,
    )


def configured_limit(config: str) -> Decimal | None:
    """The limit of a static entitlement: the only number in its configuration.

    Source: openmeter client, `EntitlementStatic` (`config`: "The JSON parsable config of the entitlement").
    """
    try:
        said = json.loads(config, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    values = said.values() if isinstance(said, dict) else ()
    found = [Decimal(value) for value in values if isinstance(value, int | Decimal) and not isinstance(value, bool)]
    return found[0] if len(found) == 1 and found[0].is_finite() else None


KINDS = {"metered": "metered", "static": "static", "boolean": "boolean"}


def to_entitlement(frame: pd.DataFrame) -> pd.DataFrame:
    """Inactive once its end has passed when we saw it; what ends or begins later says so in `ends_at`, `starts_at`."""
    kind, unknown = values.words(frame["type"], KINDS)
    ended = (frame["ends_at"] <= frame["observed_at"]).fillna(value=False).astype(bool)
    metered, static = ((kind == name).fillna(value=False).astype(bool) for name in ("metered", "static"))
    said = frame["config"].fillna("{}")
    configured = pd.Series([configured_limit(config) for config in said], index=frame.index, dtype="object")
    return pd.DataFrame(
        {
            "subscription_id": values.reference("billing", frame["subject"]),
            "feature": frame["feature"],
            "kind": kind,
            "limit": frame["limit"].where(metered, configured.where(static, None)),
            "status": values.constant("active", frame).mask(ended, "inactive"),
            "starts_at": frame["starts_at"].fillna(frame["created_at"]),
            "ends_at": frame["ends_at"],
            "reject": values.rejected(frame, (unknown, "unknown_enum")),
        },
        index=frame.index,
    )
