"""Faults reach a client over real HTTP as they would in reality."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import Random

import pytest
import requests

from sync_assets.sandbox import faults
from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.wire import Interfere, Reply, Request, Server

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@dataclass
class Counter:
    """A vendor that counts the requests it has carried out."""

    name: str = "counter"
    done: list[str] = field(default_factory=list)

    def answer(self, request: Request) -> Reply:
        self.done.append(request.path)
        return Reply.of({"number": len(self.done), "rows": list(range(50))})

    def error(self, status: int, code: str) -> Reply:
        return Reply.of({"error": code}, status=status)


@dataclass
class Line:
    """A served vendor and a way to ask it."""

    vendor: Counter
    server: Server

    def ask(self, path: str = "/things", **more: float) -> requests.Response:
        return requests.get(self.server.url + path, timeout=more.get("timeout", 5), allow_redirects=False)


@pytest.fixture
def line() -> Iterator[Line]:
    vendor = Counter()
    server = Server(vendor=vendor, clock=Clock(now_at=NOW)).start()
    try:
        yield Line(vendor, server)
    finally:
        server.stop()


def test_a_limit_has_the_vendors_own_shape_and_any_retry_after(line: Line) -> None:
    line.server.faults.append(faults.refuse(line.vendor, 429, "slow_down", retry_after="soon"))
    reply = line.ask()
    assert (reply.status_code, reply.json(), reply.headers["Retry-After"]) == (429, {"error": "slow_down"}, "soon")
    assert line.vendor.done == []


@pytest.mark.parametrize(("commits", "done"), [(False, 0), (True, 1)])
def test_a_reply_is_lost_before_or_after_the_work(line: Line, done: int, *, commits: bool) -> None:
    line.server.faults.append(faults.cut_connection(commits=commits))
    with pytest.raises(requests.ConnectionError):
        line.ask()
    assert len(line.vendor.done) == done


@pytest.mark.parametrize(("commits", "done"), [(False, 0), (True, 1)])
def test_a_client_times_out_before_or_after_the_work(line: Line, done: int, *, commits: bool) -> None:
    line.server.faults.append(faults.stall(0.5, commits=commits))
    with pytest.raises(requests.Timeout):
        line.ask(timeout=0.1)
    assert len(line.vendor.done) == done


def test_a_proxy_may_fail_after_the_vendor_has_done_it(line: Line) -> None:
    line.server.faults.append(faults.proxy_error(502, commits=True))
    assert line.ask().status_code == 502
    assert len(line.vendor.done) == 1


def test_a_page_may_be_html_or_nothing_at_all(line: Line) -> None:
    line.server.faults.append(faults.first(1, faults.html_page()))
    line.server.faults.append(faults.first(1, faults.empty()))
    html, nothing = line.ask(), line.ask()
    assert html.headers["Content-Type"] == "text/html"
    assert html.status_code == 200
    assert (nothing.status_code, nothing.content) == (204, b"")


def test_a_truncated_body_breaks_off_or_pretends_to_be_whole(line: Line) -> None:
    line.server.faults.append(faults.first(1, faults.truncate(0.5)))
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        line.ask()
    line.server.faults[:] = [faults.truncate(0.5, honest_length=True)]
    with pytest.raises(requests.JSONDecodeError):
        line.ask().json()


def test_a_redirect_names_the_place_and_keeps_the_path(line: Line) -> None:
    line.server.faults.append(faults.redirect("https://elsewhere.example/"))
    reply = line.ask("/things?limit=3")
    assert (reply.status_code, reply.headers["Location"]) == (302, "https://elsewhere.example/things?limit=3")


def test_a_proxy_repeats_a_request_or_an_old_reply(line: Line) -> None:
    line.server.faults.append(faults.first(1, faults.twice()))
    assert line.ask().json()["number"] == 2
    line.server.faults[:] = [faults.stale_replies()]
    assert [line.ask().json()["number"] for _ in range(3)] == [3, 3, 4]


def test_bytes_and_dates_may_be_wrong(line: Line) -> None:
    line.server.faults.append(faults.rewrite(lambda body: b"\xef\xbb\xbf" + body))
    line.server.faults.append(faults.wrong_date(line.server.clock.now, timedelta(hours=-3)))
    reply = line.ask()
    assert reply.content.startswith(b"\xef\xbb\xbf{")
    assert parsedate_to_datetime(reply.headers["Date"]) == NOW - timedelta(hours=3)


def statuses(line: Line, fault: Interfere, paths: list[str]) -> list[int]:
    line.server.faults[:] = [fault]
    return [line.ask(path).status_code for path in paths]


def test_a_fault_meets_the_first_the_nth_or_certain_requests(line: Line) -> None:
    down = faults.refuse(line.vendor, 503)
    assert statuses(line, faults.first(2, down), ["/a"] * 4) == [503, 503, 200, 200]
    assert statuses(line, faults.every(3, down), ["/a"] * 6) == [200, 200, 503, 200, 200, 503]
    assert statuses(line, faults.only("invoices", down), ["/a", "/invoices?limit=1"]) == [200, 503]


def test_a_seed_repeats_the_same_faults(line: Line) -> None:
    def storm() -> list[int]:
        fault = faults.by_chance(Random(4), 0.5, faults.refuse(line.vendor, 503), faults.refuse(line.vendor, 429))
        return statuses(line, fault, ["/a"] * 20)

    met = storm()
    assert met == storm()
    assert set(met) == {200, 429, 503}
