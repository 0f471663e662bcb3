"""Whatever goes wrong once between us and a vendor: after at most three runs nothing is lost and nothing is double."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest

from sync_assets.http import wire
from sync_assets.http.client import NO_DATA_MAX
from sync_assets.model.errors import SyncError
from sync_assets.sandbox import faults
from sync_assets.sandbox.wire import Interfere, Reply, Server
from sync_assets_tests.scenarios.cast import CAST
from sync_assets_tests.scenarios.conftest import Play
from sync_assets_tests.scenarios.scene import Scene

BOM = b"\xef\xbb\xbf"

FAULTS: dict[str, Callable[[Scene], Interfere]] = {
    "H01 no connection": lambda _scene: faults.cut_connection(),
    "H02 the reply is lost": lambda _scene: faults.cut_connection(commits=True),
    "H06 cut off in the middle": lambda _scene: faults.truncate(0.6),
    "H06 cut off with an honest length": lambda _scene: faults.truncate(0.6, honest_length=True),
    "H06 nothing but an opening brace": lambda _scene: faults.rewrite(lambda body: body[:1]),
    "H09 a log-in page": lambda _scene: faults.html_page(),
    "H09 a maintenance page": lambda _scene: faults.html_page(503),
    "H10 no content": lambda _scene: faults.empty(),
    "H10 an empty body": lambda _scene: faults.empty(200),
    "H08 an error body with status 200": lambda scene: faults.rewrite(lambda _body: scene.vendor.error(500, "").body),
    "H11 a limit in seconds": lambda scene: faults.refuse(scene.vendor, 429, retry_after="7"),
    "H12 a limit until a date": lambda scene: faults.refuse(scene.vendor, 429, retry_after=_date(scene, 30)),
    "H12 a limit until a past date": lambda scene: faults.refuse(scene.vendor, 429, retry_after=_date(scene, -900)),
    "H12 a negative limit": lambda scene: faults.refuse(scene.vendor, 429, retry_after="-5"),
    "H12 a huge limit": lambda scene: faults.refuse(scene.vendor, 429, retry_after="9" * 30),
    "H12 a limit that is no number": lambda scene: faults.refuse(scene.vendor, 429, retry_after="soon"),
    "H13 a limit without a time": lambda scene: faults.refuse(scene.vendor, 429),
    "H14 unavailable": lambda scene: faults.refuse(scene.vendor, 503),
    "H15 a proxy's error": lambda _scene: faults.proxy_error(),
    "H15 a proxy's error after the work": lambda _scene: faults.proxy_error(504, commits=True),
    "H16 no longer logged in": lambda scene: faults.refuse(scene.vendor, 401),
    "H17 forbidden": lambda scene: faults.refuse(scene.vendor, 403),
    "H18 not found": lambda scene: faults.refuse(scene.vendor, 404),
    "H20 a refusal": lambda scene: faults.refuse(scene.vendor, 400),
    "H21 no answer in time": lambda _scene: faults.stall(0.25),
    "H22 a bomb": lambda _scene: faults.gzip_bomb(80),
    "H23 a redirect to the same host": lambda scene: faults.redirect(scene.server.url + "/"),
    "H26 delivered twice": lambda _scene: faults.twice(),
    "H28 a Date of tomorrow": lambda scene: faults.wrong_date(scene.clock.now, timedelta(days=1)),
    "H28 a Date of last year": lambda scene: faults.wrong_date(scene.clock.now, timedelta(days=-365)),
    "H28 no Date": lambda _scene: _without_date,
    "H29 a byte order mark": lambda _scene: faults.rewrite(lambda body: BOM + body),
    "H29 UTF-16": lambda _scene: faults.rewrite(lambda body: body.decode().encode("utf-16")),
    "H29 said to be compressed": lambda _scene: faults.mislabel_encoding(),
    "H29 unknown compression": lambda _scene: faults.mislabel_encoding("zstd-of-tomorrow"),
}


def _date(scene: Scene, seconds: int) -> str:
    return f"{scene.clock.now() + timedelta(seconds=seconds):%a, %d %b %Y %H:%M:%S} GMT"


def _without_date(_request: object, proceed: Callable[[], Reply]) -> Reply:
    reply = proceed()
    return Reply(status=reply.status, body=reply.body, headers={**reply.headers, "Date": "yesterday, I think"})


def undisturbed(scene: Scene, name: str) -> None:
    """The stream holds what the vendor holds, each record once and without a dead letter."""
    assert scene.differences(name) == {}
    assert scene.count("raw.version") == len(scene.vendor.census()[name])
    assert scene.count("sync.dead_letter") == 0


@pytest.mark.parametrize("vendor", CAST)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_request_of_a_first_read_leaves_no_trace(
    play: Play, monkeypatch: pytest.MonkeyPatch, vendor: str, fault: str
) -> None:
    player = CAST[vendor]
    scene = play(player.make)
    monkeypatch.setattr(wire, "READ_S", 0.15)
    number = Random(f"{vendor} {fault}").randint(1, player.requests)
    scene.disturb(faults.at(number, FAULTS[fault](scene)))
    scene.read_until_done(player.stream)
    assert len(scene.server.requests) >= number, "the fault was met"
    undisturbed(scene, player.stream)


@pytest.mark.parametrize("vendor", CAST)
def test_a_vendor_that_never_tells_its_time_is_read_by_our_clock(
    play: Play, monkeypatch: pytest.MonkeyPatch, vendor: str
) -> None:
    player = CAST[vendor]
    scene = play(player.make)
    monkeypatch.setattr("sync_assets.systems.netsuite.ask.own_clock", scene.clock.now)
    # later than five minutes after the newest record: that much clocks differ
    scene.clock.advance(seconds=600)
    scene.disturb(faults.at(1, _without_date, times=1000))
    assert scene.read_until_done(player.stream) == []
    undisturbed(scene, player.stream)
    mark = scene.high_water(player.stream)
    assert mark is None or mark <= scene.clock.now() - timedelta(minutes=5)


@pytest.mark.parametrize("vendor", CAST)
def test_the_number_of_requests_of_a_first_read_is_known(play: Play, vendor: str) -> None:
    scene = play(CAST[vendor].make)
    scene.read(CAST[vendor].stream)
    assert len(scene.server.requests) == CAST[vendor].requests


@pytest.mark.parametrize("vendor", CAST)
def test_a_page_that_cannot_be_trusted_moves_no_watermark_and_is_read_again(play: Play, vendor: str) -> None:
    player = CAST[vendor]
    scene = play(player.make)
    # what is no page is asked for again, twice
    scene.disturb(faults.at(player.requests, faults.truncate(0.5, honest_length=True), times=NO_DATA_MAX + 1))
    with pytest.raises(SyncError):
        scene.read(player.stream)
    assert scene.high_water(player.stream) is None
    landed = scene.count("raw.version")
    scene.read(player.stream)
    assert scene.high_water(player.stream) is not None
    undisturbed(scene, player.stream)
    assert landed < scene.count("raw.version")


@pytest.mark.parametrize("vendor", CAST)
def test_an_outage_longer_than_a_run_waits_is_survived_by_the_next_run(play: Play, vendor: str) -> None:
    player = CAST[vendor]
    scene = play(player.make)
    scene.disturb(faults.at(player.requests, faults.refuse(scene.vendor, 503), times=7))
    errors = scene.read_until_done(player.stream)
    assert [error.partition(":")[0] for error in errors] == ["RetryLaterError"]
    undisturbed(scene, player.stream)


@pytest.mark.parametrize("vendor", CAST)
def test_the_wait_that_a_vendor_asks_for_is_kept(play: Play, vendor: str) -> None:
    player = CAST[vendor]
    scene = play(player.make)
    scene.disturb(faults.at(player.requests, faults.refuse(scene.vendor, 429, retry_after="7")))
    scene.read(player.stream)
    assert scene.slept == [7.0]


@pytest.mark.parametrize("vendor", CAST)
@pytest.mark.parametrize("status", [302, 308])
def test_a_redirect_elsewhere_is_not_followed(play: Play, vendor: str, status: int) -> None:
    player = CAST[vendor]
    scene = play(player.make)
    other = Server(vendor=scene.vendor, clock=scene.clock).start()
    try:
        scene.disturb(faults.at(player.requests, faults.redirect(other.url + "/", status)))
        errors = scene.read_until_done(player.stream)
        assert errors
        assert other.requests == []
    finally:
        other.stop()
    undisturbed(scene, player.stream)


@pytest.mark.parametrize("vendor", CAST)
@pytest.mark.parametrize("back", [0, 1])
def test_a_reply_out_of_a_cache_is_not_taken_for_the_page_asked_for(play: Play, vendor: str, back: int) -> None:
    player = CAST[vendor]
    scene = play(player.make)
    scene.disturb(faults.repeat_last(player.requests - back))
    scene.read_until_done(player.stream)
    undisturbed(scene, player.stream)


@pytest.mark.parametrize("vendor", CAST)
@pytest.mark.parametrize("seed", range(2))
def test_many_faults_at_random_lose_nothing(
    play: Play, monkeypatch: pytest.MonkeyPatch, vendor: str, seed: int
) -> None:
    player = CAST[vendor]
    scene = play(player.make)
    monkeypatch.setattr(wire, "READ_S", 0.15)
    chosen = [FAULTS[name](scene) for name in FAULTS if name.partition(" ")[0] in {"H01", "H02", "H06", "H14", "H15"}]
    scene.disturb(faults.by_chance(Random(f"{vendor} {seed}"), 0.3, *chosen))
    for _ in range(30):
        try:
            scene.read(player.stream)
        except SyncError:
            scene.clock.advance(seconds=30)
        else:
            break
    undisturbed(scene, player.stream)


@pytest.mark.parametrize("vendor", CAST)
def test_a_reply_that_trickles_in_for_ever_costs_a_run_a_limited_time(play: Play, vendor: str) -> None:
    player = CAST[vendor]
    scene = play(player.make)
    scene.total_s = 0.6
    scene.disturb(faults.at(player.requests, faults.trickle(0.02)))
    errors = scene.read_until_done(player.stream)
    assert [error.partition(":")[0] for error in errors] == ["RetryLaterError"]
    undisturbed(scene, player.stream)
