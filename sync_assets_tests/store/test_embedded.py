"""The embedded Postgres: one server per directory, found again, outliving whoever uses it."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from sync_assets.store import embedded


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    embedded.stop(tmp_path)
    shutil.rmtree(embedded.where(tmp_path).parent, ignore_errors=True)


def _ask(server: embedded.Server, question: str) -> object:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
    return row[0] if row else None


def test_it_is_found_again_by_whoever_comes_next(place: Path) -> None:
    first, second = embedded.start(place), embedded.start(place)
    assert (first.started_here, second.started_here) == (True, False)
    assert first.port == second.port


def test_two_who_start_it_at_once_get_the_same_server(place: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        servers = list(pool.map(lambda _n: embedded.start(place), range(4)))
    assert len({server.port for server in servers}) == 1
    assert sum(server.started_here for server in servers) == 1


def test_it_survives_the_kill_of_the_process_that_started_it(place: Path) -> None:
    starter = (
        "import os, pathlib, signal, sys\n"
        "from sync_assets.store import embedded\n"
        "embedded.start(pathlib.Path(sys.argv[1]))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", starter, str(place)], check=False)
    assert ended.returncode == -signal.SIGKILL
    server = embedded.start(place)
    assert not server.started_here
    assert _ask(server, "SELECT 1") == 1


def test_data_survives_a_stop_and_a_stale_pid_file(place: Path) -> None:
    server = embedded.start(place)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")
    embedded.stop(place)
    stale = embedded.where(place) / "postmaster.pid"
    stale.write_text("999999\n/nowhere\n0\n1\n\n127.0.0.1\n\nstale\n")
    assert _ask(embedded.start(place), "SELECT seven FROM kept") == 7


def test_it_listens_on_loopback_only_and_asks_for_a_password(place: Path) -> None:
    server = embedded.start(place)
    assert _ask(server, "SHOW listen_addresses") == "127.0.0.1"
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://sync:wrong@127.0.0.1:{server.port}/postgres")
