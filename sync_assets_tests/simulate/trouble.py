"""What goes wrong on a day of the simulated life, drawn from the seed: on the wire, in time, and to our own process.

Belongs here: the draw and the disturbing. What must hold all the same is in `claims`. A clock that tells a future is
not among the faults: the company lives in a past, where our own clock cannot contradict it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from sync_assets.sandbox import faults
from sync_assets.sandbox.town import Sandbox
from sync_assets.sandbox.wire import Interfere, Server

FAULTS: Mapping[str, Callable[[Server], Interfere]] = {
    "no connection": lambda _server: faults.cut_connection(),
    "lost replies": lambda _server: faults.cut_connection(commits=True),
    "cut bodies": lambda _server: faults.truncate(0.6),
    "cut JSON": lambda _server: faults.truncate(0.6, honest_length=True),
    "login pages": lambda _server: faults.html_page(),
    "empty replies": lambda _server: faults.empty(),
    "a proxy's 502": lambda _server: faults.proxy_error(),
    "a proxy's 504 after the work": lambda _server: faults.proxy_error(504, commits=True),
    "429": lambda server: faults.refuse(server.vendor, 429, retry_after="1"),  # type: ignore[arg-type]
    "503": lambda server: faults.refuse(server.vendor, 503),  # type: ignore[arg-type]
    "expired logins": lambda server: faults.refuse(server.vendor, 401),  # type: ignore[arg-type]
    "requests sent twice": lambda _server: faults.twice(),
    "clocks hours slow": lambda server: faults.wrong_date(server.clock.now, timedelta(hours=-7)),
}

LATE_MAX_S = 540
"""So many seconds may a row stay invisible after its stamp: less than the lateness that every connector allows for."""

REQUESTS_OF_A_PASS = 110
JUMPS = (timedelta(minutes=20), timedelta(hours=2), timedelta(hours=9), timedelta(hours=30))


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """One day's trouble.

    Attributes:
        faults: names of what goes wrong on the wire, for a share of the requests that `share` gives.
        killed_at: at which request of the first pass its process is killed; None: it may end.
        late_s: seconds for which rows written on this day stay invisible.
        jump: how much time goes by between the pass in trouble and the next.
    """

    faults: tuple[str, ...]
    share: float
    killed_at: int | None
    late_s: int
    jump: timedelta

    def in_words(self) -> str:
        """The day's trouble in a few words."""
        killed = f"killed at request {self.killed_at}" if self.killed_at else "not killed"
        wire = f"{self.share:.0%} {' and '.join(self.faults)}" if self.faults else "a quiet wire"
        return f"{killed}, {wire}, rows {self.late_s} s late, {self.jump} later"


def draw(rng: Random) -> Trouble:
    """A day's trouble; each kind is there on some days only, so that none hides another."""
    return Trouble(
        faults=tuple(rng.sample(sorted(FAULTS), rng.randint(0, 3))),
        share=rng.choice((0.02, 0.05, 0.1)),
        killed_at=rng.randint(1, REQUESTS_OF_A_PASS) if rng.random() < 0.7 else None,
        late_s=rng.choice((0, 30, LATE_MAX_S)),
        jump=rng.choice(JUMPS),
    )


@contextmanager
def disturbed(sandbox: Sandbox, trouble: Trouble, rng: Random) -> Iterator[None]:
    """While the block runs, the wire is as the day wants it."""
    with ExitStack() as mended:
        for name, server in sandbox.servers.items():
            if trouble.faults:
                chosen = [FAULTS[fault](server) for fault in trouble.faults]
                meets = faults.by_chance(Random(f"{name}/{rng.random()}"), trouble.share, *chosen)
                server.faults.append(meets)
                mended.callback(server.faults.remove, meets)
        yield


@contextmanager
def late_rows(sandbox: Sandbox, seconds: int) -> Iterator[None]:
    """What billing and payments write while the block runs is visible only so many seconds after its stamp."""
    quirks = (sandbox.chargebee.quirks, sandbox.stripe.quirks)
    for each in quirks:
        each.late_visible_s = seconds
    try:
        yield
    finally:
        for each in quirks:
            each.late_visible_s = 0


@dataclass(frozen=True, kw_only=True)
class Note:
    """A change that commits late in a system whose rows otherwise do not: which record, and its text."""

    system: str
    stream: str
    record_id: str
    text: str


def write_late_notes(sandbox: Sandbox, seconds: int, rng: Random) -> list[Note]:
    """A new type of an account of the CRM and a memo on a document of the ERP, stamped now and visible later."""
    visible_at = sandbox.clock.now() + timedelta(seconds=seconds)
    text = f"noted {rng.getrandbits(32):08x}"
    account = rng.choice(sandbox.salesforce.census()["accounts"])
    document = rng.choice(sandbox.netsuite.census()["transaction"])
    sandbox.salesforce.put("accounts", {"Id": account, "Type": text}, visible_at=visible_at)
    sandbox.netsuite.put("transaction", {"id": int(document), "memo": text}, visible_at=visible_at)
    return [
        Note(system="salesforce", stream="accounts", record_id=account, text=text),
        Note(system="netsuite", stream="transaction", record_id=document, text=text),
    ]
