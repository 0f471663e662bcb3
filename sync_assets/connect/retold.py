"""Facts that are told a second time in other words: what was counted stays, the second telling becomes a dead letter.

An event's id stands for one fact for ever, so another quantity under the same id is somebody's mistake, and nobody but
its owner can say which of the two. Told again alike it is the same fact. Not here: records that may change.
"""

from typing import Any

from sync_assets.connect.decode import decode
from sync_assets.connect.digest import Digest
from sync_assets.connect.kinds import dig
from sync_assets.connect.spec import Stream
from sync_assets.store.engine import Store
from sync_assets.store.landing import Rejected, Version
from sync_assets.store.standing import standing_otherwise

REASON = "same_version_diff"


def set_aside_retold(store: Store, stream_id: int, stream: Stream, taken: Digest) -> None:
    """Take the versions out of a page that contradict what is stored, or what came in earlier on the same page."""
    if stream.constant is None:
        return
    told: dict[str, list[Version]] = {}
    for version in sorted(taken.versions, key=lambda one: one.rank):
        told.setdefault(version.record_id, []).append(version)
    hashes = {name: {one.content_hash for one in versions} for name, versions in told.items()}
    stored = standing_otherwise(store, stream_id, hashes)
    for name, versions in told.items():
        if name in stored or len(hashes[name]) > 1:
            fact = _fact(stream, stored.get(name) or _bytes(taken, versions[0]))
            _set_aside(stream, taken, [one for one in versions if _fact(stream, _bytes(taken, one)) != fact])


def _set_aside(stream: Stream, taken: Digest, others: list[Version]) -> None:
    for version in others:
        taken.versions.remove(version)
        taken.rejected.append(
            Rejected(
                record_id=version.record_id,
                content_hash=version.content_hash,
                reason=REASON,
                field=stream.constant or "",
                start=version.start,
                length=version.length,
            )
        )


def _bytes(taken: Digest, version: Version) -> bytes:
    return bytes(taken.stored[version.start : version.start + version.length])


def _fact(stream: Stream, raw: bytes) -> Any:
    return dig(decode(raw), (stream.constant or "").split("."))
