"""Owners are told what is new once, of what grew old once more, and of nothing they accepted."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from sqlalchemy import text

from sync_assets.integrity.acts import Acceptance, accept
from sync_assets.integrity.alerts import addresses, objective_days, send_alerts
from sync_assets.model.errors import SettingError
from sync_assets.store.beats import beat
from sync_assets_tests.reconcile.books import Books


class Channel:
    """A webhook that a company's chat would offer; it keeps what it is told, or refuses."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.status = 200
        channel = self

        class Hears(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if channel.status == 200:
                    channel.heard.append(said)
                self.send_response(channel.status)
                self.end_headers()

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Hears)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"json://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Channel]:
    """Where finance is told."""
    opened = Channel()
    monkeypatch.setenv("SYNC_ALERTS_FI", opened.address)
    yield opened
    opened.server.shutdown()
    opened.server.server_close()


@pytest.fixture
def broken(books: Books) -> Books:
    """An invoice over 119.00 EUR that the ERP lacks."""
    books.invoice("1042")
    books.judge()
    return books


def age(books: Books, days: int) -> None:
    with books.store.begin() as connection:
        connection.execute(
            text("UPDATE integrity.breaks SET opened_at = clock_timestamp() - make_interval(days => :days)"),
            {"days": days},
        )


def test_the_owner_is_told_once_with_the_sum_and_the_break(broken: Books, channel: Channel) -> None:
    age(broken, 1)
    assert send_alerts(broken.store).owners == ["FI"]
    assert send_alerts(broken.store).owners == []
    (said,) = channel.heard
    assert said["title"] == "sync-assets: 1 for finance"
    assert said["message"].splitlines()[0] == "1 opened, 119.00 EUR"
    assert "F51 Billing invoice absent in ERP at billing->erp, 119.00 EUR" in said["message"]


def test_one_cause_of_many_breaks_is_one_line_and_every_break_counts_as_told(books: Books, channel: Channel) -> None:
    for number in range(30):
        books.invoice(f"{number}")
    books.judge()
    age(books, 1)
    assert send_alerts(books.store).owners == ["FI"]
    assert send_alerts(books.store).owners == []
    (said,) = channel.heard
    head, line = said["message"].splitlines()
    # 30 x 119.00 EUR
    assert head == "30 opened, 3,570.00 EUR"
    assert line.startswith("opened: 30 x F51 Billing invoice absent in ERP at billing->erp, 3,570.00 EUR")
    assert "sync-assets breaks --group " in line


def test_a_break_older_than_agreed_is_told_once_more(broken: Books, channel: Channel) -> None:
    age(broken, 4)
    send_alerts(broken.store)
    with broken.store.begin() as connection:
        opened_at = connection.execute(text("SELECT opened_at FROM integrity.breaks")).scalar_one()
        moved = opened_at - timedelta(days=2)
        # The same break, two days later: the keys under which it was told move with the instant it opened.
        connection.execute(text("UPDATE integrity.breaks SET opened_at = :at"), {"at": moved})
        connection.execute(
            text("UPDATE integrity.alert SET key = replace(key, CAST(:was AS text), CAST(:at AS text))"),
            {"was": _as_key(connection, opened_at), "at": _as_key(connection, moved)},
        )
    send_alerts(broken.store)
    assert [said["message"].splitlines()[1] for said in channel.heard[1:]] == ["1 older than agreed"]
    assert send_alerts(broken.store).owners == []


def _as_key(connection: Any, at: datetime) -> str:
    return str(connection.execute(text("SELECT CAST(CAST(:at AS timestamptz) AS text)"), {"at": at}).scalar_one())


def test_what_could_not_be_delivered_is_told_at_the_next_tick(broken: Books, channel: Channel) -> None:
    channel.status = 500
    assert send_alerts(broken.store).failed == ["FI"]
    channel.status = 200
    assert send_alerts(broken.store).owners == ["FI"]
    assert len(channel.heard) == 1


def test_an_accepted_break_is_told_to_nobody(broken: Books, channel: Channel) -> None:
    until = datetime.now(UTC).date() + timedelta(days=1)
    accept(
        broken.store,
        broken.breaks()[0]["break_id"],
        Acceptance(by="Ada", approver="Ben", reason="known", until=until),
    )
    assert send_alerts(broken.store).owners == []
    assert channel.heard == []


def test_a_sensor_that_fell_silent_is_told_to_those_who_run_the_sync(
    books: Books, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNC_ALERTS", channel.address)
    beat(books.store, "stripe_changes")
    with books.store.begin() as connection:
        connection.execute(text("UPDATE sync.beat SET beat_at = beat_at - interval '1 hour'"))
    assert send_alerts(books.store).owners == ["DE"]
    assert send_alerts(books.store).owners == []
    assert "stripe_changes has not ticked" in channel.heard[0]["message"]


def test_owners_without_an_address_of_their_own_share_everybodys(monkeypatch: pytest.MonkeyPatch) -> None:
    found = addresses({"SYNC_ALERTS": "json://a json://b", "SYNC_ALERTS_FI": "json://c"})
    assert found["FI"] == ["json://c"]
    assert found["RO"] == ["json://a", "json://b"]
    assert addresses({}) == {}
    with pytest.raises(SettingError, match="number of days"):
        objective_days({"SYNC_OBJECTIVE_DAYS": "soon"})
