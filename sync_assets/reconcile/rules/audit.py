"""Rules about what is stored itself: records lost, kept too long or put back, fields gone, letters and gates left.

They look at what the auditor and the readers found, not at copies, and judge all of it each time: there is little of
it, and no copy's change announces it. Not here: how a record is found to be lost (connect/audit.py).
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.rule import DAY_S, Rule
from sync_assets.store.audit_findings import WHYS

WITNESS = {
    "crm": "order",
    "billing": "invoice",
    "payments": "payment",
    "erp": "invoice",
    "product": "usage",
}
"""Per role the entity that says how far the role is read."""

_COPY = """
    LEFT JOIN LATERAL (
        SELECT * FROM (
            SELECT 'customer' AS entity, c.record_id AS customer_id, NULL AS currency, 0 AS minor
            FROM canonical.customer c WHERE c.system = s.system AND c.record_id = f.record_id
            UNION ALL SELECT 'order', c.customer_id, c.currency, c.amount_minor
            FROM canonical."order" c WHERE c.system = s.system AND c.record_id = f.record_id
            UNION ALL SELECT 'subscription', c.customer_id, c.currency, 0
            FROM canonical.subscription c WHERE c.system = s.system AND c.record_id = f.record_id
            UNION ALL SELECT 'invoice', c.customer_id, c.currency, c.total_minor
            FROM canonical.invoice c WHERE c.system = s.system AND c.record_id = f.record_id
            UNION ALL SELECT 'credit_note', c.customer_id, c.currency, c.total_minor
            FROM canonical.credit_note c WHERE c.system = s.system AND c.record_id = f.record_id
            UNION ALL SELECT 'payment', c.customer_id, c.currency, c.amount_minor
            FROM canonical.payment c WHERE c.system = s.system AND c.record_id = f.record_id
            UNION ALL SELECT 'refund', c.customer_id, c.currency, c.amount_minor
            FROM canonical.refund c WHERE c.system = s.system AND c.record_id = f.record_id
            UNION ALL SELECT 'dispute', NULL, c.currency, c.amount_minor
            FROM canonical.dispute c WHERE c.system = s.system AND c.record_id = f.record_id
            UNION ALL SELECT 'payout', NULL, c.currency, c.amount_minor
            FROM canonical.payout c WHERE c.system = s.system AND c.record_id = f.record_id
        ) known LIMIT 1
    ) copy ON true
"""
"""The copy that a raw record became, with its money; nothing for records that only explain others."""


def _of_records(role: str, found: str, words: str) -> str:
    """A select of one break per record that `found` (rows `f` of a stream) names, worth what its copy is."""
    return f"""
        SELECT s.name || '/' || f.record_id AS root_id, s.system || ':' || f.record_id AS entity_id,
            s.system || ':' || copy.customer_id AS customer_id, copy.currency, coalesce(copy.minor, 0) AS money_minor,
            coalesce(copy.entity, s.name) AS entity, {words}, s.system AS at_system, f.record_id AS at_record_id,
            s.name AS part,
            jsonb_build_array(jsonb_build_array(s.system, coalesce(copy.entity, s.name), f.record_id)) AS records
        FROM ({found}) f JOIN sync.stream s USING (stream_id) {_COPY}
        WHERE s.system = ANY(:{role})
    """


def _of_streams(role: str, found: str) -> str:
    """A select of one break per subject of a stream or table that `found` tells, worth nothing by itself."""
    return f"""
        SELECT f.place || '/' || f.subject AS root_id, f.system || ':' || f.subject AS entity_id,
            NULL AS customer_id, NULL AS currency, 0 AS money_minor, f.place AS entity,
            CAST(NULL AS timestamptz) AS happened_at, f.expected, f.found, f.field, f.system AS at_system,
            CAST(NULL AS text) AS at_record_id, f.place || ' ' || f.subject AS part,
            jsonb_build_array(jsonb_build_array(f.system, f.place, f.subject)) AS records
        FROM ({found}) f WHERE f.system = ANY(:{role})
    """


def _finding(what: str) -> str:
    return f"""
        SELECT * FROM sync.audit_finding
        WHERE resolved_at IS NULL AND is_confirmed AND what = '{what}' AND why <> 'dead_letter'
    """


_FOUND = {
    "F96": ("missing", "'stored since ' || to_char(f.source_stamp AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'"),
    "F97": ("ghost", "'deleted, as at the source'"),
    "F98": ("stale", "'as changed ' || to_char(f.source_stamp AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'"),
}
"""Class to the kind of finding it is made of, and what should have been stored."""

_SHRUNK = """
    SELECT s.system, s.name AS place, f.field AS subject, f.field, f.was AS expected, f.became AS found
    FROM sync.schema_finding f JOIN sync.stream s USING (stream_id)
    WHERE f.kind IN ('removed', 'went_null') AND f.found_at > :now - interval '14 days'
"""
_LETTERS = """
    SELECT stream_id, record_id, min(reason) AS reason, min(seen_at) AS seen_at
    FROM sync.dead_letter WHERE resolved_at IS NULL GROUP BY stream_id, record_id
