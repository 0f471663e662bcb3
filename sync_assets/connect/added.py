"""What our reading adds to a vendor's record (`Stream.composed`): left aside in comparisons, kept in lookups. Pure.

A list or a lookup shows the record alone, so what was added must neither pass for a difference nor be lost when the
record is fetched again. Not here: how it is added (the systems' reads).
"""

import msgspec

from sync_assets.connect.decode import decode, take_apart
from sync_assets.connect.spec import Stream

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def hash_without(stream: Stream, raw: bytes) -> bytes:
    """The hash of a record as if nothing had been added to it."""
    alone = {name: value for name, value in decode(raw).items() if name not in stream.composed}
    return take_apart(_ENCODER.encode(alone)).content_hash


def with_added(stream: Stream, raw: bytes, before: bytes) -> bytes:
    """A record with what had been added to an earlier version of it; its own values byte for byte."""
    fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    earlier = msgspec.json.decode(before, type=dict[str, msgspec.Raw])
    added = {name: earlier[name] for name in stream.composed if name in earlier and name not in fields}
    return msgspec.json.encode(fields | added) if added else raw
