"""Rules about one customer's master data in several systems: names, addresses and tax ids, closed accounts, merges.

Not here: the legal entity that a customer belongs to (subsidiaries.py).
"""

from sync_assets.model.breaks import Kind
from sync_assets.reconcile.fragments import RUNNING
from sync_assets.reconcile.rule import DAY_S, HOUR_S, Rule, Touch

NAMED_ACCOUNT = "JOIN canonical.customer b ON b.system = ANY(:billing) AND b.copy_of = 'crm:' || {0}"
"""The billing customers that name a CRM account."""

CUSTOMER_CHANGED = (
    Touch(role="billing", entity="customer", root="c.record_id"),
    Touch(role="crm", entity="customer", root="b.record_id", join=NAMED_ACCOUNT.format("c.record_id")),
    Touch(role="erp", entity="customer", root="split_part(c.copy_of, ':', 2)"),
)
INVOICED = (Touch(role="billing", entity="invoice", root="c.customer_id"),)
BILLED_TO = """b.record_id AS root_id, b.system || ':' || b.record_id AS entity_id,
    b.system || ':' || b.record_id AS customer_id"""
_ACCOUNT = """LEFT JOIN canonical.customer a ON a.system = ANY(:crm) AND b.copy_of = 'crm:' || a.record_id
    AND a.record_id = split_part(b.copy_of, ':', 2)"""
_LINKED = """LEFT JOIN LATERAL (
    SELECT n.system, n.record_id FROM identity.customer k
    JOIN canonical.customer n ON n.system = split_part(k.customer_id, ':', 1)
        AND n.record_id = split_part(k.customer_id, ':', 2) AND n.deleted_at IS NULL
    WHERE k.system = b.system AND k.record_id = b.record_id AND n.system = ANY(:crm)
) living ON true"""
"""The living account that identity knows for a billing customer, whatever account it names."""

_LINK_CHANGED = Touch(
    role="crm",
    entity="customer",
    root="k.record_id",
    join="JOIN identity.customer k ON k.customer_id = c.system || ':' || c.record_id AND k.system = ANY(:billing)",
)
ERP_CUSTOMER = """JOIN canonical.customer e ON e.system = ANY(:erp) AND e.copy_of = 'billing:' || b.record_id
    AND e.deleted_at IS NULL"""
_PLAIN = "nullif(regexp_replace(upper({0}), '[^[:alnum:]]', '', 'g'), '')"
"""A name or number without the signs and the case that people write it in."""


_COUNTRY = (
    "CASE upper({0}.country) WHEN 'UK' THEN 'GB' WHEN 'XI' THEN 'GB' WHEN 'EL' THEN 'GR' ELSE upper({0}.country) END"
)
"""A country under its ISO code. Source: the European Union writes EL for Greece, UK, and XI for Northern Ireland, and
apidocs.chargebee.com/docs/api/customers takes XI (billing_address.country).
"""


def _unlike(field: str, one: str, other: str) -> str:
    """Both say something in the field, and not the same but for signs and case."""
    return f"{_PLAIN.format(f'{one}.{field}')} <> {_PLAIN.format(f'{other}.{field}')}"


def _moved(one: str, other: str) -> str:
    """Street, town and postcode are all others. Either may write a country before its postcode, or more of it."""
    code, copied = (_PLAIN.format(f"{row}.postcode") for row in (one, other))
    places = " AND ".join(_unlike(field, one, other) for field in ("street", "city"))
    return f"({places} AND position({code} IN {copied}) = 0 AND position({copied} IN {code}) = 0)"


def _differs(one: str, other: str, *, names: bool) -> dict[str, str]:
    """By field, when two copies of a customer say different things; what one does not say differs from nothing."""
    conditions = {field: _unlike(field, one, other) for field in ("tax_id", *(["legal_name"] if names else []))}
    codes = " AND ".join(f"{row}.country ~ '^[A-Za-z]{{2}}$'" for row in (one, other))
    conditions["country"] = f"({codes} AND {_COUNTRY.format(one)} <> {_COUNTRY.format(other)})"
    return {**conditions, "address": _moved(one, other)}


def _differs_in_erp() -> dict[str, str]:
    """The same between billing and the ERP, but for what billing has wrong itself."""
    wrong = _differs("a", "b", names=False)
    differs = _differs("b", "e", names=True)
    return {
        field: f"({when} AND NOT coalesce({wrong[field]}, false))" if field in wrong else when
        for field, when in differs.items()
    }


