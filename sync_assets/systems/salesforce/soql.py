"""The text of queries: instants as literals, the frozen window, the keyset that replaces query locators.

Source: SOQL and SOSL Reference, "Date Formats and Date Literals" and "WHERE".
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sync_assets.connect.spec import Window

ROWS_MAX = 2000
"""Rows of one REST reply. Source: help article 000004410 (batch size of queries)."""

Key = tuple[str, str]
"""Where a page ended: SystemModstamp as Salesforce wrote it, and Id."""


def literal(instant: datetime) -> str:
    """An instant in whole seconds UTC, e.g. 2026-11-20T10:00:00Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def outward(window: Window) -> tuple[datetime | None, datetime]:
    """The window in whole seconds, never narrower than it was."""
    start = window.start.replace(microsecond=0) if window.start else None
    end = window.end.replace(microsecond=0)
    return start, end if end == window.end else end + timedelta(seconds=1)


def condition(window: Window, after: Key | None) -> str:
    """Stamps inside the window, both ends included, and behind the key where the last page ended."""
    start, end = outward(window)
    tests = [f"SystemModstamp >= {literal(start)}"] if start else []
    tests.append(f"SystemModstamp <= {literal(end)}")
    if after:
        stamp, last_id = stamp_literal(after[0]), after[1]
        tests.append(f"(SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > '{last_id}'))")
    return " AND ".join(tests)


def stamp_literal(stamp: str) -> str:
    """A stamp out of a record as a literal: 2026-11-20T10:00:00.000+0000 is 2026-11-20T10:00:00Z.

    The documented literals have whole seconds, and so have stamps; should one come with a part of a second, it is kept,
    since a key that is cut would ask for rows again or leave some out.
    """
    instant = datetime.fromisoformat(stamp).astimezone(UTC)
    part = f".{instant.microsecond // 1000:03d}" if instant.microsecond else ""
    return f"{instant:%Y-%m-%dT%H:%M:%S}{part}Z"


def page_query(sobject: str, fields: Sequence[str], window: Window, after: Key | None) -> str:
    """One page of a window in keyset order."""
    return f"{rest_query(sobject, fields, window, after)} ORDER BY SystemModstamp, Id LIMIT {ROWS_MAX}"


def rest_query(sobject: str, fields: Sequence[str], window: Window, after: Key | None) -> str:
    """Everything of a window behind a key, in any order."""
    return " ".join(("SELECT", ",".join(fields), "FROM", sobject, "WHERE", condition(window, after)))


def named_query(sobject: str, fields: Sequence[str], ids: Sequence[str]) -> str:
    """The records with these ids, which are letters and digits only."""
    quoted = ",".join(f"'{one}'" for one in ids)
    return " ".join(("SELECT", ",".join(fields), "FROM", sobject, "WHERE Id IN", f"({quoted})"))


def newest_query(sobject: str) -> str:
    """The record that changed last."""
    fields = ("Id", "SystemModstamp")
    return " ".join(("SELECT", ",".join(fields), "FROM", sobject, "ORDER BY SystemModstamp DESC, Id DESC LIMIT 1"))
