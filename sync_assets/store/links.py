"""The statements of identity: each customer record's customer, by the rule that links it and with its evidence."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text

from sync_assets.store.engine import Store

_PENDING = text("""
    SELECT coalesce(max(c.change_id), 0) AS through,
        coalesce((SELECT change_id FROM sync.consumed WHERE consumer = 'identity' AND entity = 'customer'), 0) AS taken
    FROM canonical.customer c
""")
_LINK = text("""
    WITH RECURSIVE record AS (
        SELECT system, record_id, copy_of, tax_id, domain, country, merged_into, version_at,
            CASE WHEN system = ANY(:crm) THEN 'crm' WHEN system = ANY(:billing) THEN 'billing' END AS role
        FROM canonical.customer
    ), named AS (
        SELECT system, record_id, role, tax_id, domain, country,
            coalesce('crm:' || merged_into, copy_of) AS names,
            CASE WHEN merged_into IS NOT NULL THEN 'merged' ELSE 'reference' END AS rule
        FROM record
    ), chain AS (
        SELECT n.system, n.record_id, n.system AS at_system, n.record_id AS at_id, n.names, 'own' AS rule, 0 AS depth
        FROM named n
        UNION ALL
        SELECT c.system, c.record_id, t.system, t.record_id, t.names,
            CASE WHEN c.rule = 'merged' OR f.rule = 'merged' THEN 'merged' ELSE 'reference' END, c.depth + 1
        FROM chain c
        JOIN named f ON f.system = c.at_system AND f.record_id = c.at_id
        JOIN named t ON t.record_id = split_part(c.names, ':', 2) AND t.role = split_part(c.names, ':', 1)
            AND (t.system, t.record_id) <> (c.at_system, c.at_id)
        WHERE c.depth < 8
    ), referred AS (
        SELECT DISTINCT ON (system, record_id) system, record_id, at_system, at_id, rule
        FROM chain ORDER BY system, record_id, depth DESC
    ), keyed AS (
        SELECT r.system, r.record_id, min(a.system) AS at_system, min(a.record_id) AS at_id
        FROM referred r
        JOIN record own ON own.system = r.system AND own.record_id = r.record_id AND own.tax_id IS NOT NULL
        JOIN record a ON a.role = 'crm' AND upper(a.tax_id) = upper(own.tax_id) AND a.merged_into IS NULL
        WHERE r.rule = 'own' AND NOT own.system = ANY(:crm)
        GROUP BY r.system, r.record_id HAVING count(*) = 1
    )
    INSERT INTO identity.customer AS i (system, record_id, customer_id, rule, score, evidence, linked_at)
    SELECT r.system, r.record_id, coalesce(k.at_system, r.at_system) || ':' || coalesce(k.at_id, r.at_id),
        CASE WHEN k.at_id IS NOT NULL THEN 'tax_id' ELSE r.rule END, 1,
        jsonb_build_object('by', CASE WHEN k.at_id IS NOT NULL THEN 'equal tax id' ELSE r.rule END), clock_timestamp()
    FROM referred r LEFT JOIN keyed k ON k.system = r.system AND k.record_id = r.record_id
    ON CONFLICT (system, record_id) DO UPDATE SET customer_id = excluded.customer_id, rule = excluded.rule,
        evidence = excluded.evidence, linked_at = excluded.linked_at
    WHERE (i.customer_id, i.rule) IS DISTINCT FROM (excluded.customer_id, excluded.rule)
""")
_TAKEN = text("""
    INSERT INTO sync.consumed (consumer, entity, change_id) VALUES ('identity', 'customer', :through)
    ON CONFLICT (consumer, entity) DO UPDATE SET change_id = excluded.change_id
""")
_COVERAGE = text("SELECT rule, count(*) AS records FROM identity.customer GROUP BY rule ORDER BY rule")


def link_customers(store: Store, roles: Mapping[str, Sequence[str]]) -> int:
    """Link every customer record anew when some changed; returns how many links changed."""
    with store.begin() as connection:
        pending = connection.execute(_PENDING).one()
        if pending.through <= pending.taken:
            return 0
        bound = {"crm": list(roles.get("crm", ())), "billing": list(roles.get("billing", ()))}
        changed = connection.execute(_LINK, bound).rowcount
        connection.execute(_TAKEN, {"through": pending.through})
    return int(changed)


def link_coverage(store: Store) -> dict[str, int]:
    """Customer records per linking rule; `own` are those that name nothing and are named by nothing."""
    with store.begin() as connection:
        return {row.rule: row.records for row in connection.execute(_COVERAGE)}


_COUNTRIES = text("""
    SELECT record_id, copy_of, country FROM canonical.legal_entity WHERE deleted_at IS NULL ORDER BY system, record_id
""")


def legal_entity_countries(store: Store) -> dict[str, str | None]:
    """The country of each legal entity, by every name it has: its id in the ERP and the name others use for it."""
    with store.begin() as connection:
        rows = connection.execute(_COUNTRIES).all()
    return {name: row.country for row in rows for name in (row.record_id, row.copy_of) if name}