"""
_TODAY = "(:now AT TIME ZONE 'UTC')::date"
_LATEST_OVERRIDE = "(SELECT DISTINCT ON (asset) * FROM sync.gate_override ORDER BY asset, override_id DESC)"
_UNPROVEN = f"""
    SELECT s.system, s.name AS place, 'audit' AS subject, 'plant_found' AS field,
        'the planted record is found' AS expected, 'it was not' AS found
    FROM (SELECT DISTINCT ON (stream_id) * FROM sync.audit WHERE ended_at IS NOT NULL
        ORDER BY stream_id, audit_id DESC) a JOIN sync.stream s USING (stream_id)
    WHERE a.plant_found = false
    UNION ALL
    SELECT s.system, s.name, 'nightly audit', 'source_at', 'an audit every night',
        'none since ' || to_char(a.source_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'
    FROM (SELECT DISTINCT ON (stream_id) * FROM sync.audit WHERE ended_at IS NOT NULL
        ORDER BY stream_id, audit_id DESC) a JOIN sync.stream s USING (stream_id)
    WHERE a.source_at < :now - interval '2 days'
    UNION ALL
    SELECT split_part(o.asset, '/', 2), split_part(o.asset, '/', 3), 'gate', 'until', 'the gate decides',
        'let pass through ' || o.until || ' by ' || o.made_by
    FROM {_LATEST_OVERRIDE} o WHERE o.until >= {_TODAY}
    UNION ALL
    SELECT split_part(g.asset, '/', 2), split_part(g.asset, '/', 3), 'gate', 'outcome',
        'nothing is judged past a closed gate', 'it is closed, nobody let it pass, and what was there was judged'
    FROM (SELECT DISTINCT ON (asset) * FROM sync.gate ORDER BY asset, gate_id DESC) g
    LEFT JOIN {_LATEST_OVERRIDE} o USING (asset)
    WHERE g.outcome = 'blocked' AND coalesce(o.until < {_TODAY}, true)
"""

_WORDS = {
    "F96": {
        "title": "A record was skipped when it was read",
        "sentence": "{entity_id} existed at the source and was not stored, so nothing could be said of its {money}: "
        "{found}.",
        "advice": "It was fetched by its id. Where several were lost in the same way, widen the stream's overlap.",
        "meaning": "What was never read is in no comparison: what hangs on it looks missing, or is not looked for.",
        "wrong_when": "the auditor's list shows a record, changed before its stream was complete, that is not stored",
        "money": "what the record's copy is worth, once it is fetched",
        "explains": ("F11", "F34", "F51", "F60"),
    },
    "F97": {
        "title": "A record that is gone at the source is still stored",
        "sentence": "{entity_id} does not exist at the source any more and still counted as existing: {found}.",
        "advice": "It was buried after a second audit. Check who deletes records there, and why no feed says so.",
        "meaning": "A record that its system no longer has still makes others look right or wrong.",
        "wrong_when": "two audits with a read between them find a stored record neither on the list nor by its id",
        "money": "what the record's copy is worth",
    },
    "F98": {
        "title": "An older state of a record is stored than the source has",
        "sentence": "{entity_id} was stored as it was before its last change, worth {money}: {found}.",
        "advice": "It was fetched again. Where several are, widen the stream's overlap.",
        "meaning": "Whatever is compared with the record is compared with what it no longer says.",
        "wrong_when": "the change stamp at the source, before the stream was complete, is later than the stored one",
        "money": "what the record's copy is worth",
    },
    "F99": {
        "title": "A field that was always there is gone",
        "sentence": "Records of {entity} no longer say their {field}: it was {expected} and is {found}.",
        "advice": "Compare the system's release notes and our user's field access with the day; then read it anew.",
        "meaning": "A field that moved or was hidden empties a column without an error anywhere.",
        "wrong_when": "in the last 14 days a read showed none of a field that nearly every record had had",
        "money": "none by itself; what the field feeds shows in other classes",
    },
    "F103": {
        "title": "A record that cannot be read waits for too long",
        "sentence": "{entity_id} could not be read ({found}) and nobody has seen to it for a day.",
        "advice": "Follow the runbook of its reason; the record is taken in as soon as it can be read.",
        "meaning": "A record that is set aside is in no comparison until somebody mends it.",
        "wrong_when": "a dead letter is not resolved a day after it was seen",
        "money": "what the record's copy is worth, where an earlier version was read",
    },
    "F104": {
        "title": "A control did not do its work",
        "sentence": "Of {entity}: {expected}, but {found}.",
        "advice": "Run `sync-assets audit`; see to gates that are closed, and end overrides that are no longer needed.",
        "meaning": "Where nobody looks, the absence of breaks proves nothing.",
        "wrong_when": "an audit overlooked its planted record or is two days late, or rules judged although a "
        "gate is closed or overridden",
        "money": "none; everything it covers",
    },
}  # fmt: skip


def _rule(class_: str, role: str, select: str, *, lag_s: int = 0) -> Rule:
    return Rule(
        class_=class_,
        role=role,
        entity=WITNESS[role],
        needs=((role, WITNESS[role]),),
        hop=role,
        owner="DE",
        kind=Kind.CONTROL,
        lag_s=lag_s,
        touches=(),
        is_small=True,
        select=select,
        **_WORDS[class_],  # type: ignore[arg-type]
    )


def _findings(class_: str, role: str) -> Rule:
    what, expected = _FOUND[class_]
    words = f"coalesce(f.source_stamp, f.stored_stamp) AS happened_at, coalesce({expected}, 'stored') AS expected, "
    return _rule(class_, role, _of_records(role, _finding(what), f"{words} {_WHY} AS found, {_FIELD}"))


_FIELD = "'record' AS field"
_WHY = " ".join(["CASE f.why", *(f"WHEN '{code}' THEN '{words}'" for code, words in WHYS.items()), "END"])
_SET_ASIDE = f"f.seen_at AS happened_at, 'a record that can be read' AS expected, f.reason AS found, {_FIELD}"

RULES = tuple(
    rule
    for role in WITNESS
    for rule in (
        _findings("F96", role),
        _findings("F97", role),
        _findings("F98", role),
        _rule("F99", role, _of_streams(role, _SHRUNK)),
        _rule("F103", role, _of_records(role, _LETTERS, _SET_ASIDE), lag_s=DAY_S),
        _rule("F104", role, _of_streams(role, _UNPROVEN)),
    )
)
