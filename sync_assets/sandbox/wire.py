"""Real HTTP on loopback for the simulated vendors: request in, reply out, faults in between.

Knows nothing of any vendor. A vendor is an object with a `name` and `answer(Request) -> Reply`.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from typing import Any, Protocol, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from sync_assets.sandbox.clock import Clock


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a client sent. `query` keeps order and repeats; `headers` has lower-case names; `base_url` is ours."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes
    base_url: str
    raw_target: str

    def arg(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        return next((value for key, value in self.query if key == name), default)

    def form(self) -> dict[str, str]:
        """The form-encoded body."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def json(self) -> Any:
        """The JSON body; raises ValueError on anything else."""
        return json.loads(self.body)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the vendor answers; `trickle_s` are the seconds after each byte, of the headers too, 0 for all at once."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    trickle_s: float = 0.0

    @classmethod
    def of(cls, payload: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
        """A JSON reply."""
        body = json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()
        return cls(status=status, body=body, headers={"Content-Type": "application/json", **(headers or {})})


class Vendor(Protocol):
    """One simulated vendor."""

    name: str

    def answer(self, request: Request) -> Reply:
        """The reply of the vendor's API to one request."""


Interfere: TypeAlias = Callable[[Request, Callable[[], Reply]], Reply | None]
"""A fault: may answer instead of the vendor, change its reply, wait, or return None to cut the connection."""


@dataclass(kw_only=True)
class Server:
    """One vendor listening on a loopback port, with the requests it saw and the faults in its way."""

    vendor: Vendor
    clock: Clock
    port: int = 0
    faults: list[Interfere] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    _http: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """The base URL, without a closing slash."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Server:
        """Listen in a background thread; the port is chosen by the system when it is 0."""
        server = self

        class Handler(_Handler):
            owner = server

        self._http = _QuietServer(("127.0.0.1", self.port), Handler)
        self.port = self._http.server_port
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self) -> None:
        """Close the port."""
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http = None

    def reply_to(self, request: Request) -> Reply | None:
        """The vendor's reply with the faults applied, the first in the list outermost."""
        self.requests.append(request)
        faults = tuple(self.faults)

        def call(index: int) -> Reply | None:
            if index == len(faults):
                return self.vendor.answer(request)
            return faults[index](request, lambda: call(index + 1) or Reply(status=502))

        return call(0)


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else prints as usual."""
        import sys

        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Trickling(BufferedIOBase):
    """Writes byte by byte with a pause after each, for as long as somebody listens."""

    def __init__(self, wire: BufferedIOBase, pause_s: float) -> None:
        self._wire, self._pause_s = wire, pause_s

    def write(self, data: Any, /) -> int:
        for byte in bytes(data):
            self._wire.write(bytes([byte]))
            self._wire.flush()
            time.sleep(self._pause_s)
        return len(data)


class _Handler(BaseHTTPRequestHandler):
    owner: Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent: tests read `Server.requests` instead."""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=parts.path,
            query=parse_qsl(parts.query, keep_blank_values=True),
            headers={key.lower(): value for key, value in self.headers.items()},
            body=self.rfile.read(length) if length else b"",
            base_url=self.owner.url,
            raw_target=self.path,
        )
        reply = self.owner.reply_to(request)
        if reply is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response_only(reply.status)
        if "Date" not in reply.headers:
            self.send_header("Date", format_datetime(self.owner.clock.now(), usegmt=True))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in reply.headers:
            self.send_header("Content-Length", str(len(reply.body)))
        out = _Trickling(self.wfile, reply.trickle_s) if reply.trickle_s else self.wfile
        self.wfile, wire = out, self.wfile
        self.end_headers()
        self.wfile.write(reply.body)
        self.wfile = wire
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815


def fail_times(times: int, reply: Reply | None) -> Interfere:
    """A fault that gives `reply` (None: cuts the connection) for the first `times` requests."""
    left = [times]
    lock = threading.Lock()

    def interfere(_request: Request, proceed: Callable[[], Reply]) -> Reply | None:
        with lock:
            left[0] -= 1
            hit = left[0] >= 0
        return reply if hit else proceed()

    return interfere


def lose_reply(times: int) -> Interfere:
    """A fault that lets the vendor do the work and then cuts the connection, for the first `times` requests."""
    left = [times]

    def interfere(_request: Request, proceed: Callable[[], Reply]) -> Reply | None:
        reply = proceed()
        left[0] -= 1
        return None if left[0] >= 0 else reply

    return interfere


def delay(seconds: float) -> Interfere:
    """A fault that answers late."""

    def interfere(_request: Request, proceed: Callable[[], Reply]) -> Reply | None:
        time.sleep(seconds)
        return proceed()

    return interfere
