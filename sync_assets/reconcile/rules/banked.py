"""Rules about payouts in the books: the deposit that follows a payout, and the fees that it left behind."""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.accounts import plays
from sync_assets.reconcile.rule import DAY_S, Queue, Rule, Touch

_PAYOUT = Touch(role="payments", entity="payout", root="c.record_id")
_DEPOSIT = Touch(role="erp", entity="payout", root="split_part(c.copy_of, ':', 2)")
_DEPOSIT_OF_LINE = Touch(
    role="erp",
    entity="posting",
    root="split_part(e.copy_of, ':', 2)",
    join="JOIN canonical.payout e ON e.system = c.system AND e.record_id = c.document_id",
)

NOT_DEPOSITED = Rule(
    class_="F72",
    title="Payout without deposit in the books",
    role="payments",
    entity="payout",
    needs=(("payments", "payout"), ("erp", "payout")),
    hop="payments->erp",
    owner="FI",
    kind=Kind.CASH,
    lag_s=5 * DAY_S,
    touches=(_PAYOUT, _DEPOSIT),
    queue=Queue(role="erp", entity="payout", field="copy_of", name="payments:{root_id}"),
    select="""
        SELECT p.record_id AS root_id, p.system || ':' || p.record_id AS entity_id,
            CAST(NULL AS text) AS customer_id, p.currency, abs(p.amount_minor) AS money_minor,
            coalesce(p.arrival_on::timestamp AT TIME ZONE 'UTC', p.created_at, p.version_at) AS happened_at,
            'a deposit over ' || p.amount_minor || ' ' || p.currency AS expected, 'none' AS found,
            'posting' AS field, (:erp)[1] AS at_system, CAST(NULL AS text) AS at_record_id,
            jsonb_build_array(jsonb_build_array(p.system, 'payout', p.record_id)) AS records
        FROM canonical.payout p
        WHERE p.system = ANY(:payments) /*roots p*/ AND p.deleted_at IS NULL AND p.status = 'paid'
            AND p.amount_minor <> 0
            AND NOT EXISTS (SELECT FROM canonical.payout e WHERE e.system = ANY(:erp)
                AND e.copy_of = 'payments:' || p.record_id AND e.deleted_at IS NULL AND e.status <> 'canceled')
    """,
    meaning="Money arrived at the bank, and the books have no deposit for it.",
    wrong_when="a payout is paid and the ERP has no deposit that names it five days after its arrival",
    money="the payout's amount",
    sentence="Payout {root_id} over {money} arrived at the bank, but the books have no deposit for it.",
    advice="Find the bank line and book the deposit; look whether the bank account or its feed was changed.",
)
"""Three business days, over a weekend."""

_COSTS = f"""
    FROM canonical.posting x
    JOIN canonical.ledger_account k ON k.system = x.system AND k.record_id = x.account_id AND {plays("fees", "k")}
    JOIN canonical.document_line l ON l.system = x.system AND l.record_id = x.line_id AND l.deleted_at IS NULL
    WHERE x.system = {{0}}.system AND x.document_id = {{0}}.record_id AND x.deleted_at IS NULL
"""
"""Lines of a deposit on accounts of cost, in the deposit's currency."""

_OWN_FEES = "coalesce(-sum(s.amount_minor) FILTER (WHERE s.kind LIKE '%fee' AND s.amount_minor < 0), 0)::bigint"
"""What the processor charged by entries of their own, beside what it kept of each payment: a company may take them from
the processor's invoice. Source: docs.stripe.com/reports/balance-transaction-types (stripe_fee, tax_fee)."""

FEES_NOT_BOOKED = Rule(
    class_="F73",
    title="Fees of a payout not booked",
    role="payments",
    entity="payout",
    needs=(
        ("payments", "payout"),
        ("payments", "settlement"),
        ("erp", "payout"),
        ("erp", "posting"),
        ("erp", "document_line"),
    ),
    hop="payments->erp",
    owner="FI",
    kind=Kind.MISSTATE,
    lag_s=DAY_S,
    explained_by=("F71", "F91"),
    touches=(
        _PAYOUT,
        _DEPOSIT,
        _DEPOSIT_OF_LINE,
        Touch(role="payments", entity="settlement", root="c.payout_id"),
    ),
    select=f"""
        SELECT p.record_id AS root_id, p.system || ':' || p.record_id AS entity_id,
            CAST(NULL AS text) AS customer_id, p.currency,
            abs(fee.minor + fee.own_minor - booked.minor) AS money_minor,
            greatest(e.created_at, p.created_at) AS happened_at,
            'fees of ' || (fee.minor + fee.own_minor) || ' ' || p.currency AS expected,
            booked.minor || ' ' || p.currency AS found, 'fee_minor' AS field, /*at e*/,
            jsonb_build_array(jsonb_build_array(p.system, 'payout', p.record_id),
                jsonb_build_array(e.system, 'payout', e.record_id)) AS records
        FROM canonical.payout p
        JOIN canonical.payout e ON e.system = ANY(:erp) AND e.copy_of = 'payments:' || p.record_id
            AND e.deleted_at IS NULL AND e.is_posted AND e.currency = p.currency
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(s.fee_minor), 0)::bigint AS minor, {_OWN_FEES} AS own_minor FROM canonical.settlement s
            WHERE s.system = p.system AND s.payout_id = p.record_id AND s.deleted_at IS NULL
                AND s.currency = p.currency
        ) fee
        CROSS JOIN LATERAL (SELECT coalesce(sum(l.amount_minor), 0)::bigint AS minor {_COSTS.format("e")}) booked
        WHERE p.system = ANY(:payments) /*roots p*/ AND p.deleted_at IS NULL AND p.automatic
            AND coalesce(p.reconciliation, 'completed') = 'completed'
            AND booked.minor NOT IN (fee.minor, fee.minor + fee.own_minor)
            AND EXISTS (SELECT FROM canonical.payout o
                CROSS JOIN LATERAL (SELECT 1 AS line {_COSTS.format("o")} LIMIT 1) usual
                WHERE o.system = ANY(:erp) AND o.copy_of IS NOT NULL AND o.record_id <> e.record_id)
    """,
    meaning="The processor kept fees that are in no account of costs.",
    wrong_when="the lines of a payout's deposit on accounts of cost are not the fees of its balance entries, with or "
    "without those that are entries of their own, while other deposits carry fees",
    money="the difference between the fees and what was booked",
    sentence="Payout {root_id} was deposited without {money} of its fees, so costs are missing in the books.",
    advice="Book the fees of the payout against clearing; deposits must carry the gross and the fees apart.",
)
"""Only where deposits carry fees at all: a company may book them by the month, which no document ties to a payout."""

