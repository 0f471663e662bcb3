"""What of a copy may be shown, and what one version of it changed. Not here: finding copies (store/traces.py)."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sync_assets.integrity.ledger import instant
from sync_assets.model.entities import ENTITIES, Type
from sync_assets.model.errors import RejectError
from sync_assets.model.money import display

_NO_CHANGE = {"system", "record_id", "version_at", "observed_at"}
"""What differs between versions without anything having been changed."""


def shown(entity: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A copy without what is personal and what is empty."""
    personal = {field.name for field in ENTITIES[entity].fields if field.personal}
    names = ["system", "record_id", "version_at", "observed_at", "deleted_at"]
    names += [field.name for field in ENTITIES[entity].fields if field.name not in personal]
    return {name: _plain(row[name]) for name in names if row[name] is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, date) else value


def changes(entity: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The fields that two versions of a copy differ in, with what each said; nothing of what is personal."""
    known, now = shown(entity, before), shown(entity, after)
    return {
        name: [known.get(name), now.get(name)]
        for name in {**known, **now}
        if name not in _NO_CHANGE and known.get(name) != now.get(name)
    }


def value_in_words(entity: str, name: str, value: Any, currency: str | None) -> str:
    """A field's value as people read it: money in its currency, instants to the minute, flags as yes and no."""
    kinds = {field.name: field.type for field in ENTITIES[entity].fields}
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if kinds.get(name) is Type.MINOR:
        try:
            return display(value, currency or "")
        except RejectError:
            return str(value)
    return minute(str(value)) if kinds.get(name, Type.INSTANT) is Type.INSTANT else str(value)


def changes_in_words(entity: str, changed: Mapping[str, list[Any]], currency: str | None) -> str:
    """What fields became, e.g. `total: 119.00 EUR -> 100.00 EUR; status: nothing -> paid`."""
    said = {name: [value_in_words(entity, name, value, currency) for value in both] for name, both in changed.items()}
    return "; ".join(
        f"{field_in_words(name)}: {before or 'nothing'} -> {after or 'nothing'}"
        for name, (before, after) in said.items()
    )


def field_in_words(name: str) -> str:
    """A field's name as people read it."""
    return name.removesuffix("_minor").replace("_", " ")


def minute(at: str | None) -> str:
    """An instant to the minute, e.g. 2026-11-22 04:00."""
    return (at or "").removesuffix("Z").replace("T", " ")[:16]
