"""What changed about a stream's fields between all it has shown before and what this window showed. Pure functions."""

from collections import Counter
from collections.abc import Collection, Mapping

from sync_assets.connect.digest import Shapes
from sync_assets.store.profiles import Finding, Profile

EVIDENCE_MIN = 20
"""Records on both sides before an absence means anything."""

ALWAYS, NEVER_NULL = 0.99, 0.95
"""Shares of earlier records that make a field "always there" and "practically never null"."""

_JSON_TYPES = dict(zip(b'"nt{[N', ("text", "number", "boolean", "object", "list", "null"), strict=True))


def profile_of(shapes: Shapes) -> tuple[dict[str, dict[str, int]], int]:
    """Per field, how many records showed each JSON type; and the number of records."""
    profile: dict[str, Counter[str]] = {}
    for (names, types), count in shapes.items():
        for name, kind in zip(names, types, strict=True):
            profile.setdefault(name, Counter())[_JSON_TYPES[kind]] += count
    return {name: dict(types) for name, types in profile.items()}, sum(shapes.values())


def merged(before: Profile, seen: Profile) -> dict[str, dict[str, int]]:
    """The profile after a window, for the fields the window showed."""
    return {name: dict(Counter(before.get(name, {})) + Counter(types)) for name, types in seen.items()}


def findings(before: Profile, seen: Profile, records: int, left_out: Collection[str] = ()) -> list[Finding]:
    """What a person should know about the change of shape; nothing on a stream's first window.

    Of a field that the vendor refused to show (`left_out`) a single record is evidence.
    """
    if not before:
        return []
    records_before = max(sum(types.values()) for types in before.values())
    result = [
        Finding(kind="added", field=name, was="absent", became="/".join(sorted(types)))
        for name, types in seen.items()
        if name not in before
    ]
    for name, types in before.items():
        if records and name in left_out and name not in seen:
            result.append(_removed(name, types))
        else:
            result += _change(name, types, seen.get(name, {}), (records_before, records))
    return result


def _removed(name: str, was: Mapping[str, int]) -> Finding:
    return Finding(kind="removed", field=name, was="/".join(sorted(was)), became="absent")


def _change(name: str, was: Mapping[str, int], became: Mapping[str, int], records: tuple[int, int]) -> list[Finding]:
    """The finding about one known field, if any."""
    records_before, records_now = records
    shown = sum(was.values())
    known, now = {*was} - {"null"}, {*became} - {"null"}
    if now - known and known:
        return [Finding(kind="retyped", field=name, was="/".join(sorted(known)), became="/".join(sorted(now)))]
    if min(records_before, records_now) < EVIDENCE_MIN:
        return []
    if not became and shown >= ALWAYS * records_before:
        return [_removed(name, was)]
    if set(became) == {"null"} and was.get("null", 0) <= (1 - NEVER_NULL) * shown:
        return [Finding(kind="went_null", field=name, was="/".join(sorted(known)), became="null")]
    return []
