"""What a record that was set aside still says: the values its mapping would have made, where they can be made at all.

Belongs here: reading one field out of a record that was refused. Not here: taking it up after all (conform.py).
"""

from sync_assets.connect.columns import typed_columns
from sync_assets.connect.records import Reader
from sync_assets.connect.rows import landed, shown
from sync_assets.connect.spec import Mapped
from sync_assets.model.errors import RejectError
from sync_assets.store.copies import Pending
from sync_assets.store.queues import Letter


def still_says(mapped: Mapped, letter: Letter, name: str) -> set[str]:
    """The values of one field of the entity in a dead letter; none where it names none, or cannot be read.

    A value that cannot be typed is left out; the others may still tell what the record is about.
    """
    reader = Reader((mapped,))
    try:
        record = reader.read(letter.raw)
        given = reader.rows(mapped, [record])
        frame, _ = typed_columns(mapped.columns, given.values)
        rows = mapped.to(frame.assign(**shown(landed([_version(letter)]), given.owners)))
    except (RejectError, ArithmeticError, LookupError, TypeError, ValueError):
        return set()
    return {str(value) for value in rows[name].dropna()} if name in rows else set()


def _version(letter: Letter) -> Pending:
    """The letter as landing would know it."""
    return Pending(
        version_id=0,
        record_id=letter.record_id,
        content_hash=b"",
        stamped_at=None,
        observed_at=letter.seen_at,
        is_deleted=False,
        merged_into=None,
        page_id=0,
        start=0,
        length=len(letter.raw),
        raw=memoryview(letter.raw),
    )
