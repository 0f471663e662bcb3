"""A total time for one request: however slowly bytes trickle in, headers and body end by then.

A read timeout starts anew with every byte, so a server that sends one a minute would hold a run for days. When the time
is up the socket is shut, whoever waits for it goes on at once, and the request counts as unanswered. Not here: how long
that time is, and what happens next (client.py).
"""

import socket
import threading
from contextlib import suppress
from typing import Any

from requests import Response, Session
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import HTTPResponse

_running = threading.local()


class Deadline:
    """Runs while its block does; `has_passed` says whether the block was cut short."""

    def __init__(self, seconds: float) -> None:
        self.has_passed = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> "Deadline":
        _running.deadline = self
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.cancel()
        _running.deadline = None

    def watch(self, connected: Any) -> None:
        """The socket to shut when the time is up."""
        self._socket = connected

    def _cut(self) -> None:
        self.has_passed = True
        if self._socket is not None:
            with suppress(OSError):
                # The plain socket below an encrypted one: ending the encryption first would wait for the other side.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class _Connection(HTTPConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        _watch(self.sock)
        return super().getresponse()


class _SecureConnection(HTTPSConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        _watch(self.sock)
        return super().getresponse()


def _watch(connected: Any) -> None:
    deadline: Deadline | None = getattr(_running, "deadline", None)
    if deadline is not None:
        deadline.watch(connected)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}


class _Session(Session):
    def get_redirect_target(self, resp: Response) -> str | None:  # noqa: ARG002 - the library's signature
        """No reply points anywhere: even unfollowed, a redirect would be read whole to prepare the next request."""
        return None


def punctual_session() -> Session:
    """A session whose requests end with the deadline around them; it reads no proxies and no netrc of the machine.

    It knows of no redirects either, so that their bodies are bounded like all others.
    """
    session = _Session()
    session.trust_env = False
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter())
    return session
