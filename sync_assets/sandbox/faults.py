"""Things that go wrong between a client and any vendor: limits, outages, lost replies, broken bodies, proxies.

Belongs here: faults that know no vendor; a vendor's own error bodies come from its `error`. A fault is an `Interfere`
of `wire`: append it to `Server.faults`. The second half picks which requests a fault meets.
"""

import gzip
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from random import Random
from typing import Protocol, TypeAlias

from sync_assets.sandbox.wire import Interfere, Reply, Request

Proceed: TypeAlias = Callable[[], Reply]

_LOGIN_PAGE = b"<!DOCTYPE html><html><head><title>Log in</title></head><body><form>Password</form></body></html>"


class HasErrors(Protocol):
    """A vendor that can say what its errors look like."""

    def error(self, status: int, code: str) -> Reply:
        """An error reply in the vendor's shape."""


def refuse(vendor: HasErrors, status: int, code: str = "", *, retry_after: str | None = None) -> Interfere:
    """Answer with the vendor's own error, e.g. 429 or 503, and optionally any text as `Retry-After`."""
    reply = vendor.error(status, code)
    if retry_after is not None:
        reply = replace(reply, headers={**reply.headers, "Retry-After": retry_after})
    return lambda _request, _proceed: reply


def proxy_error(status: int = 502, *, commits: bool = False) -> Interfere:
    """A proxy's plain-text error; with `commits` the vendor has done the work all the same."""

    def interfere(_request: Request, proceed: Proceed) -> Reply:
        if commits:
            proceed()
        return Reply(status=status, body=b"upstream error", headers={"Content-Type": "text/plain"})

    return interfere


def html_page(status: int = 200) -> Interfere:
    """A log-in or maintenance page instead of data."""
    return lambda _request, _proceed: Reply(status=status, body=_LOGIN_PAGE, headers={"Content-Type": "text/html"})


def empty(status: int = 204) -> Interfere:
    """No body where one is expected."""
    return lambda _request, _proceed: Reply(status=status)


def redirect(location: str, status: int = 302) -> Interfere:
    """Send the client elsewhere; the request's own path is appended to a location that ends with a slash."""

    def interfere(request: Request, _proceed: Proceed) -> Reply:
        target = location + request.raw_target.lstrip("/") if location.endswith("/") else location
        return Reply(status=status, headers={"Location": target})

    return interfere


def cut_connection(*, commits: bool = False) -> Interfere:
    """Reset instead of a reply, before the vendor does anything or after it has done it."""

    def interfere(_request: Request, proceed: Proceed) -> Reply | None:
        if commits:
            proceed()
        return None

    return interfere


def stall(seconds: float, *, commits: bool = False) -> Interfere:
    """Keep the client waiting longer than it likes, before or after the vendor does the work."""

    def interfere(_request: Request, proceed: Proceed) -> Reply:
        reply = proceed() if commits else None
        time.sleep(seconds)
        return reply or proceed()

    return interfere


def truncate(keep: float, *, honest_length: bool = False) -> Interfere:
    """Send only a share of the body; with an honest length the reply looks complete and is broken JSON."""

    def interfere(_request: Request, proceed: Proceed) -> Reply:
        reply = proceed()
        body = reply.body[: int(len(reply.body) * keep)]
        length = len(body) if honest_length else len(reply.body)
        return replace(
            reply, body=body, headers={**reply.headers, "Content-Length": str(length), "Connection": "close"}
        )

    return interfere


def rewrite(change: Callable[[bytes], bytes]) -> Interfere:
    """Change the bytes of the body: another encoding, a byte order mark, a field removed."""

    def interfere(_request: Request, proceed: Proceed) -> Reply:
        reply = proceed()
        return replace(reply, body=change(reply.body))

    return interfere


def twice() -> Interfere:
    """A proxy delivers the request to the vendor twice and passes on the second reply."""

    def interfere(_request: Request, proceed: Proceed) -> Reply:
        proceed()
        return proceed()

    return interfere


def stale_replies() -> Interfere:
    """A proxy answers each request with the reply to the one before, as a bad cache does."""
    last: list[Reply] = []

    def interfere(_request: Request, proceed: Proceed) -> Reply:
        reply = proceed()
        last.append(reply)
        return last.pop(0) if len(last) > 1 else reply

    return interfere


def wrong_date(now: Callable[[], datetime], by: timedelta) -> Interfere:
    """The vendor's `Date` header is off by so much."""

    def interfere(_request: Request, proceed: Proceed) -> Reply:
        reply = proceed()
        return replace(reply, headers={**reply.headers, "Date": format_datetime(now() + by, usegmt=True)})

    return interfere


def trickle(seconds: float) -> Interfere:
    """Send the reply byte by byte, so slowly: no pause is long enough for a read timeout."""
    return lambda _request, proceed: replace(proceed(), trickle_s=seconds)


def first(times: int, fault: Interfere) -> Interfere:
    """The fault meets only the first so many requests."""
    return _counted(fault, lambda number: number <= times)


def every(nth: int, fault: Interfere) -> Interfere:
    """The fault meets every n-th request."""
    return _counted(fault, lambda number: number % nth == 0)


def only(part: str, fault: Interfere) -> Interfere:
    """The fault meets requests whose target contains a text."""
    return lambda request, proceed: fault(request, proceed) if part in request.raw_target else proceed()


def by_chance(rng: Random, share: float, *faults: Interfere) -> Interfere:
    """One of the faults, drawn from a seeded random, meets a share of the requests."""
    lock = threading.Lock()

    def interfere(request: Request, proceed: Proceed) -> Reply | None:
        with lock:
            fault = rng.choice(faults) if rng.random() < share else None
        return proceed() if fault is None else fault(request, proceed)

    return interfere


def _counted(fault: Interfere, meets: Callable[[int], bool]) -> Interfere:
    seen = [0]
    lock = threading.Lock()

    def interfere(request: Request, proceed: Proceed) -> Reply | None:
        with lock:
            seen[0] += 1
            hit = meets(seen[0])
        return fault(request, proceed) if hit else proceed()

    return interfere


def at(number: int, fault: Interfere, *, times: int = 1) -> Interfere:
    """The fault meets the request of that number, counted from 1, and as many in a row as `times` says."""
    return _counted(fault, lambda seen: number <= seen < number + times)


def repeat_last(number: int) -> Interfere:
    """A proxy's cache answers the request of that number with the reply to the one before."""
    last: list[Reply] = []

    def interfere(_request: Request, proceed: Proceed) -> Reply:
        reply = proceed()
        last.append(reply)
        return last[-2] if len(last) == number > 1 else reply

    return interfere


def mislabel_encoding(name: str = "gzip") -> Interfere:
    """The header says that the body is compressed, and it is not."""

    def interfere(_request: Request, proceed: Proceed) -> Reply:
        reply = proceed()
        return replace(reply, headers={**reply.headers, "Content-Encoding": name})

    return interfere


def gzip_bomb(megabytes: int) -> Interfere:
    """A small compressed body that unpacks to so many megabytes of blanks."""
    packed = gzip.compress(b" " * (megabytes << 20), compresslevel=9)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    return lambda _request, _proceed: Reply(body=packed, headers=headers)
