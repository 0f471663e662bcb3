"""What the database ends before it is done, a statement or the wait for a lock, is told as that and as nothing else."""

from collections.abc import Callable

import psycopg
import psycopg2
import pytest
from sqlalchemy import text

from sync_assets.model.errors import RetryLaterError, UnreachableError
from sync_assets.operate.last_words import in_one_sentence
from sync_assets.store import embedded
from sync_assets.store.engine import Store

SLEEP = "SET statement_timeout = '20ms'; SELECT pg_sleep(5)"
ASK = "SET lock_timeout = '20ms'; LOCK TABLE sync.beat"

Connect = Callable[[str], psycopg.Connection | psycopg2.extensions.connection]


def _do(store: Store, *statements: str) -> None:
    with store.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_a_statement_that_took_too_long_names_the_setting_to_raise(store: Store) -> None:
    with pytest.raises(UnreachableError, match="longer than its statement_timeout"):
        _do(store, "SET LOCAL statement_timeout = '20ms'", "SELECT pg_sleep(5)")


def test_a_table_that_another_session_holds_is_said_and_can_be_tried_again(store: Store) -> None:
    with store.begin() as other:
        other.execute(text("LOCK TABLE sync.beat"))
        with pytest.raises(RetryLaterError, match="held a lock"):
            _do(store, "SET LOCAL lock_timeout = '20ms'", "LOCK TABLE sync.beat")


@pytest.mark.parametrize("connect", [psycopg.connect, psycopg2.connect])
@pytest.mark.parametrize(("statement", "said"), [(SLEEP, "statement_timeout"), (ASK, "held a lock")])
def test_both_are_told_alike_when_a_driver_raises_them_under_another_error(
    store: Store, postgres: embedded.Server, connect: Connect, statement: str, said: str
) -> None:
    with store.begin() as other:
        other.execute(text("LOCK TABLE sync.beat"))
        connection = connect(postgres.url("sync"))
        try:
            connection.cursor().execute(statement)
        except (psycopg.Error, psycopg2.Error) as error:
            wrapped = RuntimeError("a step failed")
            wrapped.__cause__ = error
        finally:
            connection.close()
    assert said in in_one_sentence(wrapped)
