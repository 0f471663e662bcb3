"""A connection that the server closes while nobody uses it is nobody's trouble."""

import pytest
from sqlalchemy import text

from sync_assets.store.engine import Store


@pytest.mark.parametrize("kind", ["begin", "landing"])
def test_a_connection_that_was_closed_while_it_lay_unused_is_replaced_unnoticed(store: Store, kind: str) -> None:
    transaction = getattr(store, kind)
    with transaction() as connection:
        before = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with (store.landing if kind == "begin" else store.begin)() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": before})

    with transaction() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() != before


def test_pages_are_looked_up_one_by_one_and_do_not_wait_for_the_disk(store: Store) -> None:
    shown = text("SELECT current_setting('enable_seqscan'), current_setting('synchronous_commit')")
    with store.landing() as connection:
        assert connection.execute(shown).one() == ("off", "off")
    with store.begin() as connection:
        assert connection.execute(shown).one() == ("on", "on")
