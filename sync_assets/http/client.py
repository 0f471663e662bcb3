"""The conversation with one system: signs, sends, waits, retries, and returns a reply or raises an error that says why.

Redirects are never followed, environment proxies and netrc never read, replies are bounded in time and bytes.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sync_assets.http.auth import Auth, Login
from sync_assets.http.notices import notice
from sync_assets.http.origin import same_origin
from sync_assets.http.reply import Reply
from sync_assets.http.retry import Accept, Again, Judge, Outcome, Refuse, Renew, backoff_s, judge_by_status, retry_after
from sync_assets.model.errors import ContractError, NoReplyError, RetryLaterError, SyncError, UnreachableError
from sync_assets.model.secrecy import without_credentials

if TYPE_CHECKING:
    from sync_assets.http.wire import Wire

TOTAL_S = 300
"""Seconds for a request with all its attempts' transfers: a trickling server must not hold a run."""

ATTEMPTS_MAX = 7
"""Sends of one request: with doubling delays about a minute, then the next run tries again."""

NO_DATA_MAX = 2
"""Web pages, empty and cut bodies taken for a passing trouble of whatever stands before a system; a third is handed on
as what was said."""

LOGIN_ATTEMPTS_MAX = 4
"""Sends of one login: everything else waits for it, and one lost reply must not end a run."""

LOGIN_WAIT_MAX_S = 30.0
"""Seconds that a login waits for its next attempt; a token endpoint that asks for more is left for the next run."""

NOTICES_MAX = 3
"""Announcements of one system that a run repeats."""

REST_S = 60.0
"""Seconds of waiting after which what the waiter holds is kept alive: a third of the life of a lease."""

WAIT_TOTAL_S = 1800.0
"""Seconds that one request may spend waiting because the vendor asked for it."""

Params = Sequence[tuple[str, str | int]]


def unbounded() -> None:
    """No rate budget: for logins and tests."""


def nobody_else(_seconds: float) -> None:
    """Nobody to tell that the system asks to wait: for tests."""


def _wire() -> "Wire":
    """A new wire; its library loads with the first conversation (docs/adr/0003)."""
    from sync_assets.http.wire import Wire

    return Wire()


@dataclass(kw_only=True)
class Client:
    """One system's API. `budget` is called before each send and waits until the shared rate allows it.

    `hold` tells all other processes how long the system asks to wait. `keep_alive` is called every minute or two of
    waiting: whoever holds something that runs out keeps it so, and may end the wait with an error.

    `replied_at` is the Date of the latest reply, None when it had none; `last_status` is its status. `remarks` are what
    a reader has to tell about the system beside its records.
    """

    system: str
    base_url: str
    auth: Auth
    judge: Judge = judge_by_status
    headers: Mapping[str, str] = field(default_factory=dict)
    budget: Callable[[], None] = unbounded
    hold: Callable[[float], None] = nobody_else
    keep_alive: Callable[[], None] | None = None
    sleep: Callable[[float], None] = time.sleep
    wire: "Wire" = field(default_factory=_wire, repr=False)
    total_s: float = TOTAL_S
    sent: int = 0
    replied_at: datetime | None = None
    last_status: int | None = None
    remarks: list[str] = field(default_factory=list)
    _notices: list[str] = field(default_factory=list, repr=False)
    _rested: float = field(default=0.0, repr=False)

    def remark(self, sentence: str) -> None:
        """Keep a sentence for the reader's report, once; it may quote the system, but no credential."""
        told = without_credentials(sentence)
        if told not in self.remarks:
            self.remarks.append(told)

    @property
    def root(self) -> str:
        """The base of requests: what the login named, else what was configured."""
        named = self.auth.token().base_url if isinstance(self.auth, Login) else None
        return named or self.base_url

    @property
    def account(self) -> str:
        """The account that the login named; empty where none does."""
        return self.auth.token().account if isinstance(self.auth, Login) else ""

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
            outcome = _second_look((method, parts), reply, outcome, attempt=attempt)
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
                case Again(after_s=after_s, because=because) as outcome:
                    reason = because
                    self._refuse_to_hang(spent, reason)
                    seconds = after_s if after_s is not None else backoff_s(attempt)
                    self._tell_others(reply, outcome, seconds)
                    waited += self._wait(seconds, waited, reason)
        raise RetryLaterError(
            f"{self.system} did not answer after {ATTEMPTS_MAX} attempts ({reason}); run again later."
        )

    def _refuse_to_hang(self, spent: float, reason: str) -> None:
        if spent >= self.total_s:
            raise RetryLaterError(f"{self.system} took {spent:.0f} s over one request ({reason}); run again later.")

    def _tell_others(self, reply: Reply | None, outcome: Again, seconds: float) -> None:
        """Let every process wait where the system asked to, or has had too many requests."""
        if outcome.after_s is not None or (reply is not None and reply.status == 429):
            self.hold(seconds)

    def _wait(self, seconds: float, waited: float, reason: str) -> float:
        if waited + seconds > WAIT_TOTAL_S:
            raise RetryLaterError(f"{self.system} asks to wait longer than a run may ({reason}).", after_s=seconds)
        self.rest(seconds)
        return seconds

    def rest(self, seconds: float) -> None:
        """Wait, and keep meanwhile what would run out."""
        while self.keep_alive is not None and self._rested + seconds >= REST_S:
            part = min(seconds, REST_S)
            self.sleep(part)
            seconds -= part
            self._rested = 0.0
            self.keep_alive()
        if seconds > 0:
            self.sleep(seconds)
            self._rested += seconds

    def _pass_on(self, told: str) -> None:
        """Remark what a reply announces; a system that words it anew each time is quoted a few times only."""
        if told and told not in self._notices and len(self._notices) < NOTICES_MAX:
            self._notices.append(told)
            self.remark(f"{self.system} announces an end: {told}")

    def _attempt(
        self, method: str, path: str, parts: dict[str, Any], accept: Sequence[int]
    ) -> tuple[Reply | None, Outcome]:
        url = same_origin(self.root, path)
        self.budget()
        self.sent += 1
        parts = {**parts, "headers": {**self.headers, **(parts.get("headers") or {})}}
        try:
            reply = self.wire.send(self.system, (method, url), parts, sign=self.auth.sign, total_s=self.total_s)
        except NoReplyError as error:
            return None, Again(because=error.because)
        except SyncError as error:
            return None, Refuse(error=error)
        self.replied_at, self.last_status = reply.date, reply.status
        self._pass_on(notice(reply))
        return reply, Accept() if reply.status in accept else self.judge(reply)


