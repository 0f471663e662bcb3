"""What people do about breaks, from the command line: who acts is known, and bad input is one sentence."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.operate.shell import Say
from sync_assets_tests.reconcile.books import Books

UNTIL = (datetime.now(UTC).date() + timedelta(days=3)).isoformat()


@pytest.fixture
def missing(store: Store, home: Path) -> str:
    """The id of the break about an invoice that the ERP lacks, in the database that commands use."""
    books = Books(store=store)
    books.invoice("1042")
    books.judge()
    return str(books.breaks()[0]["break_id"])


def test_a_break_goes_from_hand_to_hand_and_its_history_names_everybody(missing: str, say: Say) -> None:
    assert say("ledger", "assign", missing, "--to", "Cleo", "--by", "Ada").code == 0
    assert say("ledger", "explain", missing[:8], "--note", "the period was closed", "--by", "Cleo").code == 0
    terms = ("--until", UNTIL, "--reason", "posted in December", "--approver", "Ben", "--by", "Cleo")
    assert say("ledger", "accept", missing, *terms).code == 0
    told = say("ledger", "history", missing)
    assert [line.split()[1].strip(",") for line in told.out.splitlines()] == [
        "opened",
        "assigned",
        "explained",
        "accepted",
    ]
    assert "approver Ben" in told.out
    listed = say("breaks")
    assert listed.code == 0, "what is accepted needs nobody"
    assert missing in say("ledger", "overrides").out
    assert say("ledger", "withdraw", missing).code == 0
    assert say("breaks").code == 1
    assert say("ledger", "fixed", missing, "--note", "posted").code == 0
    assert "Nothing is accepted" in say("ledger", "overrides").out


def test_bad_acts_are_refused_with_what_to_do(missing: str, say: Say) -> None:
    terms = ("--until", "soon", "--reason", "because", "--approver", "Ben")
    told = say("ledger", "accept", missing, *terms)
    assert (told.code, "is not a day" in told.sentence) == (2, True)
    told = say("ledger", "let-pass", "raw/x/y", "--until", UNTIL, "--reason", "because", "--approver", "Ben")
    assert (told.code, "has no gate" in told.sentence) == (2, True)
