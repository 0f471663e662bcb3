"""A short simulated life holds, says so day by day, and would not hold if a record were lost, doubled or misjudged."""

import re
from collections.abc import Iterator
from random import Random

import pytest

from sync_assets_tests.graph.company import Company, company
from sync_assets_tests.simulate.claims import unread, untrue
from sync_assets_tests.simulate.life import FIRST_DAY, live_a_day
from sync_assets_tests.simulate.trouble import JUMPS, Note, Trouble, draw

pytestmark = pytest.mark.timeout(900)
"""Seconds: two passes over five systems take half a minute, and many times that where many others want the machine."""

ROUGH_DAY = Trouble(faults=("lost replies", "503"), share=0.05, killed_at=9, late_s=300, jump=JUMPS[1])

DEFECTS = dict.fromkeys(("F3", "F11", "F20", "F31", "F50", "F51", "F60", "F71", "F75"), 1)
"""A few of each family: with all of them the day would be a long one."""

Day = tuple[Company, list[str], list[str]]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """A company after a rough day on which it was read for the first time; what was shown, and the claims that fell."""
    shown: list[str] = []
    with company(tmp_path_factory.mktemp("life"), seed=3, customers=4, now=FIRST_DAY, defects=DEFECTS) as found:
        broken = live_a_day(found, 1, ROUGH_DAY, rng=Random(3), show=shown.append, is_last=True)
        yield found, shown, broken


@pytest.fixture
def living(day: Day) -> Company:
    return day[0]


def test_a_day_with_a_kill_faults_and_late_rows_loses_doubles_and_misjudges_nothing(day: Day) -> None:
    _, (line,), broken = day
    assert broken == []
    # From nine in the morning: a day of business, then two hours until the calm pass.
    assert line.startswith("day 1 (2025-01-02 11:00): killed at request 9, 5% lost replies and 503, rows 300 s late")
    assert re.search(r"the pass in trouble: killed; \d+ versions, \d+ open breaks; all claims hold$", line)


def test_a_record_that_we_lost_is_told(living: Company) -> None:
    ((key, *_),) = living.rows(
        "SELECT min(record_id) FROM raw.head JOIN sync.stream USING (stream_id) WHERE name = 'payouts'"
    )
    living.rows("UPDATE raw.head SET is_deleted = true WHERE record_id = :key", key=key)
    assert untrue(living, is_last=True) == [f"stripe payouts: not stored: {key} (1)"]
    living.rows("UPDATE raw.head SET is_deleted = false WHERE record_id = :key", key=key)


def test_a_version_that_is_stored_twice_is_told(living: Company) -> None:
    columns = "stream_id, record_id, content_hash, rank, stamped_at, observed_at, page_id, start, length, is_deleted"
    living.rows(f"""
        INSERT INTO raw.version ({columns})
        SELECT {columns} FROM raw.version
        WHERE stream_id = (SELECT stream_id FROM sync.stream WHERE name = 'meters') LIMIT 1
    """)
    (line,) = untrue(living, is_last=True)
    assert re.fullmatch(r"product meters: one version of \w+ is stored twice", line)
    living.rows("""
        DELETE FROM raw.version WHERE version_id IN (
            SELECT max(version_id) FROM raw.version JOIN sync.stream USING (stream_id) WHERE name = 'meters')
    """)


def test_a_break_without_a_cause_and_a_cause_without_a_break_are_told(living: Company) -> None:
    ((break_id, class_),) = living.rows("""
        SELECT break_id, class FROM integrity.breaks WHERE closed_at IS NULL AND caused_by IS NULL ORDER BY 1 LIMIT 1
    """)
    living.rows("UPDATE integrity.breaks SET class = 'F999' WHERE break_id = :key", key=break_id)
    false, missed = untrue(living, is_last=True)
    assert false.startswith("F999 false: ")
    assert missed.startswith(f"{class_} missed: ")
    assert untrue(living, is_last=False) == [false]
    living.rows("UPDATE integrity.breaks SET class = :class_ WHERE break_id = :key", key=break_id, class_=class_)
    assert untrue(living, is_last=True) == []


def test_a_late_change_that_we_do_not_hold_is_told(living: Company) -> None:
    account = living.sandbox.salesforce.census()["accounts"][0]
    note = Note(system="salesforce", stream="accounts", record_id=account, text="never written")
    assert unread(living, [note]) == [f"salesforce accounts: {account} was changed late, and we hold an older version"]


def test_a_seed_draws_the_same_trouble_again_and_another_seed_another() -> None:
    assert [draw(Random(5)) for _ in range(2)] == [draw(Random(5))] * 2
    assert len({draw(Random(seed)) for seed in range(20)}) > 10
