"""Overrides of closed gates: who let what pass, why, who approved it, and through which day. None is ever removed."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import insert, text

from sync_assets.model.errors import SettingError
from sync_assets.store.engine import Store
from sync_assets.store.tables import gate_override

_GATED = text("SELECT DISTINCT asset FROM sync.gate ORDER BY asset")
_IN_FORCE = text("""
    SELECT asset, made_by, approver, reason, until, made_at FROM (
        SELECT DISTINCT ON (asset) * FROM sync.gate_override ORDER BY asset, override_id DESC
    ) latest
    WHERE until >= (clock_timestamp() AT TIME ZONE 'UTC')::date ORDER BY until, asset
""")


def override_gate(store: Store, asset: str, until: date, words: Mapping[str, str]) -> None:
    """Let what lies downstream of an asset pass its gate through a day (UTC); a day gone by ends an override.

    `words` are made_by, approver and reason.

    Raises:
        SettingError: no asset of that name was ever gated.
    """
    with store.begin() as connection:
        known = list(connection.execute(_GATED).scalars())
        if asset not in known:
            raise SettingError(f"{asset[:80]!r} has no gate; there are {', '.join(known) or 'none yet'}.")
        connection.execute(insert(gate_override).values(asset=asset, until=until, **words))


def overrides(store: Store) -> list[dict[str, Any]]:
    """The overrides in force, those that end first at the top."""
    with store.begin() as connection:
        return [dict(row) for row in connection.execute(_IN_FORCE).mappings()]
