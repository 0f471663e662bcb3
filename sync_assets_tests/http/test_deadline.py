"""However slowly a reply trickles in, a request ends in time."""

import gzip
import time
from collections.abc import Callable

import pytest

from sync_assets.http.auth import Bearer
from sync_assets.http.client import Client
from sync_assets.model.errors import RetryLaterError
from sync_assets.sandbox import faults
from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.wire import Interfere, Reply, Request, Server
from sync_assets_tests.scenarios.conftest import START

TOTAL_S = 0.5
BODY = b'{"list":[]}'


class Vendor:
    name = "acme"

    def answer(self, request: Request) -> Reply:
        return Reply(body=BODY, headers={"X-Asked": request.path})


@pytest.fixture
def server() -> Server:
    return Server(vendor=Vendor(), clock=Clock(now_at=START)).start()


def ask(server: Server) -> Client:
    return Client(system="acme", base_url=server.url, auth=Bearer(token="t"), sleep=lambda _s: None, total_s=TOTAL_S)


def cut_at(server: Server) -> float:
    """Seconds until a request is given up."""
    started = time.monotonic()
    with pytest.raises(RetryLaterError, match="run again later"):
        ask(server).get("/list")
    return time.monotonic() - started


def compressed(_request: Request, proceed: Callable[[], Reply]) -> Reply:
    reply = proceed()
    return Reply(body=gzip.compress(reply.body), headers={"Content-Encoding": "gzip"})


@pytest.mark.parametrize("below", [[], [compressed]], ids=["plain", "compressed"])
def test_a_reply_of_a_byte_now_and_then_ends_with_the_total_time(server: Server, below: list[Interfere]) -> None:
    server.faults[:] = [faults.trickle(0.05), *below]
    # 11 bytes and some 60 of headers would take over three seconds; the time is up after half of one
    assert TOTAL_S <= cut_at(server) < 2.5
    assert len(server.requests) == 1, "the time is one for all attempts"
    server.stop()


def test_a_slow_reply_that_comes_in_time_is_an_answer(server: Server) -> None:
    server.faults[:] = [faults.trickle(0.001)]
    assert ask(server).get("/list").body == BODY
    server.stop()


def test_the_connection_after_a_slow_one_is_a_new_one(server: Server) -> None:
    client = ask(server)
    server.faults[:] = [faults.trickle(0.05)]
    with pytest.raises(RetryLaterError):
        client.get("/list")
    server.faults.clear()
    assert client.get("/list").body == BODY
    server.stop()
