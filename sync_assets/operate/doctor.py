"""First aid: settings, database, each system's login, version and clock, signs of life; and what to do about each."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sync_assets.connect.discover import connect, settings_of
from sync_assets.connect.spec import System
from sync_assets.model.errors import SyncError
from sync_assets.operate.last_words import about_system
from sync_assets.reconcile.landscape import learned, survey
from sync_assets.reconcile.rules import RULES
from sync_assets.store import embedded
from sync_assets.store.beats import beat_ages, late_beats
from sync_assets.store.engine import Store, home, open_store

CLOCK_OFF_S = 300
"""Seconds between our clock and a system's beyond which signed requests are refused by some vendors."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing looked at: whether it is in order, and a sentence."""

    subject: str
    is_fine: bool
    sentence: str


def examine(systems: Sequence[System]) -> Iterator[Finding]:
    """Look at everything, one finding at a time, worst news included."""
    try:
        store = open_store()
    except SyncError as error:
        yield Finding(subject="database", is_fine=False, sentence=str(error))
        return
    yield Finding(subject="database", is_fine=True, sentence=f"reached, schema up to date; {_whereabouts()}")
    for system in systems:
        yield _system(store, system)
    yield _life(store)
    yield _lags(store, systems)


def _whereabouts() -> str:
    given = os.environ.get("SYNC_DATABASE_URL")
    return "the server of SYNC_DATABASE_URL" if given else f"our own, its data in {embedded.where(home())}"


def _system(store: Store, system: System) -> Finding:
    try:
        settings = settings_of(system)
        if settings is None:
            return Finding(subject=system.name, is_fine=True, sentence="not configured; its assets are skipped")
        client = connect(system, settings, store)
        told_at = system.clock(client)
        system.probe(client, None)
    except SyncError as error:
        return Finding(subject=system.name, is_fine=False, sentence=about_system(system, error))
    version = settings.get("API_VERSION", system.api_version)
    sentence = f"logged in with {' and '.join(settings.chosen)}, API version {version}"
    if told_at is None:
        sentence += "; its replies tell no time (windows follow this machine's clock; keep it right)"
    elif (off_s := abs((told_at - datetime.now(UTC)).total_seconds())) > CLOCK_OFF_S:
        sentence += f"; its clock is {off_s:.0f} s off ours (windows follow its clock; check this machine's time)"
    return Finding(subject=system.name, is_fine=True, sentence=sentence)


def _lags(store: Store, systems: Sequence[System]) -> Finding:
    """How long copies may take, where that is not the default, and why."""
    try:
        landscape = learned(store, survey(store, systems), RULES)
    except SyncError as error:
        return Finding(subject="lags", is_fine=False, sentence=str(error))
    applied = {(rule.class_, rule.entity): (rule, landscape.lag(rule)) for rule in RULES}
    told = [
        f"{rule.class_} on {rule.entity.replace('_', ' ')} {timedelta(seconds=lag.seconds)} ({lag.because})"
        for rule, lag in applied.values()
        if lag.seconds != rule.lag_s
    ]
    unknown = sorted(landscape.lags.keys() - {rule.class_ for rule in RULES})
    if unknown:
        return Finding(subject="lags", is_fine=False, sentence=f"set for no class there is: {', '.join(unknown)}")
    return Finding(subject="lags", is_fine=True, sentence="; ".join(told) or "every class has its default")


def _life(store: Store) -> Finding:
    ages, late = beat_ages(store), late_beats(store)
    if not ages:
        return Finding(
            subject="sensors", is_fine=True, sentence="never started; `sync-assets dev` or a daemon starts them"
        )
    if late:
        sentence = f"silent for too long: {', '.join(late)}; restart the daemon"
        return Finding(subject="sensors", is_fine=False, sentence=sentence)
    return Finding(subject="sensors", is_fine=True, sentence=f"{len(ages)} alive")