_ON_COSTS = f"""
    FROM canonical.ledger_account k
    JOIN canonical.posting x ON x.system = k.system AND x.account_id = k.record_id AND x.deleted_at IS NULL
    WHERE k.system = ANY(:erp) AND {plays("fees", "k")}
"""
_NAMED = 20
"""Payouts that a break names at most."""

FEES_NEVER_BOOKED = Rule(
    class_="F73",
    title="Fees of a month in no account",
    role="payments",
    entity="settlement",
    needs=(
        ("payments", "payout"),
        ("payments", "settlement"),
        ("erp", "payout"),
        ("erp", "posting"),
        ("erp", "document_line"),
        ("erp", "ledger_account"),
    ),
    hop="payments->erp",
    owner="FI",
    kind=Kind.MISSTATE,
    lag_s=DAY_S,
    explained_by=("F71", "F91"),
    touches=(),
    is_small=True,
    select=f"""
        SELECT m.system || ':' || m.first_id AS root_id, m.system || ':' || m.first_id AS entity_id,
            'payout' AS entity, CAST(NULL AS text) AS customer_id, m.currency, m.minor AS money_minor,
            (m.month + interval '1 month') AT TIME ZONE 'UTC' AS happened_at,
            'fees of ' || m.minor || ' ' || m.currency AS expected, '0 ' || m.currency AS found,
            'fee_minor' AS field, (:erp)[1] AS at_system, CAST(NULL AS text) AS at_record_id,
            to_char(m.month, 'YYYY-MM') || ' ' || m.currency AS part, m.payouts, to_char(m.month, 'YYYY-MM') AS told,
            jsonb_path_query_array(m.records, '$[0 to {_NAMED - 1}]') AS records
        FROM (
            SELECT p.system, p.currency, month.starts AS month, sum(fee.minor)::bigint AS minor, count(*) AS payouts,
                (array_agg(p.record_id ORDER BY p.created_at, p.record_id))[1] AS first_id,
                jsonb_agg(jsonb_build_array(p.system, 'payout', p.record_id) ORDER BY p.created_at, p.record_id)
                    AS records
            FROM canonical.payout p
            JOIN canonical.payout e ON e.system = ANY(:erp) AND e.copy_of = 'payments:' || p.record_id
                AND e.deleted_at IS NULL AND e.is_posted AND e.currency = p.currency
                AND EXISTS (SELECT FROM canonical.posting x WHERE x.system = e.system AND x.document_id = e.record_id)
            CROSS JOIN LATERAL (SELECT date_trunc('month', p.created_at AT TIME ZONE 'UTC') AS starts) month
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(s.fee_minor), 0) AS minor FROM canonical.settlement s
                WHERE s.system = p.system AND s.payout_id = p.record_id AND s.deleted_at IS NULL
                    AND s.currency = p.currency
            ) fee
            WHERE p.system = ANY(:payments) /*roots p*/ AND p.deleted_at IS NULL AND p.automatic
                AND coalesce(p.reconciliation, 'completed') = 'completed' AND p.created_at IS NOT NULL
                AND NOT EXISTS (SELECT FROM canonical.document_line l WHERE l.system = e.system
                    AND l.document_id = e.record_id AND l.deleted_at IS NULL AND abs(l.amount_minor) = fee.minor)
                AND NOT EXISTS (SELECT {_ON_COSTS})
                AND EXISTS (SELECT FROM canonical.ledger_account k WHERE k.system = ANY(:erp) AND {plays("fees", "k")})
            GROUP BY p.system, p.currency, month.starts
        ) m
        WHERE m.minor > 0
    """,
    meaning="The processor keeps its fees, and the books know none of them: revenue or receivables are off by them.",
    wrong_when="a month is over in which deposited payouts left fees behind, no line of their deposits is over them, "
    "and nothing at all was ever posted to an account of cost",
    money="the month's fees, per currency",
    sentence="{payouts} payouts of {told} left {money} of fees behind, and no account of cost knows of any.",
    advice="Book the month's fees against clearing, and deposit payouts gross with their fees apart from now on.",
)
"""A company may book its fees by the month: then some line stands on an account of cost, and nothing is said."""

RULES = (NOT_DEPOSITED, FEES_NOT_BOOKED, FEES_NEVER_BOOKED)