def _case(differs: dict[str, str], then: str) -> str:
    return f"CASE {' '.join(f'WHEN {when} THEN {then.format(field)}' for field, when in differs.items())} END"


_EXPOSED = """LEFT JOIN LATERAL (
    SELECT i.currency, sum(CASE WHEN i.due_minor > 0 THEN i.due_minor ELSE coalesce(i.tax_minor, 0) END)::bigint
        AS minor
    FROM canonical.invoice i
    WHERE i.system = b.system AND i.customer_id = b.record_id AND i.deleted_at IS NULL AND NOT i.is_void
        AND i.status <> 'draft'
    GROUP BY i.currency
) x ON true"""
"""What a wrong name or number puts in doubt: open receivables, and the tax of what is paid."""


def _master_rule(other: str, hop: str) -> Rule:
    """Billing's customer against the CRM's account, which is its owner, or against the ERP's copy.

    Names, addresses and tax ids may be a person's: the break says which of them differs, never what they are. What
    billing has wrong itself is told there, not once more of the ERP's copy.
    """
    is_erp = other == "erp"
    owner, copy = ("b", "e") if is_erp else ("a", "b")
    differs = _differs_in_erp() if is_erp else _differs(owner, copy, names=False)
    account = f"{_ACCOUNT} AND a.deleted_at IS NULL"
    join = f"{ERP_CUSTOMER} {account}" if is_erp else account.removeprefix("LEFT ")
    return Rule(
        class_="F9",
        title="A customer has another name, address or tax id in another system",
        role="billing",
        entity="customer",
        needs=(("billing", "customer"), (other, "customer"), ("billing", "invoice")),
        hop=hop,
        owner="FI",
        kind=Kind.CONTROL,
        lag_s=3 * DAY_S,
        touches=(*CUSTOMER_CHANGED, *INVOICED),
        select=f"""
            SELECT {BILLED_TO}, coalesce(x.currency, b.currency) AS currency, coalesce(x.minor, 0) AS money_minor,
                x.currency AS part, greatest({owner}.version_at, {copy}.version_at) AS happened_at,
                {_case(differs, f"{owner}.system || ' {{0}}'")} AS expected,
                {_case(differs, "'another {0}'")} AS found,
                {_case(differs, "'{0}'")} AS field, {copy}.system AS at_system, {copy}.record_id AS at_record_id,
                jsonb_build_array(jsonb_build_array(b.system, 'customer', b.record_id),
                    jsonb_build_array({"e" if is_erp else "a"}.system, 'customer', {"e" if is_erp else "a"}.record_id))
                    AS records
            FROM canonical.customer b {join} {_EXPOSED}
            WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND ({" OR ".join(differs.values())})
        """,
        meaning="Invoices carry a name, address or tax id that the customer's other records deny; tax and collection "
        "rest on it.",
        wrong_when="tax id, legal name (billing against ERP), country or address are given on both sides and differ "
        "by more than case and punctuation; of an address street, town and postcode; and, in the ERP, billing itself "
        "does not differ there from the CRM",
        money="what is due on the customer's invoices, and the tax of those that are paid, as exposure",
        sentence="Customer {root_id} has another {field} in {at_system}; {money} of open invoices and tax rest on it.",
        advice="Correct the copy, and issue again what was invoiced under the wrong name or number.",
    )


