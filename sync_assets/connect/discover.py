"""Which systems exist: every folder of a package that has a `spec` with a `SYSTEM`. Nothing is registered anywhere."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pkgutil import iter_modules

from sync_assets.connect.settings import Settings, read_settings
from sync_assets.connect.spec import System
from sync_assets.http.client import Client
from sync_assets.model.errors import SettingError
from sync_assets.store.budget import Budget
from sync_assets.store.engine import Store

START_MONTHS = 24
"""Months back that events, usage, payments and ledger lines are read at first, unless the START setting says more."""


def discover(package: str) -> tuple[System, ...]:
    """The systems declared in the folders of a package, by name."""
    folders = [item.name for item in iter_modules(import_module(package).__path__) if item.ispkg]
    return tuple(import_module(f"{package}.{name}.spec").SYSTEM for name in sorted(folders))


def played(systems: Sequence[System]) -> dict[str, list[str]]:
    """Role to the systems that play it."""
    roles: dict[str, list[str]] = {}
    for system in systems:
        roles.setdefault(system.role, []).append(system.name)
    return roles


def settings_of(system: System, environment: Mapping[str, str] | None = None) -> Settings | None:
    """The settings of a system, None when it is not configured; SettingError when it is half configured."""
    return read_settings(system.name, system.credentials, system.optional, environment)


def configured(systems: Sequence[System]) -> tuple[System, ...]:
    """The systems that are configured, in order."""
    return tuple(system for system in systems if settings_of(system) is not None)


def connect(system: System, settings: Settings, store: Store) -> Client:
    """A client that obeys the system's rate, shared with all other processes, as is a wait that the system asks for."""
    rate = settings.whole_number("RATE", system.rate_per_minute)
    budget = Budget(store=store, system=system.name, rate_per_minute=rate)
    client = system.open(settings, budget)
    client.hold, budget.sleep = budget.hold, client.rest
    return client


def earliest(settings: Settings, now: datetime) -> datetime:
    """The first day of documents to read: `SYNC_<SYSTEM>_START` (a day), default 24 months before now.

    Raises:
        SettingError: it is not a day, or lies in the future.
    """
    given = settings.get("START")
    if not given:
        months = now.year * 12 + now.month - 1 - START_MONTHS
        return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)
    try:
        first = datetime.strptime(given, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise SettingError(
            f"{settings.full_name('START')} must be a day such as 2025-01-31, not {given[:20]!r}."
        ) from None
    if first > now + timedelta(days=1):  # tomorrow has begun somewhere
        raise SettingError(f"{settings.full_name('START')} must be a day that has begun; {given} lies in the future.")
    return first
