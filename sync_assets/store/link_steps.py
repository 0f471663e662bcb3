"""The statements that link customer records: which records a change touches, then where each of them leads.

Belongs here: the steps, in order, each set-based over what changed. Not here: when they run (`links`).
Cost follows the changed records, the holders of their unique keys, and whoever names one of these.
"""

from sqlalchemy import TextClause, text

from sync_assets.store.link_tables import PROFILE

LEGAL_FORM = (
    "INCORPORATED INC LLC LTD LIMITED PLC CORPORATION CORP CO GMBH AG KG SE SA SAS SARL SRL SPA BV NV AB AS OY PTY"
)
"""Words that say how a company is incorporated, not which it is."""

_PLAIN = "nullif(regexp_replace(upper({0}), '[^[:alnum:]]', '', 'g'), '')"
_WORDS = "nullif(trim(regexp_replace(upper({0}), '[^[:alnum:]]+', ' ', 'g')), '')"
_NAMED = f"""
    SELECT string_agg(word, ' ' ORDER BY place) AS name, string_agg(word, ' ' ORDER BY word) AS words
    FROM unnest(string_to_array({_WORDS.format("coalesce(c.name, c.legal_name)")}, ' ')) WITH ORDINALITY w (word, place)
    WHERE word <> ALL (CAST('{{{LEGAL_FORM.replace(" ", ",")}}}' AS text[]))
"""
_DOMAIN = r"regexp_replace(lower(trim(c.domain)), '^www\.|\.$', '', 'g')"
_NODE_SYSTEMS = "CASE split_part({0}, ':', 1) WHEN 'crm' THEN CAST(:crm AS text[]) ELSE CAST(:billing AS text[]) END"
_AFTER_COLON = "substr({0}, strpos({0}, ':') + 1)"

PREPARE = (
    "CREATE TEMPORARY TABLE touched (system text, record_id text, PRIMARY KEY (system, record_id)) ON COMMIT DROP",
    "CREATE TEMPORARY TABLE touched_key (kind text, value text, PRIMARY KEY (kind, value)) ON COMMIT DROP",
    """CREATE TEMPORARY TABLE anchored (system text, record_id text, rule text, at_system text, at_id text)
        ON COMMIT DROP""",
    """CREATE TEMPORARY TABLE only_holder (kind text, value text, side text, system text, record_id text,
        PRIMARY KEY (kind, value, side)) ON COMMIT DROP""",
)
"""The records to judge anew, the keys they have or had, where their references lead, and who alone holds a key.

They live as long as the transaction, and are tables so that the planner knows how many rows there are.
"""

