"""Chargebee's page marks: the sort value in milliseconds and the internal id of the last row shown.

Source: recorded replies of the vendor: a JSON list of two strings, such as 1630848839000 and 42903379, sent as one
string. Clients must treat them as opaque.
"""

import json
from datetime import datetime

from sync_assets.sandbox.order import Place
from sync_assets.sandbox.vendors.chargebee.errors import refuse_parameter

_FIRST_INTERNAL_ID = 270_000_000


class Offsets:
    """Writes and reads page marks, and forgets them after a while when told so."""

    def __init__(self) -> None:
        self._written_at: dict[str, datetime] = {}

    def write(self, place: Place, *, now: datetime, valid_s: float) -> str:
        """The `next_offset` behind a row, remembered when offsets expire."""
        key, serial = place
        offset = json.dumps([str(key), str(_FIRST_INTERNAL_ID + serial)], separators=(",", ":"))
        if valid_s:
            self._written_at[offset] = now
        return offset

    def read(self, offset: str, *, numeric: bool, now: datetime, valid_s: float) -> Place:
        """The row an offset stands behind.

        Raises:
            RefusedError: the offset is malformed, of another order, or older than `valid_s` (0: no limit).
        """
        written_at = self._written_at.get(offset)
        if valid_s and (written_at is None or (now - written_at).total_seconds() > valid_s):
            raise refuse_parameter("offset", "the offset has expired")
        try:
            key, internal_id = json.loads(offset)
            return (int(key) if numeric else str(key)), int(internal_id) - _FIRST_INTERNAL_ID
        except (ValueError, TypeError):
            raise refuse_parameter("offset", "invalid value") from None
