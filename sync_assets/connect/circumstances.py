"""What copies are made with: release, connector, API version and mapping, each as a short text that changes with it.

Two runs with the same texts read and typed alike; where they differ, we changed and not the vendor. Not here: keeping
them (store/circumstances.py) and comparing them (integrity/changed.py).
"""

import os
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from sync_assets.connect.fields import mapped_as_named
from sync_assets.connect.spec import Stream, System
from sync_assets.store.circumstances import Circumstances

_DIGITS = 12
_NOT_OURS = {"sandbox", "migrations", "systems"}
"""Folders of the package that no copy is made by, and the connectors, which have a text of their own."""


def circumstances(system: System, stream: Stream) -> Circumstances:
    """What a run makes copies of this stream's records with."""
    default = system.optional.get("API_VERSION") or system.api_version
    mapping = [
        part
        for mapped in mapped_as_named(system.name, stream)
        for part in (mapped.entity, str(mapped.each), *map(str, mapped.columns), _source(mapped.to.__module__))
    ]
    return Circumstances(
        release=f"{version('sync-assets')}+{_release()}",
        connector=_connector(system),
        api_version=os.environ.get(f"SYNC_{system.name.upper()}_API_VERSION") or default,
        mapping=_digest(mapping),
    )


def _connector(system: System) -> str:
    """The files of the system's folder, but for those that only map."""
    maps = {_origin(mapped.to.__module__) for stream in system.streams for mapped in stream.mappings}
    folder = _origin(system.read.__module__).parent
    return _digest(_text(path) for path in sorted(folder.glob("*.py")) if path not in maps)


@lru_cache(maxsize=1)
def _release() -> str:
    """Everything of ours that stands between a system's connector and its copies."""
    package = _origin("sync_assets").parent
    files = sorted(path for path in package.rglob("*.py") if not _NOT_OURS & set(path.relative_to(package).parts))
    return _digest(_text(path) for path in files)


def _source(module: str) -> str:
    return _text(_origin(module))


def _origin(module: str) -> Path:
    """The file of a module, which need not be imported for it."""
    found = find_spec(module)
    return Path(found.origin if found and found.origin else "")


@lru_cache(maxsize=1024)
def _text(path: Path) -> str:
    """A file as this process found it first: what is imported does not change under a run."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _digest(parts: Iterable[str]) -> str:
    digest = sha256()
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()[:_DIGITS]