CLOSED_BUT_OWING = Rule(
    class_="F4",
    title="Account is gone, and its invoices are open",
    role="billing",
    entity="customer",
    needs=(("billing", "customer"), ("billing", "subscription"), ("billing", "invoice"), ("crm", "customer")),
    hop="crm->billing",
    owner="RO",
    kind=Kind.CASH,
    lag_s=DAY_S,
    touches=(
        *CUSTOMER_CHANGED,
        *INVOICED,
        _LINK_CHANGED,
        Touch(role="billing", entity="subscription", root="c.customer_id"),
    ),
    select=f"""
        SELECT {BILLED_TO}, x.currency, x.minor AS money_minor, x.currency AS part,
            greatest(a.deleted_at, x.at) AS happened_at, 'a living account' AS expected, 'none' AS found,
            'status' AS field, (:crm)[1] AS at_system, split_part(b.copy_of, ':', 2) AS at_record_id,
            CASE WHEN a.record_id IS NOT NULL THEN jsonb_build_array(a.system, 'customer', a.record_id) END
                AS evidence,
            jsonb_build_array(jsonb_build_array(b.system, 'customer', b.record_id),
                jsonb_build_array(a.system, 'customer', a.record_id)) AS records
        FROM canonical.customer b {_ACCOUNT} {_LINKED}
        JOIN LATERAL (
            SELECT i.currency, sum(i.due_minor)::bigint AS minor, min(i.finalised_at) AS at FROM canonical.invoice i
            WHERE i.system = b.system AND i.customer_id = b.record_id AND i.deleted_at IS NULL AND NOT i.is_void
                AND i.status <> 'draft' AND i.due_minor > 0
            GROUP BY i.currency
        ) x ON true
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND b.copy_of IS NOT NULL
            AND (a.record_id IS NULL OR a.deleted_at IS NOT NULL) AND a.merged_into IS NULL
            AND living.record_id IS NULL
            AND NOT EXISTS (SELECT FROM canonical.subscription s WHERE s.system = b.system
                AND s.customer_id = b.record_id AND s.deleted_at IS NULL AND s.status IN {RUNNING})
    """,
    meaning="An account was closed in the CRM while its invoices are still to be paid, so nobody asks for the money.",
    wrong_when="the CRM account that a billing customer names is deleted and was merged into none, no subscription "
    "runs, and issued invoices have an amount due",
    money="what is due on the customer's invoices, per currency",
    sentence="The account of customer {root_id} was deleted, but {money} are still open.",
    advice="Restore the account until the money is in, or write the invoices off on purpose.",
)
"""Who is still billed without an account is an orphan, of another class. An account that the CRM does not show any more
was deleted before anybody read it. Source: Salesforce keeps deleted records for 15 days."""

MERGE_NOT_FOLLOWED = Rule(
    class_="F5",
    title="Billing still names an account that was merged away",
    role="billing",
    entity="customer",
    needs=(("billing", "customer"), ("billing", "subscription"), ("crm", "customer")),
    hop="crm->billing",
    owner="DE",
    kind=Kind.CONTROL,
    lag_s=HOUR_S,
    touches=(
        *CUSTOMER_CHANGED,
        _LINK_CHANGED,
        Touch(role="billing", entity="subscription", root="c.customer_id"),
    ),
    select=f"""
        SELECT {BILLED_TO}, coalesce(m.currency, b.currency) AS currency, coalesce(m.minor, 0) AS money_minor,
            coalesce(greatest(a.deleted_at, a.version_at), b.version_at) AS happened_at,
            coalesce(a.merged_into, living.record_id) AS expected, split_part(b.copy_of, ':', 2) AS found,
            'copy_of' AS field, /*at b*/,
            CASE WHEN a.record_id IS NOT NULL THEN jsonb_build_array(a.system, 'customer', a.record_id) END
                AS evidence,
            jsonb_build_array(jsonb_build_array(b.system, 'customer', b.record_id),
                jsonb_build_array(a.system, 'customer', a.record_id),
                jsonb_build_array((:crm)[1], 'customer', coalesce(a.merged_into, living.record_id))) AS records
        FROM canonical.customer b {_ACCOUNT} {_LINKED}
        CROSS JOIN LATERAL (
            SELECT min(s.currency) AS currency, sum(s.mrr_minor)::bigint AS minor FROM canonical.subscription s
            WHERE s.system = b.system AND s.customer_id = b.record_id AND s.deleted_at IS NULL AND s.status IN {RUNNING}
        ) m
        WHERE b.system = ANY(:billing) /*roots b*/ AND b.deleted_at IS NULL AND b.copy_of IS NOT NULL
            AND (a.merged_into IS NOT NULL
                OR ((a.record_id IS NULL OR a.deleted_at IS NOT NULL) AND living.record_id IS NOT NULL))
    """,
    meaning="Two accounts became one in the CRM, but billing still names the one that is gone.",
    wrong_when="the account that a billing customer names was merged into another, or is gone while identity knows a "
    "living one",
    money="the monthly recurring revenue of the customer's running subscriptions, as exposure",
    sentence="Customer {root_id} names account {found}, which lives on as {expected}; {money} a month hang on it.",
    advice="Write the winner's id into the billing customer, and see that merges reach billing.",
)
"""A merge that is too old to be shown is a name that leads nowhere, while the customer's account lives on."""

RULES = (
    _master_rule("crm", "crm->billing"),
    _master_rule("erp", "billing->erp"),
    CLOSED_BUT_OWING,
    MERGE_NOT_FOLLOWED,
)
