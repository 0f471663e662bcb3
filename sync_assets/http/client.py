"""The conversation with one system: signs, sends, waits, retries, and returns a reply or raises an error that says why.

Redirects are never followed, environment proxies and netrc never read, replies are bounded in time and bytes.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import requests

from sync_assets.http.auth import Auth, Login
from sync_assets.http.deadline import Deadline, punctual_session
from sync_assets.http.origin import same_origin
from sync_assets.http.reply import Reply
from sync_assets.http.retry import Accept, Again, Judge, Outcome, Refuse, Renew, backoff_s, judge_by_status
from sync_assets.model.errors import ContractError, RetryLaterError, SyncError, UnreachableError

CONNECT_S, READ_S, TOTAL_S = 10, 60, 300
"""Seconds to connect, between two bytes, and for a request with all its attempts' transfers: a trickling server must
not hold a run."""

BODY_MAX = 64 * 1024 * 1024
"""Bytes of one decompressed reply; the largest documented page is far smaller, a bomb is far larger."""

ATTEMPTS_MAX = 7
"""Sends of one request: with doubling delays about a minute, then the next run tries again."""

WAIT_TOTAL_S = 1800.0
"""Seconds that one request may spend waiting because the vendor asked for it."""

Params = Sequence[tuple[str, str | int]]


def unbounded() -> None:
    """No rate budget: for logins and tests."""


@dataclass(kw_only=True)
class Client:
    """One system's API. `budget` is called before each send and waits until the shared rate allows it.

    `replied_at` is the Date of the latest reply, None when it had none; `last_status` is its status.
    """

    system: str
    base_url: str
    auth: Auth
    judge: Judge = judge_by_status
    headers: Mapping[str, str] = field(default_factory=dict)
    budget: Callable[[], None] = unbounded
    sleep: Callable[[float], None] = time.sleep
    session: requests.Session = field(default_factory=punctual_session, repr=False)
    total_s: float = TOTAL_S
    sent: int = 0
    replied_at: datetime | None = None
    last_status: int | None = None

    @property
    def root(self) -> str:
        """The base of requests: what the login named, else what was configured."""
        named = self.auth.token().base_url if isinstance(self.auth, Login) else None
        return named or self.base_url

    def get(
        self, path: str, params: Params = (), *, headers: Mapping[str, str] | None = None, accept: Sequence[int] = ()
    ) -> Reply:
        """The reply to a GET; statuses in `accept` are answers too."""
        return self._ask("GET", path, {"params": list(params), "headers": headers}, accept)

    def post(
        self,
        path: str,
        payload: Mapping[str, Any] | None = None,
        *,
        params: Params = (),
        headers: Mapping[str, str] | None = None,
        accept: Sequence[int] = (),
    ) -> Reply:
        """The reply to a POST of a JSON payload that only reads (queries, query jobs), so it may be sent again."""
        return self._ask("POST", path, {"json": payload, "params": list(params), "headers": headers}, accept)

    def delete(self, path: str, *, accept: Sequence[int] = (404,)) -> Reply:
        """The reply to a DELETE of something we made for reading (a query job)."""
        return self._ask("DELETE", path, {}, accept)

    def _ask(self, method: str, path: str, parts: dict[str, Any], accept: Sequence[int]) -> Reply:
        renewed, waited, spent, reason = False, 0.0, 0.0, ""
        for attempt in range(ATTEMPTS_MAX):
            started = time.monotonic()
            reply, outcome = self._attempt(method, path, parts, accept)
            spent += time.monotonic() - started
            match outcome:
                case Accept() if reply is not None:
                    return reply
                case Refuse(error=error):
                    raise error
                case Renew():
                    if renewed or not self.auth.renew():
                        raise UnreachableError(
                            f"{self.system} refused our credentials; check SYNC_{self.system.upper()}_*."
                        )
                    renewed = True
                case Again(after_s=after_s, because=because):
                    reason = because
                    self._refuse_to_hang(spent, reason)
                    waited += self._wait(after_s if after_s is not None else backoff_s(attempt), waited, reason)
        raise RetryLaterError(
            f"{self.system} did not answer after {ATTEMPTS_MAX} attempts ({reason}); run again later."
        )

    def _refuse_to_hang(self, spent: float, reason: str) -> None:
        if spent >= self.total_s:
            raise RetryLaterError(f"{self.system} took {spent:.0f} s over one request ({reason}); run again later.")

    def _wait(self, seconds: float, waited: float, reason: str) -> float:
        if waited + seconds > WAIT_TOTAL_S:
            raise RetryLaterError(f"{self.system} asks to wait longer than a run may ({reason}).", after_s=seconds)
        self.sleep(seconds)
        return seconds

    def _attempt(
        self, method: str, path: str, parts: dict[str, Any], accept: Sequence[int]
    ) -> tuple[Reply | None, Outcome]:
        url = same_origin(self.root, path)
        self.budget()
        try:
            reply = self._send(method, url, parts)
        except requests.exceptions.SSLError:
            return None, Refuse(error=UnreachableError(f"The certificate of {self.system} cannot be verified."))
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
            return None, Again(because=_plain(error))
        except requests.RequestException as error:
            return None, Refuse(error=ContractError(f"{self.system}: {_plain(error)}"))
        return reply, Accept() if reply.status in accept else self.judge(reply)

    def _send(self, method: str, url: str, parts: dict[str, Any]) -> Reply:
        headers = {**self.headers, **(parts.get("headers") or {})}
        request = self.session.prepare_request(requests.Request(method, url, **{**parts, "headers": headers}))
        self.sent += 1
        signed = self.auth.sign(request)
        with (
            Deadline(self.total_s) as deadline,
            self.session.send(
                signed, stream=True, allow_redirects=False, timeout=(CONNECT_S, READ_S), proxies={}
            ) as response,
        ):
            body = _bounded_body(response, self.system, deadline)
            lower = {name.lower(): value for name, value in response.headers.items()}
            reply = Reply(status=response.status_code, headers=lower, body=body, url=url)
        self.replied_at, self.last_status = reply.date, reply.status
        return reply


def _bounded_body(response: requests.Response, system: str, deadline: Deadline) -> bytes:
    """The whole body; a cut or slow one raises a connection error, one that is too long stops the run."""
    size, chunks = 0, []
    for chunk in response.iter_content(256 * 1024):
        size += len(chunk)
        if size > BODY_MAX:
            raise ContractError(f"{system} sent more than {BODY_MAX >> 20} MB in one reply.", reason="too_large")
        chunks.append(chunk)
    if deadline.has_passed:
        raise requests.Timeout("the reply took too long")
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _plain(error: BaseException) -> str:
    """The kind of a transport error without the URL, which may hold personal values."""
    return {"ConnectionError": "no connection", "ReadTimeout": "no answer in time"}.get(
        type(error).__name__, type(error).__name__
    )


def login_reply(system: str, url: str, form: Mapping[str, str], auth: tuple[str, str] | None = None) -> Reply:
    """The reply of a token endpoint to a form, sent once per call with the same bounds and no redirects.

    Raises:
        UnreachableError: the host cannot be reached.
    """
    session = punctual_session()
    timeout = (CONNECT_S, READ_S)
    try:
        with (
            Deadline(TOTAL_S) as deadline,
            session.post(
                url, data=dict(form), auth=auth, allow_redirects=False, timeout=timeout, stream=True
            ) as response,
        ):
            lower = {name.lower(): value for name, value in response.headers.items()}
            body = _bounded_body(response, system, deadline)
            return Reply(status=response.status_code, headers=lower, body=body, url=url)
    except SyncError:
        raise
    except requests.RequestException as error:
        raise UnreachableError(f"{system} cannot be reached for a login ({_plain(error)}); check its URL.") from error
