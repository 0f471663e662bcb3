"""A rule about identity itself: links that many records of a system lost, though the records are still there.

Belongs here: links lost in numbers. Not here: a single record without an account (orphans.py), or how links are made.
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import RUNNING
from sync_assets.reconcile.rule import Rule

FEWEST, SHARE = 5, 0.02
"""Records that must have lost their link before it is no single mistake: five, and one in fifty of the system's."""

_SELECT = f"""
    SELECT lost.system AS root_id, lost.system || ':' || 'customers' AS entity_id, CAST(NULL AS text) AS customer_id,
        worth.currency, coalesce(worth.minor, 0)::bigint AS money_minor, CAST(NULL AS timestamptz) AS happened_at,
        'customers linked as before' AS expected,
        lost.records || ' of ' || lost.living || ' lost their link' AS found, 'customer_id' AS field,
        lost.system AS at_system, CAST(NULL AS text) AS at_record_id, worth.currency AS part, lost.named AS records
    FROM (
        SELECT c.system, count(*) AS records,
            (SELECT count(*) FROM canonical.customer every
                WHERE every.system = c.system AND every.deleted_at IS NULL) AS living,
            jsonb_agg(jsonb_build_array(c.system, 'customer', c.record_id) ORDER BY c.record_id) AS named,
            array_agg(c.record_id) AS ids
        FROM identity.customer i
        JOIN canonical.customer c ON c.system = i.system AND c.record_id = i.record_id AND c.deleted_at IS NULL
            AND c.merged_into IS NULL
        JOIN LATERAL (SELECT v.event, v.became FROM identity.event v
            WHERE v.system = i.system AND v.record_id = i.record_id ORDER BY v.event_id DESC LIMIT 1) e
            ON e.event = 'moved' AND e.became = i.customer_id
        WHERE i.system = ANY(:{{role}}) AND i.rule = 'own'
            AND NOT EXISTS (SELECT FROM identity.match m
                WHERE m.system = i.system AND m.record_id = i.record_id AND m.state = 'split')
        GROUP BY c.system
    ) lost
    LEFT JOIN LATERAL (
        SELECT s.currency, sum(s.mrr_minor) AS minor FROM canonical.subscription s
        WHERE s.system = lost.system AND s.customer_id = ANY(lost.ids) AND s.deleted_at IS NULL
            AND s.status IN {RUNNING}
        GROUP BY s.currency
    ) worth ON true
    WHERE lost.records >= greatest({FEWEST}, {SHARE} * lost.living)
"""

_HOPS = {"billing": "crm->billing", "payments": "billing->payments", "erp": "billing->erp"}


def _rule(role: str, hop: str) -> Rule:
    return Rule(
        class_="F8",
        title="Links of customers collapsed",
        role=role,
        entity="customer",
        needs=((role, "customer"),),
        hop=hop,
        owner="DE",
        kind=Kind.CONTROL,
        lag_s=0,
        touches=(),
        is_small=True,
        explains=("F3",),
        select=_SELECT.format(role=role),
        meaning="Many records of a system stand alone that were linked before, so nothing about them can be compared.",
        wrong_when=f"at least {FEWEST} living records of a system, and {SHARE:.0%} of them, lost the customer they "
        "were linked to",
        money="the monthly recurring revenue of the customers that lost their link",
        sentence="Of {root_id}'s customers, {found}; {money} a month are out of every comparison.",
        advice="See `sync-assets identity events`; look for a reference of another form, or a field gone empty.",
    )


RULES = tuple(_rule(role, hop) for role, hop in _HOPS.items())
