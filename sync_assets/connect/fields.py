"""Which of a vendor's fields a company uses for what: the one place where settings that name fields are read.

Names come from settings only, never from data. Not here: what the fields mean (systems/<vendor>/).
"""

import os
import re
from dataclasses import replace

from sync_assets.connect.spec import Column, Mapped, Stream
from sync_assets.model.errors import SettingError

_NAME = re.compile(r"[A-Za-z0-9_.]{1,200}")


def chosen_name(system: str, setting: str, default: str) -> str:
    """What a setting of a system names, e.g. a custom field; the default where it is not set, or nothing.

    Raises:
        SettingError: it has other signs than letters, digits, underscores and dots.
    """
    full = f"SYNC_{system.upper()}_{setting}"
    name = os.environ.get(full, "").strip() or default
    if name and not _NAME.fullmatch(name):
        raise SettingError(f"{full} must be made of letters, digits, underscores and dots, not {name[:40]!r}.")
    return name


def mapped_as_named(system: str, stream: Stream) -> tuple[Mapped, ...]:
    """The mappings of a stream, with columns where the company keeps them."""
    return tuple(
        replace(mapped, columns=tuple(_as_named(system, column) for column in mapped.columns))
        for mapped in stream.mappings
    )


def renamed(system: str, stream: Stream) -> dict[str, str]:
    """Paths that the settings change, by what they are by default."""
    found = {
        column.path: _as_named(system, column).path
        for mapped in stream.mappings
        for column in mapped.columns
        if column.setting
    }
    return {default: path for default, path in found.items() if default and path != default}


def added(system: str, stream: Stream) -> dict[str, str]:
    """Fields that exist only where the settings name them, with their kind."""
    named = {
        _as_named(system, column).path: column.kind
        for mapped in stream.mappings
        for column in mapped.columns
        if column.setting and not column.path
    }
    return {path: kind for path, kind in named.items() if path}


def _as_named(system: str, column: Column) -> Column:
    if not column.setting:
        return column
    above, dot, last = column.path.rpartition(".")
    return replace(column, path=f"{above}{dot}{chosen_name(system, column.setting, last)}")
