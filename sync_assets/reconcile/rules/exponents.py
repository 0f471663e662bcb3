"""Rules about the number of decimals of a currency: a copy that is ten, a hundred or a thousand times its owner.

Documents and money, and the price of a subscription beside the one that was sold.

Source: ISO 4217 (the yen has no minor unit, the dinar of Kuwait three digits). Not here: every other difference of
amounts (copies.py), which this one explains.
"""

from dataclasses import replace

from sync_assets.reconcile.rule import Rule
from sync_assets.reconcile.rules.contracts import PRICE_DIFFERS
from sync_assets.reconcile.rules.copies import FINAL, HELD, TOTAL, Held, alive, joined, touches

_FACTORS = """CASE WHEN {0} = ANY(:no_decimals) THEN ARRAY[100, 1000]
    WHEN {0} = ANY(:three_decimals) THEN ARRAY[10, 1000] ELSE ARRAY[100] END"""
"""What a system is off by that writes the currency with two digits, with none, or with three."""


def _rule(held: Held) -> Rule:
    noun, amount = held.entity.replace("_", " "), TOTAL.get(held.entity, "amount_minor")
    customer = "CAST(NULL AS text)" if held.entity == "payout" else "o.system || ':' || o.customer_id"
    return Rule(
        class_="F91",
        title=f"{noun.capitalize()} in {held.role} is off by whole decimals",
        role=held.names,
        entity=held.entity,
        needs=((held.names, held.entity), (held.role, held.entity)),
        hop=held.hop,
        owner="DE",
        kind=held.kind,
        lag_s=0,
        touches=tuple(touches(held)),
        select=f"""
            SELECT o.record_id AS root_id, o.system || ':' || o.record_id AS entity_id, {customer} AS customer_id,
                o.currency, abs(o.{amount} - c.{amount}) AS money_minor,
                greatest({FINAL[held.entity]}, c.version_at) AS happened_at,
                o.{amount} || ' ' || o.currency AS expected, c.{amount} || ' ' || c.currency AS found,
                '{amount}' AS field, /*at c*/,
                jsonb_build_array(jsonb_build_array(o.system, '{held.entity}', o.record_id),
                    jsonb_build_array(c.system, '{held.entity}', c.record_id)) AS records
            FROM canonical.{held.entity} o
            JOIN canonical.{held.entity} c ON c.system = ANY(:{held.role}) AND {joined(held)} AND c.deleted_at IS NULL
            WHERE o.system = ANY(:{held.names}) /*roots o*/ AND o.deleted_at IS NULL AND {alive(held)}
                AND o.currency = c.currency AND o.{amount} <> 0 AND EXISTS (
                    SELECT FROM unnest({_FACTORS.format("o.currency")}) AS factor
                    WHERE o.{amount} * factor = c.{amount} OR o.{amount} = c.{amount} * factor)
        """,
        meaning="Somebody read a currency with the wrong number of decimals, so an amount is ten, a hundred or a "
        "thousand times another.",
        wrong_when="a copy in the same currency is exactly 10, 100 or 1,000 times its owner's amount or a fraction of "
        "it, as the currency's decimals allow",
        money="the difference between the two amounts",
        sentence=f"{noun.capitalize()} {{root_id}} is {{expected}} in {held.names} but {{found}} in {held.role}: "
        "somebody misread the currency's decimals; {money} off.",
        advice=f"Correct the {held.role} record and the conversion that wrote it; look for others in this currency.",
    )


PRICE_OFF_BY_DECIMALS = replace(
    PRICE_DIFFERS,
    class_="F91",
    title="Price in billing is off by whole decimals",
    owner="DE",
    explained_by=(),
    explains=("F12",),
    select=f"""
        SELECT d.* FROM ({PRICE_DIFFERS.select}) d
        WHERE EXISTS (SELECT FROM unnest({_FACTORS.format("d.currency")}) AS factor
            WHERE d.expected::numeric * factor = d.found::numeric OR d.expected::numeric = d.found::numeric * factor)
    """,
    meaning="Somebody read a currency with the wrong number of decimals, so each invoice bills a tenth, a hundredth or "
    "a hundred times of what was agreed.",
    wrong_when="a subscription's unit price is exactly 10, 100 or 1,000 times the one on its deal or a fraction of it, "
    "as the currency's decimals allow",
    sentence="Subscription {root_id} is billed at {found} each, but {expected} was agreed: somebody misread the "
    "currency's decimals; {money} so far.",
    advice="Correct the price in billing and the conversion that wrote it; look for others in this currency.",
)

RULES: tuple[Rule, ...] = (*(_rule(held) for held in HELD), PRICE_OFF_BY_DECIMALS)
