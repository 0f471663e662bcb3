"""What tests share: one embedded Postgres per worker, and a store that is empty at the start of each test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from sync_assets.store import embedded
from sync_assets.store.engine import Store, open_store
from sync_assets.store.integrity_tables import metadata


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that run whole companies begin first: the last file to begin should not be the longest."""
    items.sort(key=lambda item: item.get_closest_marker("company") is None)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.Server]:
    """A real server of this worker's own, which need not outlive a power cut."""
    place = tmp_path_factory.mktemp("postgres")
    server = embedded.start(place)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server
    embedded.stop(place)
    shutil.rmtree(embedded.where(place).parent, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated(postgres: embedded.Server) -> Iterator[Store]:
    """The store on that server, migrated from empty."""
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE sync")
    store = open_store(postgres.url("sync"))
    yield store
    store.engine.dispose()


@pytest.fixture
def store(migrated: Store, postgres: embedded.Server, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store, found by the product through its own setting."""
    everything = "; ".join(f'DELETE FROM {table.schema}."{table.name}"' for table in metadata.sorted_tables)
    with migrated.begin() as connection:
        connection.execute(text(everything))
    monkeypatch.setenv("SYNC_DATABASE_URL", postgres.url("sync"))
    return migrated


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, with no setting of this machine in the way."""
    for name in [name for name in os.environ if name.startswith("SYNC_") and name != "SYNC_DATABASE_URL"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SYNC_HOME", str(tmp_path))
    return tmp_path
