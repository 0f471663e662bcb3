"""Which Postgres we use, connections to it, and its schema brought up to date on start.

Belongs here: the choice between a given server and the embedded one, creating our two databases, migrations. Not here:
what is read and written.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

import psycopg
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from sync_assets.model.errors import RetryLaterError, SettingError, SyncError, UnreachableError
from sync_assets.store import embedded

MIGRATION_LOCK = 7_302_511
"""Advisory lock under which one process at a time migrates."""

_MIGRATIONS = Path(__file__).parent / "migrations"

_SENTENCES = {
    "28P01": "The database refused the password in SYNC_DATABASE_URL.",
    "28000": "The database refused the user in SYNC_DATABASE_URL.",
    "3D000": "The database named in SYNC_DATABASE_URL does not exist; create it or name another.",
    "53100": "The database's disk is full; free some space and run again, nothing was lost.",
    "53300": "The database has no free connection; raise max_connections or close other users.",
    "57014": "The database ended a statement that took longer than its statement_timeout, or somebody cancelled it; "
    "raise statement_timeout for the user in SYNC_DATABASE_URL and run again, nothing was lost.",
    "42501": "The database user lacks a right; it must own the database named in SYNC_DATABASE_URL.",
}

_LOCKED = (
    "Somebody else's session held a lock on a table for longer than the database's lock_timeout; end that session "
    "(pg_stat_activity lists it) or wait, then run again, nothing was lost."
)
_WENT_AWAY = "The database went away in the middle of the work; nothing was lost, run again."


def home() -> Path:
    """Where local state lives: `SYNC_HOME`, default `.sync` in the working directory."""
    return Path(os.environ.get("SYNC_HOME") or ".sync").absolute()


@dataclass(frozen=True, kw_only=True)
class Databases:
    """The URLs of our database and of Dagster's, without drivers, and whether we started the server just now."""

    ours: URL
    dagster: URL
    started_here: bool = False

    def dagster_environment(self) -> dict[str, str]:
        """What dagster.yaml reads: its storage URL with the driver that dagster-postgres is tested with."""
        return {"SYNC_DAGSTER_STORAGE_URL": self.dagster.render_as_string(hide_password=False)}


def locate() -> Databases:
    """Our database: the server of `SYNC_DATABASE_URL`, or the embedded one, started if need be.

    Raises:
        SettingError: the URL cannot be read.
        UnreachableError: no server answers there.
    """
    given = os.environ.get("SYNC_DATABASE_URL")
    if given:
        ours, started_here = _url(given, "SYNC_DATABASE_URL"), False
    else:
        server = embedded.start(home())
        ours, started_here = make_url(server.url("sync")), server.started_here
    other = os.environ.get("SYNC_DAGSTER_DATABASE_URL")
    dagster = _url(other, "SYNC_DAGSTER_DATABASE_URL") if other else ours.set(database="dagster")
    for url in (ours, dagster):
        _create_database(url)
    return Databases(ours=ours, dagster=dagster, started_here=started_here)


def _url(given: str, setting: str) -> URL:
    try:
        url = make_url(given)
    except ArgumentError:
        raise SettingError(f"{setting} is not a URL such as postgresql://user:password@host:5432/sync.") from None
    if not url.drivername.startswith("postgresql") or not url.database:
        raise SettingError(f"{setting} must look like postgresql://user:password@host:5432/sync.")
    return url.set(drivername="postgresql")


@cache
def _create_database(url: URL) -> None:
    """Create the database of a URL unless it is there; a user who may not create databases needs one that exists.

    Looked for once per process: what becomes of it later, statements say themselves.
    """
    try:
        with psycopg.connect(_plain(url), connect_timeout=10):
            return
    except psycopg.OperationalError as error:
        if "does not exist" not in str(error):
            raise UnreachableError(_unreachable(url, error)) from None
    try:
        with psycopg.connect(_plain(url.set(database="postgres")), connect_timeout=10, autocommit=True) as connection:
            name = psycopg.sql.Identifier(url.database or "")
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(name))
    except psycopg.errors.DuplicateDatabase:
        return
    except psycopg.Error as error:
        raise UnreachableError(
            f"The database {url.database} does not exist and could not be created "
            f"({error.sqlstate or 'no connection'}); create it and run again."
        ) from None


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _unreachable(url: URL, error: psycopg.Error) -> str:
    for code, sentence in _SENTENCES.items():
        if error.sqlstate == code:
            return sentence
    if "password authentication failed" in str(error):
        return _SENTENCES["28P01"]
    return f"No Postgres answers at {url.host}:{url.port or 5432}; start it or correct SYNC_DATABASE_URL."