_CHANGED = """
    INSERT INTO touched SELECT system, record_id FROM canonical.customer
    WHERE change_id > :taken AND change_id <= :through
    UNION SELECT * FROM unnest(CAST(:also_systems AS text[]), CAST(:also_ids AS text[]))
"""
_KEYS_OF_TOUCHED = """
    INSERT INTO touched_key SELECT DISTINCT k.kind, k.value FROM identity.record_key k JOIN touched t
        ON t.system = k.system AND t.record_id = k.record_id
    WHERE k.kind IN ('tax_id', 'domain', 'name')
    ON CONFLICT DO NOTHING
"""
_FORGET = "DELETE FROM identity.record_key k USING touched t WHERE t.system = k.system AND t.record_id = k.record_id"
_FORGET_PROFILES = """
    DELETE FROM identity.profile p USING touched t JOIN canonical.customer c USING (system, record_id)
    WHERE p.system = t.system AND p.record_id = t.record_id AND (c.deleted_at IS NOT NULL OR c.merged_into IS NOT NULL)
"""
_PROFILES = rf"""
    INSERT INTO identity.profile AS p (system, record_id, {", ".join(PROFILE)}, change_id)
    SELECT c.system, c.record_id, named.name, named.words,
        plain.street, plain.city, plain.postcode, plain.region, plain.country,
        CASE WHEN length(plain.tax_id) > 4 AND plain.tax_id ~ '[0-9]' AND plain.tax_id !~ '^[A-Z]*(.)\1*$'
            THEN plain.tax_id END,
        CASE WHEN plain.domain LIKE '%.%' AND NOT plain.domain = ANY(:free_mail) THEN plain.domain END,
        c.change_id
    FROM touched t JOIN canonical.customer c ON c.system = t.system AND c.record_id = t.record_id
    CROSS JOIN LATERAL (SELECT {_WORDS.format("c.street")} AS street,
        nullif(trim(upper(c.city)), '') AS city, {_PLAIN.format("c.postcode")} AS postcode,
        nullif(trim(upper(c.region)), '') AS region, nullif(trim(upper(c.country)), '') AS country,
        {_PLAIN.format("c.tax_id")} AS tax_id, {_DOMAIN} AS domain OFFSET 0) plain
    CROSS JOIN LATERAL ({_NAMED}) named
    WHERE c.deleted_at IS NULL AND c.merged_into IS NULL
    ON CONFLICT (system, record_id) DO UPDATE
    SET ({", ".join(PROFILE)}, change_id) = ({", ".join(f"excluded.{name}" for name in PROFILE)}, excluded.change_id)
    WHERE ({", ".join(f"p.{name}" for name in PROFILE)})
        IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in PROFILE)})
"""
_KEYS = """
    INSERT INTO identity.record_key (system, record_id, kind, side, value)
    SELECT c.system, c.record_id, key.kind, CASE WHEN c.system = ANY(:crm) THEN 'crm' ELSE c.system END, key.value
    FROM touched t JOIN canonical.customer c ON c.system = t.system AND c.record_id = t.record_id
    LEFT JOIN identity.profile p ON p.system = t.system AND p.record_id = t.record_id
    CROSS JOIN LATERAL (
        SELECT coalesce(bool_or(m.state = 'split'), false) AS is_split,
            max(m.node) FILTER (WHERE m.state IN ('linked', 'accepted')) AS node
        FROM identity.match m WHERE m.system = c.system AND m.record_id = c.record_id
    ) said
    CROSS JOIN LATERAL (VALUES
        ('decided', CASE WHEN c.copy_of IS NULL AND c.merged_into IS NULL THEN said.node END),
        ('merged', 'crm:' || c.merged_into),
        ('reference', CASE WHEN c.merged_into IS NULL THEN c.copy_of END),
        ('tax_id', p.tax_id),
        ('domain', p.domain || '|' || p.country),
        ('name', replace(p.name, ' ', '') || '|' || p.country)
    ) AS key (kind, value)
    WHERE key.value IS NOT NULL AND NOT (said.is_split AND key.kind <> 'name')
"""
_NEIGHBOURS = """
    INSERT INTO touched
    SELECT min(k.system), min(k.record_id) FROM touched_key w
    JOIN identity.record_key k ON k.kind = w.kind AND k.value = w.value AND k.side <> 'crm'
    WHERE w.kind <> 'name'
        AND NOT EXISTS (SELECT FROM touched t WHERE t.system = k.system AND t.record_id = k.record_id)
    GROUP BY k.kind, k.value, k.side HAVING count(*) = 1
    UNION
    SELECT k.system, k.record_id FROM touched_key w
    JOIN identity.record_key k ON k.kind = w.kind AND k.value = w.value AND k.side <> 'crm'
    WHERE w.kind = 'name'
    ON CONFLICT DO NOTHING
"""
_WHO_NAMES_THEM = """
    INSERT INTO touched
    WITH RECURSIVE reached AS (
        SELECT system, record_id FROM touched
        UNION
        SELECT k.system, k.record_id FROM reached r
        JOIN identity.record_key k ON k.kind IN ('merged', 'reference', 'decided') AND k.value =
            CASE WHEN r.system = ANY(:crm) THEN 'crm:' WHEN r.system = ANY(:billing) THEN 'billing:' END || r.record_id
    )
    SELECT system, record_id FROM reached ON CONFLICT DO NOTHING
"""
_LEADS_ON = """
    FROM identity.record_key k
    WHERE k.system = {0} AND k.record_id = {1} AND k.kind || '' IN ('merged', 'reference', 'decided')
"""
"""The one key that leads a record on, if any.

It is looked up by its record: the planner must not think of the index by kind, because the statistics do not know of
the first references, and so each record would be sought among all of them.
"""

