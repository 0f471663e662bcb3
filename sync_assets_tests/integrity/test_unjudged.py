"""Changes that a real run let through its gates and that nobody judges are told of, once, until they are judged."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import text

from sync_assets.connect.assets import system_assets
from sync_assets.integrity.alerts import messages
from sync_assets.store.alerts import keep_told
from sync_assets.store.engine import Store
from sync_assets.store.resource import StoreResource
from sync_assets_tests.connect.ledger_system import Notes, served
from sync_assets_tests.reconcile.books import Books

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
"""Great Expectations' own imports use what the standard library has deprecated."""


@pytest.fixture
def read(store: Store, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store into which a run of the real assets has brought one credit note that passed its gate."""
    notes = Notes(now=datetime.now(UTC).replace(microsecond=0))
    notes.put("a")
    monkeypatch.setenv("SYNC_NOTES_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("SYNC_NOTES_API_KEY", "k")
    with served(notes) as system, dg.DagsterInstance.ephemeral() as instance:
        day = f"{notes.now:%Y-%m-%d}"
        resources = {"store": StoreResource()}
        assert dg.materialize(system_assets(system), instance=instance, resources=resources, partition_key=day).success
        yield store


def _later(store: Store, hours: int) -> None:
    """As if the run had been that long ago."""
    with store.begin() as connection:
        connection.execute(
            text("UPDATE sync.gate SET decided_at = decided_at - make_interval(hours => :hours)"), {"hours": hours}
        )


def test_changes_that_wait_longer_than_two_syncs_are_told_once_until_they_are_judged(read: Store) -> None:
    assert messages(read) == {}
    _later(read, 3)
    (line,) = messages(read)["DE"].lines
    assert line.startswith("F104 Reconciliation did not run: credit note changed by ")
    keep_told(read, "DE", messages(read)["DE"].keys)
    assert messages(read) == {}
    with read.begin() as connection:
        connection.execute(text("DELETE FROM integrity.alert"))
    assert list(messages(read)) == ["DE"]
    Books(store=read).judge()
    assert messages(read) == {}
