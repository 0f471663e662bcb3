"""A trace as a picture: one lane per system, time downwards, the divergence in red, as a stand-alone SVG.

Belongs here: what is drawn where. Not here: finding the events (integrity/trace), or what a person's data says: of a
break the picture shows class, hop and money, never the two values that differ.
"""

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Any

from sync_assets.integrity.report import amount
from sync_assets.integrity.trace import Trace
from sync_assets.model.entities import ENTITIES, Type
from sync_assets.model.errors import RejectError
from sync_assets.model.money import display
from sync_assets.model.roles import ROLES

WIDTH = 1200
FIRST_EVENTS, LAST_EVENTS, BREAKS_MAX = 6, 18, 12
"""Events at the beginning and at the end, and breaks, that are drawn; the rest is told by its number."""

_LANES_AT, _LANE, _TOP, _LINE, _LETTER = 170, 104, 118, 18, 8.4
_INK, _PALE, _RULE, _RED, _BLUSH = "#1f2933", "#5f6b7a", "#d5dbe3", "#c0182b", "#fdecee"
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document may hold, escaped or not."""


@dataclass(frozen=True, kw_only=True)
class _Row:
    """One line of the picture: when, in which lane, what, and whether the truth was lost there."""

    at: str
    system: str | None
    label: str
    is_red: bool = False
    is_fold: bool = False


def picture(found: Trace, roles: Mapping[str, Sequence[str]]) -> str:
    """The trace as SVG text, 1200 pixels wide; `roles` says which systems play which role and so the order of lanes."""
    rows = _folded(_rows(found))
    lanes = _lanes(found, rows, roles)
    label_at = _LANES_AT + _LANE * len(lanes)
    letters = max(int((WIDTH - label_at - 24) / _LETTER), 24)
    body, y = [], _TOP
    for row in rows:
        lines = textwrap.wrap(_clean(row.label), letters, max_lines=3, placeholder=" ...") or [""]
        height = _LINE * len(lines) + 14
        body.append(_row(row, lines, lanes=lanes, label_at=label_at, box=(y, height)))
        y += height
    drawn = [_heading(found), _lane_lines(lanes, y), *body]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y + 20}" viewBox="0 0 {WIDTH} {y + 20}"'
        f' role="img" font-family="Helvetica, Arial, sans-serif" font-size="14" fill="{_INK}">\n'
        f'<rect width="{WIDTH}" height="{y + 20}" fill="#ffffff"/>\n' + "\n".join(drawn) + "\n</svg>\n"
    )


def _rows(found: Trace) -> list[_Row]:
    """Events and breaks in the order of time; at one instant what went wrong comes after what was done."""
    money = {(copy["system"], copy["record_id"]): copy.get("currency", "") for copy in found.copies}
    rows = [
        _Row(
            at=event["at"] or "",
            system=event["system"],
            label=_event(found.entity, event, money.get((event["system"], event["record_id"]), "")),
        )
        for event in found.timeline
        if not event.get("diverged")
    ]
    return sorted([*rows, *map(_broken, found.breaks)], key=lambda row: (row.at, row.is_red))


def _broken(row: Mapping[str, Any]) -> _Row:
    where = row["first_divergence"]
    state = ", closed since" if row["closed_at"] else ""
    worth = f"{amount(row)} {row['kind']}" if row["root"] else f"caused by {row['caused_by']}"
    label = f"{row['class']} at {where['hop']}: {row['title']} ({worth}{state})"
    return _Row(at=where["at"] or "", system=where["system"], label=label, is_red=True)


def _event(entity: str, event: Mapping[str, Any], currency: str) -> str:
    kinds = {field.name: field.type for field in ENTITIES[entity].fields}
    changes = [
        f"{name.removesuffix('_minor').replace('_', ' ')} {_value(before, kinds.get(name), currency)}"
        f" \N{RIGHTWARDS ARROW} {_value(after, kinds.get(name), currency)}"
        for name, (before, after) in event["changes"].items()
    ]
    return f"{event['event']} {', '.join(changes)}".rstrip()


def _value(value: Any, kind: Type | None, currency: str) -> str:
    if value is None:
        return "nothing"
    if kind is not Type.MINOR:
        return str(value)
    try:
        return display(value, currency)
    except RejectError:
        return str(value)


def _folded(rows: Sequence[_Row]) -> list[_Row]:
    """At most so many rows; each run of others becomes one that says how many they are."""
    plain = [number for number, row in enumerate(rows) if not row.is_red]
    red = [number for number, row in enumerate(rows) if row.is_red]
    kept = {*plain[:FIRST_EVENTS], *plain[FIRST_EVENTS:][-LAST_EVENTS:], *red[:BREAKS_MAX]}
    found: list[_Row] = []
    for is_kept, run in groupby(range(len(rows)), key=kept.__contains__):
        numbers = list(run)
        fold = _Row(at="", system=None, label=f"and {len(numbers)} more", is_fold=True)
        found += [rows[number] for number in numbers] if is_kept else [fold]
    return found


def _lanes(found: Trace, rows: Sequence[_Row], roles: Mapping[str, Sequence[str]]) -> dict[str, tuple[int, str]]:
    """Per system the middle of its lane and its role, in the order in which the truth travels."""
    plays = {system: role for role, systems in roles.items() for system in systems}
    seen = {row.system for row in rows if row.system} | {copy["system"] for copy in found.copies}
    order = {role: number for number, role in enumerate(ROLES)}
    names = sorted(seen, key=lambda name: (order.get(plays.get(name, ""), len(order)), name))
    return {name: (_LANES_AT + _LANE * number + 44, plays.get(name, "")) for number, name in enumerate(names)}


def _heading(found: Trace) -> str:
    names = ", ".join(f"{copy['system']} {copy['record_id']}" for copy in found.copies[:4])
    more = f" and {len(found.copies) - 4} more" if len(found.copies) > 4 else ""
    title = textwrap.shorten(_clean(f"{found.entity.replace('_', ' ').capitalize()}: {names}{more}"), 110)
    broken = sum(not row["closed_at"] for row in found.breaks)
    closed = len(found.breaks) - broken
    told = f"{broken or 'no'} open {'break' if broken == 1 else 'breaks'}, {closed} closed; times are UTC"
    return _text((24, 36), title, 'font-size="20" font-weight="bold"') + _text((24, 60), told, f'fill="{_PALE}"')


def _lane_lines(lanes: Mapping[str, tuple[int, str]], bottom: int) -> str:
    parts = []
    for name, (x, role) in lanes.items():
        parts.append(_text((x, 88), textwrap.shorten(_clean(name), 13), 'font-weight="bold" text-anchor="middle"'))
        parts.append(_text((x, 105), role, f'fill="{_PALE}" font-size="12" text-anchor="middle"'))
        parts.append(f'<line x1="{x}" y1="{_TOP}" x2="{x}" y2="{bottom}" stroke="{_RULE}" stroke-width="3"/>')
    return "\n".join(parts)


def _row(
    row: _Row, lines: Sequence[str], *, lanes: Mapping[str, tuple[int, str]], label_at: int, box: tuple[int, int]
) -> str:
    y, height = box
    middle = y + 18
    colour = _RED if row.is_red else _PALE if row.is_fold else _INK
    weight = ' font-weight="bold"' if row.is_red else ""
    parts = []
    if row.is_red:
        parts.append(f'<rect x="12" y="{y}" width="{WIDTH - 24}" height="{height}" fill="{_BLUSH}" opacity="0.85"/>')
    parts.append(_text((24, middle + 5), row.at.removesuffix("Z").replace("T", " ")[:16], f'fill="{colour}"'))
    if row.system is not None and row.system in lanes:
        x = lanes[row.system][0]
        parts.append(f'<line x1="{x}" y1="{middle}" x2="{label_at - 8}" y2="{middle}" stroke="{_RULE}"/>')
        size = 8 if row.is_red else 6
        parts.append(f'<circle cx="{x}" cy="{middle}" r="{size}" fill="{colour}" stroke="#ffffff" stroke-width="2"/>')
    parts += [
        _text((label_at, middle + 5 + _LINE * number), line, f'fill="{colour}"{weight}')
        for number, line in enumerate(lines)
    ]
    return "\n".join(parts)


def _text(place: tuple[int, int], words: str, style: str) -> str:
    return f'<text x="{place[0]}" y="{place[1]}" {style}>{escape(words)}</text>'


def _clean(words: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", words)
