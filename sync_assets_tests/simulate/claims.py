"""What must hold after each day, whatever went wrong on it: nothing lost, nothing twice, no break but the true ones."""

from collections.abc import Sequence

import zstandard

from sync_assets.integrity.ledger import read_breaks
from sync_assets_tests.graph.company import Company
from sync_assets_tests.score.corpus import known_defects
from sync_assets_tests.score.judge import Report, judge
from sync_assets_tests.simulate.trouble import Note

_VERSIONS_TWICE = """
    SELECT s.system, s.name, v.record_id FROM (
        SELECT stream_id, record_id, content_hash = lag(content_hash) OVER earlier
            AND is_deleted = lag(is_deleted) OVER earlier AS is_same
        FROM raw.version WINDOW earlier AS (PARTITION BY stream_id, record_id ORDER BY version_id)) v
    JOIN sync.stream s USING (stream_id) WHERE is_same ORDER BY 1, 2, 3
"""
_BREAKS_TWICE = """
    SELECT class, entity_id, field FROM integrity.breaks WHERE closed_at IS NULL
    GROUP BY class, entity_id, field, records HAVING count(*) > 1 ORDER BY 1, 2, 3
"""
_HELD = """
    SELECT p.body, v.start, v.length FROM raw.head h JOIN sync.stream s USING (stream_id)
    JOIN raw.version v ON v.stream_id = h.stream_id AND v.version_id = h.version_id
    JOIN raw.page p USING (page_id)
    WHERE s.system = :system AND s.name = :stream AND h.record_id = :record_id
"""


def untrue(company: Company, *, is_last: bool) -> list[str]:
    """The claims that do not hold now, one sentence each; defects that were not found count on the last day only."""
    return [*_lost(company), *_twice(company), *_misjudged(company, is_last=is_last)]


def _lost(company: Company) -> list[str]:
    found = []
    for vendor in company.sandbox.vendors:
        for stream, (theirs, ours) in company.census(vendor.name).items():
            found += [f"{vendor.name} {stream}: not stored: {', '.join(theirs[:5])} ({len(theirs)})"] if theirs else []
            found += [f"{vendor.name} {stream}: only stored: {', '.join(ours[:5])} ({len(ours)})"] if ours else []
    return found


def _twice(company: Company) -> list[str]:
    versions = company.rows(_VERSIONS_TWICE)
    breaks = company.rows(_BREAKS_TWICE)
    return [
        *(f"{system} {stream}: one version of {key} is stored twice" for system, stream, key in versions),
        *(f"{class_} about {entity} ({field}) is open twice" for class_, entity, field in breaks),
    ]


def _misjudged(company: Company, *, is_last: bool) -> list[str]:
    report = Report(at=company.sandbox.clock.now(), rows=read_breaks(company.store))
    scores = judge(known_defects(company.sandbox), [report])
    false = [f"{name} {line}" for name, score in scores.items() for line in score.wrong if line.startswith("false: ")]
    missed = [f"{name} missed: {entity}" for name, score in scores.items() for entity in score.missed]
    return false + (missed if is_last else [])


def unread(company: Company, notes: Sequence[Note]) -> list[str]:
    """Changes that became visible late and of which the newest version that we hold knows nothing."""
    return [
        f"{note.system} {note.stream}: {note.record_id} was changed late, and we hold an older version"
        for note in notes
        if note.text not in _text_held(company, note)
    ]


def _text_held(company: Company, note: Note) -> str:
    """The newest version of the record that we hold, as the vendor wrote it; empty when there is none."""
    wanted = {"system": note.system, "stream": note.stream, "record_id": note.record_id}
    for body, start, length in company.rows(_HELD, **wanted):
        page = zstandard.ZstdDecompressor().decompress(bytes(body))
        return page[start : start + length].decode()
    return ""