@dataclass(frozen=True, kw_only=True)
class Store:
    """Our database, migrated and ready."""

    engine: Engine = field(repr=False)
    pages: Engine = field(repr=False)

    def begin(self) -> AbstractContextManager[Connection]:
        """One transaction; database trouble comes out as an error of ours with a sentence."""
        return _transaction(self.engine)

    def landing(self) -> AbstractContextManager[Connection]:
        """One transaction that lands a page or looks its records up, on a connection with the settings for that."""
        return _transaction(self.pages)


@contextmanager
def _transaction(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise explain(error) from error


def explain(error: DBAPIError) -> SyncError:
    """Our error for a database error: retryable when the server went away, else with its code."""
    code = _code(error.orig)
    if known := _known(code):
        return known
    if error.connection_invalidated or isinstance(error, OperationalError) or code.startswith(("08", "57P", "40")):
        return RetryLaterError(_WENT_AWAY)
    detail = type(error.orig).__name__ if error.orig else "unknown"
    return SyncError(f"The database refused a statement ({code} {detail}); this is a defect of sync-assets.")


def _code(error: BaseException | None) -> str:
    """The SQLSTATE of a driver's error, empty for none; psycopg and Dagster's psycopg2 name it differently."""
    return getattr(error, "sqlstate", None) or getattr(error, "pgcode", None) or ""


def _known(code: str) -> SyncError | None:
    """Our error for a SQLSTATE that says by itself what happened."""
    if code == "55P03":
        return RetryLaterError(_LOCKED)
    return UnreachableError(_SENTENCES[code]) if code in _SENTENCES else None


def database_trouble(error: BaseException) -> SyncError | None:
    """Our error when a database's error stands behind another's (Dagster wraps them); None when none does."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, DBAPIError):
            return explain(seen)
        if isinstance(seen, psycopg.OperationalError) or type(seen).__module__.startswith("psycopg2"):
            return _known(_code(seen)) or RetryLaterError(_WENT_AWAY)
        seen = seen.__cause__ or seen.__context__
    return None


def open_store(url: str | None = None) -> Store:
    """The store at a URL (default: wherever `locate` finds it now), with its schema brought up to date.

    Raises:
        SettingError: the schema is newer than this version of sync-assets.
    """
    return _store_at(make_url(url) if url else locate().ours)


@lru_cache(maxsize=4)
def _store_at(where: URL) -> Store:
    """One store per database and process."""
    store = Store(engine=_engine(where), pages=_engine(where, _PAGES))
    migrate(store)
    return store


_PAGES = " -c synchronous_commit=off -c enable_seqscan=off"
"""A page whose commit a crash of the server takes away is asked for again, since its place goes with it; and it looks
its records up one by one, however few the planner still believes to be stored."""


def _engine(where: URL, settings: str = "") -> Engine:
    """Connections to a database; one that the server closed while it was not in use is replaced unnoticed."""
    return create_engine(
        where.set(drivername="postgresql+psycopg"),
        pool_size=5,
        max_overflow=10,
        pool_pre_ping=True,
        connect_args={"options": f"-c timezone=UTC -c jit=off{settings}", "connect_timeout": 10},
    )


def newest_revision() -> str:
    """The revision of this version's schema: migrations are numbered, and the last file is the head."""
    return max(path.stem.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


def _stands_at(store: Store) -> str | None:
    """The revision of the database's schema, None for one that was never migrated."""
    with store.begin() as connection:
        if connection.execute(text("SELECT to_regclass('sync.alembic_version')")).scalar_one() is None:
            return None
        return connection.execute(text("SELECT max(version_num) FROM sync.alembic_version")).scalar_one_or_none()


def migrate(store: Store) -> None:
    """Bring the schema to this version's; SettingError when it is newer already.

    Alembic is imported here and only for work, since it takes longer to load than all that reads or writes needs.
    """
    if _stands_at(store) == newest_revision():
        return
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    configuration = Config()
    configuration.set_main_option("script_location", str(_MIGRATIONS))
    scripts = ScriptDirectory.from_config(configuration)
    with store.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS sync"))
        context = MigrationContext.configure(connection, opts={"version_table_schema": "sync"})
        stands_at = context.get_current_revision()
        if stands_at == scripts.get_current_head():
            return
        try:
            scripts.get_revision(stands_at or "base")
        except CommandError:
            raise SettingError(
                f"The database's schema ({stands_at}) is newer than this sync-assets; "
                "upgrade it or use another database."
            ) from None
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "head")
