"""The demo, once, as a process of its own; and the commands that answer from what it left on disk."""

import csv
import io
import json
import re
import socket
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from sync_assets.store import embedded
from sync_assets_tests.operate.shell import Say, Told, spawn

pytestmark = pytest.mark.company


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of the demo's own."""
    home = tmp_path_factory.mktemp("demo")
    yield home
    embedded.stop(home / "demo")


@pytest.fixture(scope="module")
def told(place: Path) -> Told:
    """What the demo said about the smallest company that has one defect of each class."""
    return spawn("demo", "--customers", "6", "--seed", "3", SYNC_HOME=str(place), COLUMNS="120")


@pytest.fixture
def after(told: Told, place: Path, monkeypatch: pytest.MonkeyPatch, say: Say) -> Say:
    """Commands on the demo's data."""
    assert told.code == 1
    monkeypatch.setenv("SYNC_HOME", str(place / "demo"))
    monkeypatch.delenv("SYNC_DATABASE_URL", raising=False)
    return say


def test_the_demo_tells_what_broke_and_leaves_nothing_running(told: Told, place: Path) -> None:
    assert told.code == 1, "it did it, and the breaks need a person"
    assert "Traceback" not in told.out + told.err
    table, _, story = told.out.partition("root breaks, ")
    shown, more = len(re.findall(r"^F\d+ ", table, re.MULTILINE)), re.search(r"and (\d+) more", table)
    assert int(table.split()[-1]) == shown + int(more[1] if more else 0) - _symptoms(story)
    for part in (
        "amendment accepted",
        " becomes 35 x",
        "drawn from 20 x",
        "posted for invoice",
        "by hand",
        "F17 at billing",
    ):
        assert part in story
    said = [line for line in told.out.splitlines() if line.strip()]
    assert max(map(len, said)) < 140
    assert len(said) < 60
    assert _programs_of(place) == []
    port = json.loads((embedded.where(place / "demo").parent / "server.json").read_text())["port"]
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def _symptoms(story: str) -> int:
    return int(story.split(maxsplit=1)[0])


def _programs_of(place: Path) -> list[str]:
    """Living processes whose command line or working directory names a place."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_text().replace("\0", " ")
            where = str((process / "cwd").readlink())
        except OSError:
            continue
        if str(place) in words or where.startswith(str(place)):
            found.append(words)
    return found


def test_the_list_of_breaks_is_the_same_in_every_form(after: Say) -> None:
    answer = after("breaks", "--format", "json")
    assert answer.code == 1
    rows = json.loads(answer.out)
    in_csv = list(csv.DictReader(io.StringIO(after("breaks", "--format", "csv").out)))
    assert [row["break_id"] for row in in_csv] == [row["break_id"] for row in rows]
    table = after("breaks").out
    assert len(re.findall(r"^F\d+ ", table, re.MULTILINE)) == len(rows)
    only = json.loads(after("breaks", "--format", "json", "--class", "F17", "--owner", "RO").out)
    assert only == [row for row in rows if row["class"] == "F17"]
    closed = after("breaks", "--closed", "--format", "json")
    assert (closed.code, json.loads(closed.out)) == (0, [])


def test_every_break_can_be_traced_from_the_list_in_under_a_second(after: Say) -> None:
    import time

    rows = json.loads(after("breaks", "--format", "json").out)
    for row in rows:
        started = time.monotonic()
        answer = after("trace", row["entity"], row["entity_id"], "--format", "json")
        assert answer.code == 0
        assert time.monotonic() - started < 1
        found = json.loads(answer.out)
        assert row["break_id"] in [item["break_id"] for item in found["breaks"]]
        assert found["first_divergence"]["hop"]
    text = after("trace", "invoice", next(row["entity_id"] for row in rows if row["class"] == "F50")).out
    assert ">>" in text
    assert "chargebee" in text
    assert "netsuite" in text


def test_the_census_counts_ids_and_their_digest(after: Say) -> None:
    counted = json.loads(after("census", "--format", "json", "--ids").out)
    assert sorted(counted) == ["chargebee", "netsuite", "product", "salesforce", "stripe"]
    for streams in counted.values():
        for row in streams.values():
            assert row["count"] == len(row["ids"])
            assert row["ids_sha256"] == sha256("\n".join(sorted(row["ids"])).encode()).hexdigest()
    assert "ids" not in json.loads(after("census", "--format", "json").out)["stripe"]["charges"]
    assert "charges" in after("census").out
