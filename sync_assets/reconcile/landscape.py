"""Which systems play which role, and how far each of their entities is read: what can be said, and about when."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sync_assets.connect.fields import mapped_as_named
from sync_assets.connect.spec import Mapped, System
from sync_assets.model.roles import ROLES
from sync_assets.reconcile.accounts import named_accounts
from sync_assets.reconcile.lags import Closing, Lag, Lateness, due_at, lag_of, lags_set, weekdays_later
from sync_assets.reconcile.queues import Mappings
from sync_assets.reconcile.rule import Rule
from sync_assets.reconcile.zones import UTC_ZONE, zones_of
from sync_assets.store.engine import Store
from sync_assets.store.lags import closed_periods, lateness
from sync_assets.store.links import legal_entity_countries
from sync_assets.store.streams import stream_states


@dataclass(frozen=True, kw_only=True)
class Landscape:
    """Systems per role; per (system, entity) the stream's name, through when it is complete, and when it was read.

    `zones` are those of legal entities, `lags` the seconds that a deployment allows a class, `measured` how late copies
    came by rule, `closings` the closed accounting periods, `feeds` every stream that an entity comes from where there
    is more than the one that names it, `mappings` how it is made of them.
    """

    systems: Mapping[str, tuple[str, ...]]
    streams: Mapping[tuple[str, str], str]
    complete_through: Mapping[tuple[str, str], datetime | None]
    read_at: Mapping[tuple[str, str], datetime | None]
    zones: Mapping[str, ZoneInfo] = field(default_factory=dict)
    lags: Mapping[str, int] = field(default_factory=dict)
    measured: Mapping[str, Lateness] = field(default_factory=dict)
    closings: tuple[Closing, ...] = ()
    feeds: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    mappings: Mappings = field(default_factory=dict)

    def lag(self, rule: Rule) -> Lag:
        """How long copies may take before the rule calls them broken, and why so long."""
        return lag_of(rule, self.lags.get(rule.class_), self.measured.get(rule.name))

    def lag_s(self, rule: Rule) -> int:
        """The lag that holds however late copies came: what is set, else the default."""
        return self.lags.get(rule.class_, rule.lag_s)

    def due_at(self, rule: Rule, row: Mapping[str, Any], happened: datetime) -> datetime:
        """Until when a copy may be under way."""
        closings = self.closings if rule.is_cut_off else ()
        zone = self.zone(row.get("legal_entity"))
        if rule.is_on_weekdays and rule.class_ not in self.lags:
            return weekdays_later(happened, rule.lag_s, zone)
        return due_at(happened, self.lag(rule).seconds, row.get("belongs_on"), closings, zone)

    def fingerprint(self, rule: Rule) -> str:
        """Changes when the rule would judge the same copies otherwise: its text, its lag, the accounts it is about."""
        named = {name: numbers for name, numbers in named_accounts().items() if numbers and f":{name}" in rule.select}
        return rule.fingerprint(self.lag_s(rule)) + (f" {named}" if named else "")

    def unset(self, rule: Rule) -> list[str]:
        """The settings of which one must name a field before the rule can say anything; none when one does."""
        systems = self.systems.get(rule.role_of_setting, ())
        names = [f"SYNC_{system.upper()}_{rule.setting}" for system in systems] if rule.setting else []
        return [] if any(os.environ.get(name) for name in names) else names

    def zone(self, legal_entity: str | None) -> ZoneInfo:
        """The time zone of a legal entity; UTC for one that no system describes."""
        return self.zones.get(legal_entity or "", UTC_ZONE)

    def complete(self, needs: Sequence[tuple[str, str]]) -> datetime | None:
        """Through when everything needed is complete; None when something was never read."""
        return self._earliest(needs, self.complete_through)

    def now(self, needs: Sequence[tuple[str, str]]) -> datetime | None:
        """The vendors' time at which everything needed was last read."""
        return self._earliest(needs, self.read_at)

    def _earliest(
        self, needs: Sequence[tuple[str, str]], marks: Mapping[tuple[str, str], datetime | None]
    ) -> datetime | None:
        found = [marks.get(key) for key in self._read(needs)]
        roles = {role for role, _ in needs}
        if any(not self.systems.get(role) for role in roles) or not found or None in found:
            return None
        return min(instant for instant in found if instant is not None)

    def _read(self, needs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """The (system, entity) pairs that play what is needed."""
        pairs = [(system, entity) for role, entity in needs for system in self.systems.get(role, ())]
        return [pair for pair in pairs if pair in self.streams]

    def streams_of(self, needs: Sequence[tuple[str, str]]) -> list[str]:
        """The streams behind what is needed, as `system/stream`."""
        return sorted(
            {f"{key[0]}/{name}" for key in self._read(needs) for name in self.feeds.get(key, (self.streams[key],))}
        )

    def parameters(self) -> dict[str, list[str]]:
        """Systems of each role, legal entities beside their time zones, and accounts that settings name."""
        return {
            **{role: list(self.systems.get(role, ())) for role in ROLES},
            "zoned": list(self.zones),
            "zones": [zone.key for zone in self.zones.values()],
            **named_accounts(),
        }


def survey(store: Store, systems: Sequence[System]) -> Landscape:
    """The landscape as the last reads left it; a system never read plays no role yet."""
    states = {(state["system"], state["name"]): state for state in stream_states(store)}
    roles: dict[str, list[str]] = defaultdict(list)
    feeds: dict[tuple[str, str], tuple[str, ...]] = {}
    complete: dict[tuple[str, str], datetime | None] = {}
    read: dict[tuple[str, str], datetime | None] = {}
    for system in systems:
        if any(name == system.name for name, _ in states):
            roles[system.role].append(system.name)
        for stream in system.streams:
            state = states.get((system.name, stream.name), {})
            for entity in {mapped.entity for mapped in stream.mappings}:
                key = (system.name, entity)
                complete[key] = _earlier(complete, key, state.get("complete_through"))
                read[key] = _earlier(read, key, state.get("seen_through"))
                feeds[key] = (*feeds.get(key, ()), stream.name)
    return Landscape(
        systems={role: tuple(names) for role, names in roles.items()},
        streams={key: names[0] for key, names in feeds.items()},
        feeds=feeds,
        complete_through=complete,
        read_at=read,
        zones=zones_of(legal_entity_countries(store)),
        lags=lags_set(),
        mappings=mappings_of(systems),
        closings=tuple(
            Closing(first=first, last=last, closed_on=closed_on)
            for first, last, closed_on in closed_periods(store, roles.get("erp", ()))
        ),
    )


def mappings_of(systems: Sequence[System]) -> Mappings:
    """By system and entity, the streams that the entity is made of and how, with fields as the company names them."""
    found: dict[tuple[str, str], list[tuple[str, Mapped]]] = defaultdict(list)
    for system in systems:
        for stream in system.streams:
            for mapped in mapped_as_named(system.name, stream):
                found[system.name, mapped.entity].append((stream.name, mapped))
    return found


def learned(store: Store, landscape: Landscape, rules: Sequence[Rule]) -> Landscape:
    """The landscape with how late copies came, for the rules that learn from it."""
    measured = {}
    for rule in rules:
        if rule.arrivals and landscape.complete(rule.needs) is not None:
            p99_s, count = lateness(store, rule.arrivals, landscape.parameters())
            measured[rule.name] = Lateness(p99_s=p99_s, count=count)
    return replace(landscape, measured=measured)


def _earlier(
    marks: Mapping[tuple[str, str], datetime | None], key: tuple[str, str], mark: datetime | None
) -> datetime | None:
    """An entity fed by several streams is as complete as the least complete of them."""
    if key not in marks:
        return mark
    known = marks[key]
    return None if known is None or mark is None else min(known, mark)
