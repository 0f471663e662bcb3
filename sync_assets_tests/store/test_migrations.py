"""The schema comes up from empty, equals what the code declares, and a newer one is left alone."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from sync_assets.model.errors import SettingError, UnreachableError
from sync_assets.store import embedded, engine
from sync_assets.store.engine import Store, locate, migrate, newest_revision, open_store
from sync_assets.store.integrity_tables import metadata
from sync_assets.store.tables import SCHEMAS


def test_the_migrated_schema_is_the_declared_one(store: Store) -> None:
    with store.begin() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _parents: kind != "schema" or name in SCHEMAS,
                "version_table_schema": "sync",
                "compare_type": True,
            },
        )
        assert compare_metadata(context, metadata) == []


def test_migrating_twice_changes_nothing(store: Store) -> None:
    migrate(store)
    with store.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM sync.alembic_version")).scalar_one() == 1


def test_the_newest_revision_is_the_one_that_alembic_ends_at() -> None:
    versions = Path(engine.__file__).parent / "migrations"
    assert ScriptDirectory(str(versions)).get_current_head() == newest_revision()


def test_a_database_that_is_up_to_date_is_opened_without_alembic(store: Store) -> None:
    script = (
        "import sys; from sync_assets.store.engine import open_store; "
        f"open_store({store.engine.url.render_as_string(hide_password=False)!r}); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"


def test_a_newer_schema_is_refused_with_what_to_do(postgres: embedded.Server) -> None:
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS newer")
        connection.execute("CREATE DATABASE newer")
    store = open_store(postgres.url("newer"))
    with store.begin() as connection:
        connection.execute(text("UPDATE sync.alembic_version SET version_num = '9999'"))
    with pytest.raises(SettingError, match="newer than this sync-assets; upgrade it"):
        migrate(store)
    store.engine.dispose()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "SYNC_DATABASE_URL"),
        ("mysql://localhost/sync", "must look like postgresql"),
        ("postgresql://localhost", "must look like postgresql"),
    ],
)
def test_a_database_url_that_cannot_be_meant_is_named(url: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNC_DATABASE_URL", url)
    with pytest.raises(SettingError, match=sentence):
        locate()


def test_a_server_that_is_not_there_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNC_DATABASE_URL", "postgresql://sync:pw@127.0.0.1:9/sync")
    with pytest.raises(UnreachableError, match=r"No Postgres answers at 127\.0\.0\.1:9"):
        locate()


def test_a_wrong_password_is_said_without_showing_it(
    postgres: embedded.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNC_DATABASE_URL", f"postgresql://sync:geheim@127.0.0.1:{postgres.port}/sync")
    with pytest.raises(UnreachableError, match="refused the password") as caught:
        locate()
    assert "geheim" not in str(caught.value)


def test_a_missing_database_is_created(postgres: embedded.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNC_DATABASE_URL", postgres.url("made_up"))
    assert locate().ours.database == "made_up"
    with psycopg.connect(postgres.url("made_up")) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
