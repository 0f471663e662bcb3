"""Times without a zone: which zone an account shows, and windows that lose nothing when clocks change."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_assets.connect.kinds import read_value
from sync_assets.connect.spec import Window
from sync_assets.model.errors import ContractError, RejectError, SettingError
from sync_assets.systems.netsuite.spec import SYSTEM
from sync_assets.systems.netsuite.wall import PACIFIC, Wall, measured, reconciled
from sync_assets_tests.page_server import Answer, Asked, serving
from sync_assets_tests.systems.netsuite.account import Account, error, open_suite, page

WINTER = datetime(2026, 1, 15, 12, tzinfo=UTC)
SUMMER = datetime(2026, 7, 15, 12, tzinfo=UTC)
ZONES = ["America/Los_Angeles", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo"]
"""One hour, one hour around UTC, half an hour the other way round, none, none any more."""


@pytest.mark.parametrize(
    ("shown", "now", "zone"),
    [
        ("2026-01-15 04:00:07", WINTER, "America/Los_Angeles"),
        ("2026-07-15 05:00:00", SUMMER, "America/Los_Angeles"),
        ("2026-01-15 17:29:50", WINTER, "+05:30"),
        ("2026-07-15 04:00:00", SUMMER, "-08:00"),
        ("2026-01-15 12:00:03", WINTER, ""),
        ("2026-01-15T12:00:03Z", WINTER, ""),
    ],
)
def test_the_offset_of_the_account_s_clock_tells_its_zone(shown: str, now: datetime, zone: str) -> None:
    assert measured(shown, now).zone == zone


@pytest.mark.parametrize("shown", ["15/01/2026 12:00", "2026-01-17 12:00:00", "noon"])
def test_a_clock_that_no_zone_shows_is_refused(shown: str) -> None:
    with pytest.raises(ContractError):
        measured(shown, WINTER)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-15 04:00:00 America/Los_Angeles", WINTER),
        ("2026-07-15 05:00:00 America/Los_Angeles", SUMMER),
        ("2026-01-15 17:30:00+05:30", WINTER),
        ("2026-01-15 12:00:00", WINTER),
        ("2026-01-15T12:00:00Z", WINTER),
        # clocks went back at 09:00 UTC: 01:30 is 08:30 UTC at its first pass
        ("2025-11-02 01:30:00 America/Los_Angeles", datetime(2025, 11, 2, 8, 30, tzinfo=UTC)),
        ("0001-01-01 00:00:00", None),
        (" America/Los_Angeles", None),
        ("+05:30", None),
        ("", None),
    ],
)
def test_a_time_with_its_zone_behind_it_is_one_instant(text: str, instant: datetime | None) -> None:
    assert read_value("wall", text) == instant


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("2026-01-15 12:00:00 Mars/Olympus", "tz_unknown"),
        ("1/15/2026 12:00", "date"),
        ("2026-02-30 12:00:00", "date"),
        (20260115, "type"),
    ],
)
def test_a_time_that_is_none_rejects_its_record(value: object, reason: str) -> None:
    with pytest.raises(RejectError) as caught:
        read_value("wall", value)
    assert caught.value.reason == reason


MINUTES = st.integers(min_value=0, max_value=2 * 366 * 24 * 60)
FIRST = datetime(2025, 1, 1, tzinfo=UTC)


@given(zone=st.sampled_from(ZONES), start=MINUTES, length=st.integers(0, 3000), share=st.floats(0, 1))
def test_no_instant_of_a_window_falls_outside_its_wall_times(zone: str, start: int, length: int, share: float) -> None:
    begin = FIRST + timedelta(minutes=start)
    inside = begin + timedelta(minutes=round(length * share))
    wall = Wall(zone=zone)
    shown = inside.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")
    assert wall.from_start(begin) <= shown <= wall.until_end(begin + timedelta(minutes=length))


def test_changes_in_the_hour_that_happens_twice_are_all_read() -> None:
    account = Account(zone="America/Los_Angeles")
    # 08:55 UTC and 09:05 UTC on either side of the change back: 01:55 summer time, then 01:05 winter time
    account.add("customer", id=1, isinactive="F", lastmodifieddate="2025-11-02 01:55:00")
    account.add("customer", id=2, isinactive="F", lastmodifieddate="2025-11-02 01:05:00")
    account.add("customer", id=3, isinactive="F", lastmodifieddate="2025-11-02 04:00:00")
    within = Window(
        start=datetime(2025, 11, 2, 8, 50, tzinfo=UTC), end=datetime(2025, 11, 2, 9, 10, tzinfo=UTC), earliest=FIRST
    )
    with account.client(TIME_ZONE="America/Los_Angeles") as (client, _):
        found = SYSTEM.read(client, SYSTEM.stream("customer"), within, None)
    assert [json.loads(record)["id"] for record in found.records] == ["1", "2"]


def test_stamps_carry_the_zone_that_the_clock_showed() -> None:
    account = Account(zone="Asia/Kolkata")
    account.add("customer", id=1, isinactive="F", lastmodifieddate="2026-01-15 17:30:00")
    within = Window(start=WINTER, end=WINTER, earliest=FIRST)
    with account.client() as (client, _):
        found = SYSTEM.read(client, SYSTEM.stream("customer"), within, None)
    (record,) = (json.loads(record) for record in found.records)
    assert read_value("wall", record["lastmodifieddate"]) == WINTER


def test_an_account_whose_clock_cannot_be_asked_loses_no_change_in_any_zone() -> None:
    account = Account()
    # no zone lies more than 14 hours from UTC: 12:00 - 14 h is 22:00 of the day before, 12:00 + 14 h 02:00 of the next
    for number, stamp in enumerate(("14 21:59:59", "14 22:00:00", "15 12:00:00", "16 02:00:00", "16 02:00:01")):
        account.add("customer", id=number, isinactive="F", lastmodifieddate=f"2026-01-{stamp}")
    account.lacks = {"SYSDATE"}
    with account.client() as (client, _):
        now = SYSTEM.clock(client)
        within = Window(start=WINTER, end=WINTER, earliest=FIRST)
        found = SYSTEM.read(client, SYSTEM.stream("customer"), within, None)
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)
    assert [json.loads(record)["id"] for record in found.records] == ["1", "2", "3"]


def test_stamps_in_our_session_s_zone_are_read_though_the_machine_keeps_another() -> None:
    """The machine keeps Pacific time, the user behind the credentials lives in Berlin, and stamps are shown to him."""

    def answer(asked: Asked) -> Answer:
        if b"DUAL" not in asked.body:
            return account.answer(asked)
        now = datetime.now(UTC)
        shown = {"wall": now.astimezone(ZoneInfo(PACIFIC)), "here": now.astimezone(ZoneInfo("Europe/Berlin"))}
        return page([{name: f"{time:%Y-%m-%d %H:%M:%S}" for name, time in shown.items()}])

    account = Account()
    now = datetime.now(UTC).replace(microsecond=0)
    berlin = now.astimezone(ZoneInfo("Europe/Berlin"))
    account.add("customer", id=1, isinactive="F", lastmodifieddate=f"{berlin:%Y-%m-%d %H:%M:%S}")
    within = Window(start=now - timedelta(minutes=5), end=now, earliest=FIRST)
    with serving(answer) as server:
        client = open_suite(server.url)
        found = SYSTEM.read(client, SYSTEM.stream("customer"), within, None)
    (record,) = (json.loads(record) for record in found.records)
    assert read_value("wall", record["lastmodifieddate"]) == now


@pytest.mark.parametrize(
    ("session", "zone"),
    [
        ("2026-01-15 13:00:00", "+01:00"),
        ("2026-01-15 04:00:00", PACIFIC),
        ("2026-01-15 00:00:00", PACIFIC),  # a plain date, not midnight
        ("2026-01-15", PACIFIC),
        ("1/15/2026", PACIFIC),
        (None, PACIFIC),
    ],
)
def test_a_session_that_shows_no_time_of_its_own_leaves_the_machine_s_zone(session: str | None, zone: str) -> None:
    machine = measured("2026-01-15 04:00:00", WINTER)
    assert reconciled(machine, session, WINTER).zone == zone


@given(start=MINUTES, is_session=st.booleans())
def test_a_window_holds_an_instant_whichever_of_both_clocks_stamped_it(*, start: int, is_session: bool) -> None:
    now = FIRST + timedelta(minutes=start)
    machine = measured(f"{now.astimezone(ZoneInfo(PACIFIC)):%Y-%m-%d %H:%M:%S}", now)
    session = f"{now.astimezone(ZoneInfo('Asia/Kolkata')):%Y-%m-%d %H:%M:%S}"
    wall = reconciled(machine, session, now)
    shown = f"{now.astimezone(ZoneInfo('Asia/Kolkata' if is_session else PACIFIC)):%Y-%m-%d %H:%M:%S}"
    assert wall.from_start(now) <= shown <= wall.until_end(now)


def test_an_account_that_does_not_know_our_session_s_time_is_asked_for_it_once() -> None:
    account = Account()
    account.lacks = {"CURRENT_DATE"}
    with account.client() as (client, server):
        for _ in range(3):
            SYSTEM.clock(client)
    # one refusal, then three answers with the machine's clock alone
    assert [b"CURRENT_DATE" in asked.body for asked in server.asked] == [True, False, False, False]


def test_a_measured_zone_follows_the_clock_from_window_to_window() -> None:
    account = Account(zone="UTC")
    with account.client() as (client, _):
        SYSTEM.clock(client)
        before = client.wall_shown
        account.zone = ZoneInfo("Asia/Kolkata")
        SYSTEM.clock(client)
    assert (before, client.wall_shown) == (
        Wall(slack=timedelta(hours=1)),
        Wall(zone="+05:30", slack=timedelta(hours=1)),
    )


def test_a_zone_that_does_not_exist_is_a_mistake_in_the_settings() -> None:
    with pytest.raises(SettingError, match="SYNC_NETSUITE_TIME_ZONE"):
        open_suite("http://127.0.0.1:9", TIME_ZONE="Mars/Olympus")


def test_a_refused_clock_still_tells_the_time() -> None:
    with serving(lambda _: error(400, "INVALID_PARAMETER", "Unknown identifier 'SYSDATE'")) as server:
        assert abs(SYSTEM.clock(open_suite(server.url)) - datetime.now(UTC)) < timedelta(seconds=5)
