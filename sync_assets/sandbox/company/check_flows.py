"""Proof that what flows between the systems agrees: contracts, access, usage, payments and payouts."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

from sync_assets.model.money import to_minor
from sync_assets.sandbox.company.catalogue import PRODUCTS
from sync_assets.sandbox.company.check import SETTLED, rows
from sync_assets.sandbox.company.company import Systems
from sync_assets.sandbox.company.days import unix

_DEPOSITED = timedelta(hours=16)
"""After so long from the start of its arrival day a payout is in the ledger."""

_Used: TypeAlias = tuple[int, datetime, int]
"""An event: when it happened, when it arrived, its units."""

_FEATURE_OF_PRICE = {product.price_id(currency): product.feature for product in PRODUCTS for currency in product.prices}


def check_flows(systems: Systems, now: datetime, paid_out: Mapping[str, str]) -> list[str]:
    """Findings about contracts, access, usage and card money. `paid_out`: balance transaction id to payout id."""
    return [
        *_contracts(systems, now),
        *_access(systems, now),
        *_usage(systems),
        *_charges(systems, now),
        *_payouts(systems, now, paid_out),
    ]


def _contracts(systems: Systems, now: datetime) -> Iterator[str]:
    lines: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for line in rows(systems.crm, "opportunity_line_items"):
        if str(line.get("ServiceDate") or "") > now.date().isoformat():
            continue  # a step that is still to come
        net = line["UnitPrice"] * (100 - (line.get("Discount") or 0)) / 100
        price = to_minor(net.normalize(), line["CurrencyIsoCode"])
        lines[line["OpportunityId"][:15]][line["ProductCode"]] = (int(line["Quantity"]), price)
    won = {row["Id"][:15]: row for row in rows(systems.crm, "opportunities") if row["StageName"] == "Closed Won"}
    for subscription in rows(systems.billing, "subscriptions"):
        opportunity = subscription.get("cf_salesforce_opportunity_id", "")[:15]
        if not opportunity or subscription["status"] == "cancelled":
            continue
        items = {
            item["item_price_id"].rpartition("-")[0]: (item.get("quantity", 1), item["unit_price"])
            for item in subscription["subscription_items"]
        }
        changed_at = datetime.fromisoformat(won[opportunity]["SystemModstamp"])
        if items != lines[opportunity] and changed_at < now - SETTLED:
            yield f"subscription {subscription['id']}: {items} in billing, {lines[opportunity]} in the CRM"
    linked = {row.get("cf_salesforce_opportunity_id", "")[:15] for row in rows(systems.billing, "subscriptions")}
    for opportunity in won.keys() - linked:
        if datetime.fromisoformat(won[opportunity]["SystemModstamp"]) < now - SETTLED:
            yield f"opportunity {opportunity}: won, not in billing"


_WITH_EVERY_PLAN = {"regions"}
"""Features that no item is sold for; they end with the subscription like any other."""


def _access(systems: Systems, now: datetime) -> Iterator[str]:
    given: dict[str, set[str]] = defaultdict(set)
    for entitlement in rows(systems.product, "entitlements"):
        given[entitlement["subjectKey"]].add(entitlement["featureKey"])
    for subscription in rows(systems.billing, "subscriptions"):
        names = [item["item_price_id"] for item in subscription["subscription_items"]]
        lives = subscription["status"] in ("active", "non_renewing")
        due = {_FEATURE_OF_PRICE.get(name, name) for name in names} if lives else set()
        has = given[subscription["id"]] - (_WITH_EVERY_PLAN if lives else set())
        if has != due and subscription["updated_at"] < unix(now - SETTLED):
            yield f"subscription {subscription['id']}: access to {has}, due {due}"


def _usage(systems: Systems) -> Iterator[str]:
    used: dict[str, list[_Used]] = defaultdict(list)
    for event in systems.product.shelf.current("events"):
        happened_at, units = unix(event.record["time"]), event.record["data"]["units"]
        used[event.record["subject"]].append((happened_at, event.stamped_at, units))
    pushed = {row.record.get("line_item_id"): row for row in systems.billing.shelf.current("usages")}
    late: Counter[str] = Counter()
    for invoice in sorted(rows(systems.billing, "invoices"), key=lambda row: row["date"]):
        for line in invoice["line_items"]:
            if not line["metered"]:
                continue
            report, owner = pushed[line["id"]], line["subscription_id"]
            prompt, came_late = _metered(used[owner], (line["date_from"], line["date_to"]), report.stamped_at)
            due, late[owner] = prompt + late[owner], came_late
            if not line["quantity"] == due == int(report.record["quantity"]):
                yield f"invoice {invoice['id']}: billed {line['quantity']}, metered {due}"


def _metered(used: Iterable[_Used], span: tuple[int, int], reported_at: datetime) -> tuple[int, int]:
    """The units of a period that were there when it was reported, and those that came after and go on the next one."""
    units = {True: 0, False: 0}
    for happened_at, arrived_at, count in used:
        if span[0] <= happened_at <= span[1]:
            units[arrived_at <= reported_at] += count
    return units[True], units[False]


def _charges(systems: Systems, now: datetime) -> Iterator[str]:
    recorded = {
        row["id_at_gateway"]: row
        for row in rows(systems.billing, "transactions")
        if row.get("id_at_gateway") and row["status"] == "success"
    }
    booked = {row["externalid"] for row in rows(systems.erp, "transaction") if row["type"] in ("CustPymt", "CustRfnd")}
    for charge in rows(systems.payments, "charges"):
        if charge["status"] != "succeeded" or charge["created"] > unix(now - SETTLED):
            continue
        transaction = recorded.get(charge["id"]) or recorded.get(charge["payment_intent"])
        if transaction is None or transaction["amount"] != charge["amount"]:
            yield f"charge {charge['id']}: not the same in billing"
    for refund in rows(systems.payments, "refunds"):
        is_done = refund["status"] == "succeeded" and refund["created"] < unix(now - SETTLED)
        if is_done and refund["id"] not in recorded:
            yield f"refund {refund['id']}: not in billing"
    for transaction in rows(systems.billing, "transactions"):
        is_old = transaction["status"] == "success" and transaction["date"] < unix(now - SETTLED)
        if is_old and f"chargebee_transaction_{transaction['id']}" not in booked:
            yield f"transaction {transaction['id']}: not in the ERP"


def _payouts(systems: Systems, now: datetime, paid_out: Mapping[str, str]) -> Iterator[str]:
    nets: Counter[str] = Counter()
    for movement in rows(systems.payments, "balance_transactions"):
        if movement["type"] != "payout":
            nets[paid_out.get(movement["id"], "")] += movement["net"]
    found = (row for row in rows(systems.erp, "transaction") if row["type"] == "Deposit")
    deposits = {row["externalid"]: row["foreigntotal"] for row in found}
    for payout in rows(systems.payments, "payouts"):
        if nets[payout["id"]] != payout["amount"]:
            yield f"payout {payout['id']}: {payout['amount']} paid, {nets[payout['id']]} moved"
        deposit = deposits.get(f"stripe_payout_{payout['id']}")
        is_old = payout["arrival_date"] < unix(now - _DEPOSITED)
        booked = None if deposit is None else to_minor(deposit, payout["currency"].upper())
        if booked != payout["amount"] and (is_old or booked is not None):
            yield f"payout {payout['id']}: {payout['amount']} paid, deposit {booked}"