_FOLLOW = f"""
    INSERT INTO anchored
    WITH RECURSIVE chain AS (
        SELECT t.system, t.record_id, t.system AS at_system, t.record_id AS at_id, 'own' AS rule,
            ARRAY[t.system || ':' || t.record_id] AS path
        FROM touched t WHERE EXISTS (SELECT {_LEADS_ON.format("t.system", "t.record_id")})
        UNION ALL
        SELECT c.system, c.record_id, n.system, n.record_id,
            CASE WHEN 'merged' IN (c.rule, k.kind) THEN 'merged' WHEN 'decided' IN (c.rule, k.kind) THEN 'decided'
                ELSE 'reference' END,
            c.path || (n.system || ':' || n.record_id)
        FROM chain c
        CROSS JOIN LATERAL (SELECT k.kind, k.value {_LEADS_ON.format("c.at_system", "c.at_id")} LIMIT 1) k
        JOIN canonical.customer n ON n.record_id = {_AFTER_COLON.format("k.value")}
            AND n.system = ANY({_NODE_SYSTEMS.format("k.value")})
        WHERE NOT n.system || ':' || n.record_id = ANY(c.path)
    ), longest AS (
        SELECT DISTINCT ON (system, record_id) system, record_id, at_system, at_id, rule, path
        FROM chain ORDER BY system, record_id, cardinality(path) DESC, at_system
    ), turned AS (
        SELECT l.system, l.record_id, l.rule, coalesce(
            (SELECT min(node) FROM unnest({_NODE_SYSTEMS.format("k.value")}) s,
                unnest(l.path[array_position(l.path, s || ':' || {_AFTER_COLON.format("k.value")}):]) node),
            l.at_system || ':' || l.at_id) AS anchor
        FROM longest l
        LEFT JOIN LATERAL (SELECT k.value {_LEADS_ON.format("l.at_system", "l.at_id")} LIMIT 1) k ON true
    )
    SELECT system, record_id, rule, split_part(anchor, ':', 1), {_AFTER_COLON.format("anchor")} FROM turned
    UNION ALL
    SELECT t.system, t.record_id, 'own', t.system, t.record_id FROM touched t
    WHERE NOT EXISTS (SELECT {_LEADS_ON.format("t.system", "t.record_id")})
"""
_ONLY_HOLDERS = """
    INSERT INTO only_holder
    SELECT h.kind, h.value, h.side, min(h.system), min(h.record_id)
    FROM (
        SELECT DISTINCT k.kind, k.value FROM anchored a
        JOIN identity.record_key k ON k.system = a.at_system AND k.record_id = a.at_id
        WHERE k.side <> 'crm' AND k.kind IN ('tax_id', 'domain')
    ) w
    JOIN identity.record_key h ON h.kind = w.kind AND h.value = w.value
    GROUP BY h.kind, h.value, h.side HAVING count(*) = 1
"""
_KEY_OF = """LEFT JOIN identity.record_key {0} ON {0}.system = {1}.system AND {0}.record_id = {1}.record_id
            AND {0}.kind = '{2}'"""