def _second_look(
    asked: tuple[str, Mapping[str, Any]], reply: Reply | None, outcome: Outcome, *, attempt: int
) -> Outcome:
    """The outcome, but once more where something else came in the place of data.

    It comes from a gateway more often than from the system: its page, a body that is empty or cut, or one that is not
    compressed as it says.
    """
    method, parts = asked
    match outcome:
        case _ if attempt >= NO_DATA_MAX:
            return outcome
        case Accept() if reply is not None and reply.is_web_page:
            return Again(because="a web page")
        case Accept() if reply is not None and reply.status < 300 and method != "DELETE":
            kind = "csv" if (parts.get("headers") or {}).get("Accept") == "text/csv" else "json"
            return outcome if reply.may_hold(kind) else Again(because="a reply without data")
        case Refuse(error=ContractError(reason="encoding")) if reply is None:
            return Again(because="a reply that is not compressed as it says")
        case _:
            return outcome


def login_reply(system: str, url: str, form: Mapping[str, str], auth: tuple[str, str] | None = None) -> Reply:
    """The reply of a token endpoint to a form, sent again while it is busy or unreachable, with the same bounds.

    Raises:
        UnreachableError: the host cannot be reached.
    """
    parts = {"data": dict(form), "auth": auth}
    for attempt in range(LOGIN_ATTEMPTS_MAX):
        try:
            said: Reply | NoReplyError = _wire().send(system, ("POST", url), parts, total_s=TOTAL_S)
        except NoReplyError as error:
            said = error
        wait = _login_wait(said, attempt)
        if wait is None:
            break
        time.sleep(wait)
    if isinstance(said, NoReplyError):
        raise UnreachableError(f"{system} cannot be reached for a login ({said.because}); check its URL.") from said
    return said


def _login_wait(said: Reply | NoReplyError, attempt: int) -> float | None:
    """Seconds until a login is tried again; None when what was said is the answer."""
    if attempt + 1 == LOGIN_ATTEMPTS_MAX:
        return None
    if isinstance(said, NoReplyError):
        return backoff_s(attempt)
    if said.status != 429 and said.status < 500:
        return None
    wait = retry_after(said) or backoff_s(attempt)
    return wait if wait <= LOGIN_WAIT_MAX_S else None
