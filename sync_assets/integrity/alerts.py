"""Alerts to the people who own what is wrong: a root break opened, one is older than agreed, something stopped ticking.

Where they go is set per owner in Apprise's addresses (mail, chat, pager, webhook). An alert names classes, hops, sums
and break ids, never a person. What could not be delivered is tried again at the next tick.
Source: https://github.com/caronc/apprise/wiki
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sync_assets.model.breaks import OWNERS
from sync_assets.model.errors import SettingError
from sync_assets.model.money import display, readable
from sync_assets.reconcile.causes import Group, group_by_break, groups_of
from sync_assets.reconcile.rules import RULES
from sync_assets.store.alerts import keep_told, told, unjudged, untold_breaks
from sync_assets.store.beats import silences
from sync_assets.store.engine import Store

ADDRESSES = "SYNC_ALERTS"
"""Apprise addresses, separated by blanks, of everybody; `SYNC_ALERTS_FI` and so on of one owner."""

OBJECTIVE = "SYNC_OBJECTIVE_DAYS"
OBJECTIVE_DAYS = 5
"""Days after which an open root is told again."""

LINES_MAX = 20
"""Lines of one alert; the rest is counted."""


@dataclass(kw_only=True)
class Message:
    """What one owner is told at once: lines for people, and the keys by which they count as told."""

    lines: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class Sent:
    """How many owners were told, and whom nobody could reach."""

    owners: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def addresses(environment: Mapping[str, str] | None = None) -> dict[str, list[str]]:
    """Owner to where its alerts go; owners without an address are left out."""
    known = os.environ if environment is None else environment
    everybody = known.get(ADDRESSES, "")
    found = {owner: known.get(f"{ADDRESSES}_{owner}", everybody).split() for owner in OWNERS}
    return {owner: urls for owner, urls in found.items() if urls}


def objective_days(environment: Mapping[str, str] | None = None) -> int:
    """Days that a root may stay open; SettingError when the setting is no number of days."""
    given = (os.environ if environment is None else environment).get(OBJECTIVE, str(OBJECTIVE_DAYS))
    if not given.isdecimal() or int(given) < 1:
        raise SettingError(f"{OBJECTIVE} must be a number of days such as 5.")
    return int(given)


def send_alerts(store: Store) -> Sent:
    """Tell every owner with an address what it was not told yet."""
    sent = Sent()
    targets = addresses()
    if not targets:
        return sent
    for owner, message in messages(store).items():
        if owner not in targets:
            continue
        if _delivered(targets[owner], f"sync-assets: {len(message.keys)} for {OWNERS[owner]}", message.lines):
            keep_told(store, owner, message.keys)
            sent.owners.append(owner)
        else:
            sent.failed.append(owner)
    return sent


def messages(store: Store) -> dict[str, Message]:
    """What each owner was not told yet."""
    found: dict[str, Message] = defaultdict(Message)
    rows = untold_breaks(store, objective_days())
    for owner in dict.fromkeys(row["owner"] for row in rows):
        mine = [row for row in rows if row["owner"] == owner]
        found[owner] = Message(lines=_lines(mine), keys=[row["key"] for row in mine])
    stopped = _stopped(store)
    news = sorted(stopped.keys() - told(store, list(stopped)))
    if news:
        found["DE"].lines += [stopped[key] for key in news]
        found["DE"].keys += news
    return dict(found)


def _stopped(store: Store) -> dict[str, str]:
    """What should go on by itself and does not (F104), by the key under which it is told once."""
    said = {
        f"silent:{name}:{heard_at}": f"{name} has not ticked for too long; see `sync-assets doctor`."
        for name, heard_at in silences(store).items()
    }
    waiting = unjudged(store, sorted({touch.entity for rule in RULES for touch in rule.touches}))
    if waiting:
        since = min(waiting.values())
        said[f"unjudged:{since.isoformat()}"] = (
            f"F104 Reconciliation did not run: {', '.join(waiting).replace('_', ' ')} changed by "
            f"{since:%Y-%m-%d %H:%M} UTC and nothing was judged since; see the last runs, then `sync-assets run`."
        )
    return said


def _lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The sums, then the breaks with most money first."""
    sums: Counter[str] = Counter()
    for row in rows:
        if row["currency"] and row["what"] == "opened":
            sums[row["currency"]] += row["money_at_risk_minor"]
    worth = ", ".join(display(minor, currency) for currency, minor in sorted(sums.items()))
    heads = [f"{sum(row['what'] == 'opened' for row in rows)} opened" + (f", {worth}" if worth else "")]
    heads += [f"{count} older than agreed"] if (count := sum(row["what"] == "aged" for row in rows)) else []
    lines = list(_told(rows))
    return [*heads, *lines[:LINES_MAX], *([f"and {len(lines) - LINES_MAX} more"] if len(lines) > LINES_MAX else [])]


def _told(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A line per shared cause where its first break stands, and one per break that stands alone."""
    said: set[tuple[str, str]] = set()
    of_news = {what: [row for row in rows if row["what"] == what] for what in ("opened", "aged")}
    groups = {what: group_by_break(groups_of(alike)) for what, alike in of_news.items()}
    for row in rows:
        group = groups[row["what"]].get(row["break_id"])
        if group is None:
            yield _line(row)
        elif (row["what"], group.group_id) not in said:
            said.add((row["what"], group.group_id))
            yield _line_of_group(row, group)


def _line_of_group(row: Mapping[str, Any], group: Group) -> str:
    worth = ", ".join(display(minor, currency) for (_, currency), minor in group.money.items()) or "no amount"
    since = f"{group.first_at:%Y-%m-%d} to {group.last_at:%Y-%m-%d}"
    return (
        f"{row['what']}: {group.count} x {row['class']} {row['title']} at {row['hop']}, {worth}, {since}, "
        f"{readable(group.shared)}; sync-assets breaks --group {group.group_id}"
    )


def _line(row: Mapping[str, Any]) -> str:
    worth = display(row["money_at_risk_minor"], row["currency"]) if row["currency"] else "no amount"
    return f"{row['what']}: {row['class']} {row['title']} at {row['hop']}, {worth}, break {row['break_id']}"


def _delivered(urls: Sequence[str], title: str, lines: Sequence[str]) -> bool:
    """Whether every address took the message; Apprise's own log stays silent, for addresses hold secrets."""
    import logging

    import apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    target = apprise.Apprise()
    return all(target.add(url) for url in urls) and bool(target.notify(title=title, body="\n".join(lines)))