_LINK = f"""
    WITH keyed AS (
        SELECT DISTINCT ON (o.system, o.record_id) o.system, o.record_id, o.kind AS rule,
            a.system AS at_system, a.record_id AS at_id
        FROM only_holder o
        JOIN only_holder a ON a.kind = o.kind AND a.value = o.value AND a.side = 'crm'
        {_KEY_OF.format("called", "o", "name")}
        {_KEY_OF.format("taxed", "o", "tax_id")}
        {_KEY_OF.format("theirs", "a", "name")}
        {_KEY_OF.format("their_tax", "a", "tax_id")}
        WHERE o.side <> 'crm'
            AND (called.value IS NOT DISTINCT FROM theirs.value OR NOT EXISTS (SELECT FROM identity.record_key other
                WHERE other.kind = 'name' AND other.value = called.value AND other.side = 'crm'))
            AND (o.kind = 'tax_id' OR ((taxed.value = their_tax.value) IS NOT FALSE
                AND (starts_with(split_part(called.value, '|', 1), split_part(theirs.value, '|', 1))
                    OR starts_with(split_part(theirs.value, '|', 1), split_part(called.value, '|', 1)))))
        ORDER BY o.system, o.record_id, o.kind = 'tax_id' DESC
    ), former AS (
        SELECT i.system, i.record_id, i.customer_id FROM identity.customer i
        JOIN touched t ON t.system = i.system AND t.record_id = i.record_id
    ), linked AS (
    INSERT INTO identity.customer AS i (system, record_id, customer_id, rule, score, evidence, linked_at)
    SELECT a.system, a.record_id, coalesce(k.at_system, a.at_system) || ':' || coalesce(k.at_id, a.at_id), by_rule.rule,
        1, jsonb_build_object('by', CASE by_rule.rule WHEN 'tax_id' THEN 'equal tax id'
            WHEN 'domain' THEN 'equal domain and country, like names' ELSE by_rule.rule END), clock_timestamp()
    FROM anchored a LEFT JOIN keyed k ON k.system = a.at_system AND k.record_id = a.at_id
    CROSS JOIN LATERAL (SELECT CASE WHEN a.rule = 'own' THEN coalesce(k.rule, 'own') ELSE a.rule END AS rule) by_rule
    ON CONFLICT (system, record_id) DO UPDATE SET customer_id = excluded.customer_id, rule = excluded.rule,
        score = excluded.score, evidence = excluded.evidence, linked_at = excluded.linked_at
    WHERE (i.customer_id, i.rule) IS DISTINCT FROM (excluded.customer_id, excluded.rule)
    RETURNING i.system, i.record_id, i.customer_id, i.rule
    ), moved AS (
        SELECT l.*, f.customer_id AS was FROM linked l JOIN former f ON f.system = l.system
            AND f.record_id = l.record_id AND f.customer_id <> l.customer_id
    ), told AS (
        INSERT INTO identity.event (event, system, record_id, was, became, rule)
        SELECT 'moved', system, record_id, was, customer_id, rule FROM moved
    ), woken AS (
        UPDATE canonical.customer c SET change_id = nextval('canonical.change') FROM moved m
        WHERE c.system = m.system AND c.record_id = m.record_id AND c.change_id <= :taken
    )
    SELECT count(*) FROM linked
"""


def _steps(*statements: str) -> tuple[TextClause, ...]:
    return tuple(text(statement) for statement in statements)


MANY = 10_000
"""From so many changed records, the planner is told what became of the tables; fewer change no plan."""

TOUCH = _steps(_CHANGED, "ANALYZE touched", _KEYS_OF_TOUCHED, _FORGET, _FORGET_PROFILES, _PROFILES, _KEYS)
"""The records that changed, and what they say."""

TELL_PLANNER = text("ANALYZE identity.profile, identity.record_key")

BEFORE = _steps(
    _KEYS_OF_TOUCHED,
    "ANALYZE touched_key",
    _NEIGHBOURS,
    _WHO_NAMES_THEM,
    "ANALYZE touched",
    _FOLLOW,
    "ANALYZE anchored",
    _ONLY_HOLDERS,
    "ANALYZE only_holder",
)
"""From them to all whose link may differ now, where they lead, and which keys one record alone holds."""

LINK = text(_LINK)
"""Each touched record's customer: the end of its references and merges, and from there by exact key into the CRM.

A key links only where one record per side holds it and nothing else speaks against it: another CRM account with the
record's own name in the same country, and for domains another tax id or an unlike name. A ring of references stands for
its least record. A link that moved is told, and its record counts as changed, so that the rules look at it again.
"""
