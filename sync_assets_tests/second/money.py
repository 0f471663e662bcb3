"""How money moves: card payments through the processor, transfers past it, credit notes, refunds and payouts."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sync_assets_tests.second.billing import Bill
from sync_assets_tests.second.catalogue import (
    BANK,
    EXPONENT,
    FEES,
    PROCESSOR_FACTOR,
    RATE,
    RECEIVABLE,
    UNDEPOSITED,
    major,
)  # fmt: skip
from sync_assets_tests.second.customer import Customer, morning, seconds
from sync_assets_tests.second.ledger import Document, apply, income_lines, post, settle
from sync_assets_tests.second.town import Town

SETTLED_IN = {"EUR": "EUR", "GBP": "EUR", "USD": "USD", "JPY": "USD", "KWD": "USD"}
IN_TRANSIT: dict[int, dict[tuple[str, str, date], list[tuple[str, int, int]]]] = {}
"""By town: what each payout takes along: the balance transaction's id, its amount and its fee."""


@dataclass(frozen=True, kw_only=True)
class Paid:
    """One card payment everywhere it is known."""

    bill: Bill
    transaction: str
    charge: str
    intent: str
    amount: int
    at: datetime


def balance(customer: Customer, at: datetime, *, source: str, amount: int, kind: str = "charge", fee: int = 0) -> str:
    """A balance transaction in the settlement currency, leaving with the payout three days later."""
    town, money = customer.town, customer.currency
    settled = SETTLED_IN[money]
    rate = RATE.get((money, settled), Decimal(1))
    moved = int((major(amount, money) * rate * 100).quantize(Decimal(1), ROUND_HALF_UP))
    name = f"txn_3R{town.number('balance', 70_001)}"
    pays_on = at.date() + timedelta(days=3 + (-(at.date() + timedelta(days=3)).weekday()) % 7)
    town.at(at, "stripe", "balance_transactions", {
        "id": name, "amount": moved, "fee": fee, "currency": settled.lower(), "source": source, "type": kind,
        "exchange_rate": None if money == settled else float(rate),
        "payout": payout_id(customer.entity, settled, pays_on),
        "available_on": seconds(at + timedelta(days=2)),
        "fee_details": [{"amount": fee, "currency": settled.lower(), "type": "stripe_fee", "application": None,
                         "description": "Stripe processing fees"}] if fee else [],
    })  # fmt: skip
    IN_TRANSIT.setdefault(id(town), defaultdict(list))[customer.entity, settled, pays_on].append((name, moved, fee))
    return name


def payout_id(entity: str, currency: str, day: date) -> str:
    """The id of a Monday's payout."""
    return f"po_1{currency}{entity[-2:]}{day:%Y%m%d}"


def charge(customer: Customer, at: datetime, amount: int, **fields: Any) -> tuple[str, str]:
    """A card payment at the processor alone; returns charge and payment intent."""
    town, number = customer.town, customer.town.number("charge", 60_001)
    name, intent, money = f"ch_3R{number}", f"pi_3R{number}", customer.currency.lower()
    factor = PROCESSOR_FACTOR.get(customer.currency, 1)
    fee = amount * 15 // 1000 + 25 if EXPONENT[customer.currency] == 2 else 30
    moved = (
        balance(customer, at, source=name, amount=amount, fee=fee)
        if fields.get("status", "succeeded") == "succeeded"
        else None
    )
    town.at(at, "stripe", "payment_intents", {
        "id": intent, "amount": amount * factor, "currency": money, "customer": customer.payer, "latest_charge": name,
        "status": "succeeded" if moved else "processing", "metadata": {"source": "chargebee"},
    })  # fmt: skip
    town.at(at, "stripe", "charges", {
        "id": name, "amount": amount * factor, "currency": money, "customer": customer.payer, "payment_intent": intent,
        "balance_transaction": moved, "payment_method": "pm_1R77", "receipt_number": None, "refunds": None,
        "calculated_statement_descriptor": "BOREALIS", **fields,
    })  # fmt: skip
    return name, intent


def record_payment(
    bill: Bill, at: datetime, amount: int, *, reference: str | None, whole: bool = True, **fields: Any
) -> str:
    """Billing's transaction over a payment, and the invoice it settles; returns the transaction's id."""
    customer, town = bill.customer, bill.customer.town
    name = f"txn_AzZ{town.number('transaction', 41_001)}"
    status = fields.get("status", "success")
    route = {"gateway": "stripe", "id_at_gateway": reference, "gateway_account_id": "gw_AzZ1", "payment_method": "card"}
    if reference is None:
        route = {
            "gateway": "not_applicable",
            "payment_method": "bank_transfer",
            "reference_number": f"SEPA {name[-4:]}",
        }
    town.at(at, "chargebee", "transactions", {
        "id": name, "customer_id": customer.billing_id, "type": "payment", "date": seconds(at), "amount": amount,
        "currency_code": customer.currency, "business_entity_id": customer.entity, "amount_unused": 0, **route,
        "linked_invoices": [{
            "invoice_id": bill.number, "applied_amount": amount, "applied_at": seconds(at),
            "invoice_date": seconds(bill.issued), "invoice_total": bill.total, "invoice_status": "paid",
        }],
        **fields,
    })  # fmt: skip
    link = {"txn_id": name, "applied_amount": amount, "applied_at": seconds(at), "txn_status": status,
            "txn_date": seconds(at), "txn_amount": amount}  # fmt: skip
    if status != "success":
        town.at(at, "chargebee", "invoices", {"id": bill.number, "linked_payments": [link]})
        return name
    known = town.ids.setdefault(("paid", bill.number), "0")
    paid = int(known) + amount
    town.ids["paid", bill.number] = str(paid)
    closed = {"status": "paid", "paid_at": seconds(at)} if whole else {}
    town.at(at, "chargebee", "invoices", {
        "id": bill.number, "amount_paid": paid, "linked_payments": [link], **closed,
    })  # fmt: skip
    return name


def book_payment(bill: Bill, at: datetime, amount: int, *, invoice: int, transaction: str, account: int) -> int:
    """The ERP's payment, applied to its invoice."""
    customer, money = bill.customer, bill.customer.currency
    value, when = major(amount, money), at + timedelta(hours=1)
    document = Document(
        town=customer.town, kind="CustPymt", at=when, entity=customer.entity, currency=money, customer=customer,
        postings=[post(account, value), post(RECEIVABLE, -value)],
        fields={"externalid": f"chargebee_transaction_{transaction}", "status": "B", "tranid": f"P-{transaction}"},
    ).save()  # fmt: skip
    apply(customer.town, when, invoice, document, value)
    key = ("settled", str(invoice))
    settled = Decimal(customer.town.ids.get(key, "0")) + value
    customer.town.ids[key] = str(settled)
    settle(customer.town, when, invoice, paid=settled, total=major(bill.total, money))
    return document


def pay_by_card(bill: Bill, invoice: int | None, *, days: int = 2, amount: int | None = None) -> Paid:
    """A card payment everywhere; without `invoice` the ERP does not learn of it."""
    at = bill.issued + timedelta(days=days, minutes=7)
    worth = bill.total if amount is None else amount
    name, intent = charge(bill.customer, at, worth)
    whole = amount is None or int(bill.customer.town.ids.get(("paid", bill.number), "0")) + worth >= bill.total
    transaction = record_payment(bill, at, worth, reference=name, whole=whole)
    if invoice is not None:
        book_payment(bill, at, worth, invoice=invoice, transaction=transaction, account=UNDEPOSITED)
    return Paid(bill=bill, transaction=transaction, charge=name, intent=intent, amount=worth, at=at)


def pay_by_transfer(bill: Bill, invoice: int, *, days: int = 9, amount: int | None = None) -> str:
    """A bank transfer that the processor never sees."""
    at = bill.issued + timedelta(days=days)
    worth = bill.total if amount is None else amount
    whole = amount is None or int(bill.customer.town.ids.get(("paid", bill.number), "0")) + worth >= bill.total
    transaction = record_payment(bill, at, worth, reference=None, whole=whole)
    book_payment(bill, at, worth, invoice=invoice, transaction=transaction, account=BANK)
    return transaction


def credit(
    bill: Bill, at: datetime, invoice: int | None, *, lines: list[dict[str, Any]], kind: str, **more: Any
) -> str:
    """A credit note over lines of an invoice, in billing and (with `invoice`) in the ERP; returns its id."""
    customer, town = bill.customer, bill.customer.town
    number = f"CN-26-{town.number('credit note', 2201)}"
    net = sum(line["amount"] - line["discount_amount"] for line in lines)
    tax = sum(line["tax_amount"] for line in lines)
    total = net + tax
    allocated = {"amount_allocated": total, "allocations": [{
        "invoice_id": bill.number, "allocated_amount": total, "allocated_at": seconds(at), "invoice_status": "paid",
        "invoice_date": seconds(bill.issued),
    }]} if kind == "adjustment" else {}  # fmt: skip
    town.at(at, "chargebee", "credit_notes", {
        "id": number, "customer_id": customer.billing_id, "reference_invoice_id": bill.number, "type": kind,
        "status": "adjusted" if kind == "adjustment" else "refund_due", "date": seconds(at), "sub_total": net,
        "total": total, "currency_code": customer.currency, "business_entity_id": customer.entity,
        "reason_code": "order_change", "create_reason_code": "Order Change",
        "line_items": lines, **allocated, **more,
    })  # fmt: skip
    if kind == "adjustment":
        rest = bill.total - total
        town.at(at, "chargebee", "invoices", {
            "id": bill.number, "amount_adjusted": total,
            **({"status": "paid", "paid_at": seconds(at)} if rest == 0 else {}),
            "adjustment_credit_notes": [{"cn_id": number, "cn_date": seconds(at), "cn_status": "adjusted",
                                         "cn_total": total, "cn_reason_code": "order_change"}],
        })  # fmt: skip
    if invoice is not None:
        memo = Bill(
            number=number, customer=customer, issued=at, lines=lines, subtotal=net, discount=0, tax=tax, total=total
        )
        _book_memo(memo, bill, invoice, kind)
    return number


def _book_memo(memo: Bill, bill: Bill, invoice: int, kind: str) -> None:
    customer, money = memo.customer, memo.customer.currency
    value, when = major(memo.total, money), memo.issued + timedelta(minutes=35)
    document = Document(
        town=customer.town, kind="CustCred", at=when, entity=customer.entity, currency=money, customer=customer,
        postings=[post(RECEIVABLE, -value), *income_lines(memo, sign=-1)],
        fields={"tranid": memo.number, "externalid": f"chargebee_credit_note_{memo.number}",
                "status": "B" if kind == "adjustment" else "A"},
    ).save()  # fmt: skip
    customer.town.ids["memo", memo.number] = str(document)
    if kind == "adjustment":
        apply(customer.town, when, invoice, document, value)
        settle(customer.town, when, invoice, paid=value, total=major(bill.total, money))


def refund(paid: Paid, at: datetime, amount: int, **fields: Any) -> str:
    """Money given back at the processor alone; returns the refund's id."""
    customer = paid.bill.customer
    name = f"re_3R{customer.town.number('refund', 65_001)}"
    gone = fields.get("status", "succeeded") == "succeeded"
    moved = balance(customer, at, source=name, amount=-amount, kind="refund") if gone else None
    customer.town.at(at, "stripe", "refunds", {
        "id": name, "amount": amount, "charge": paid.charge, "payment_intent": paid.intent,
        "currency": customer.currency.lower(), "balance_transaction": moved,
        "reason": "requested_by_customer", **fields,
    })  # fmt: skip
    if gone:
        customer.town.at(at, "stripe", "charges", {
            "id": paid.charge, "amount_refunded": amount, "refunded": amount == paid.amount,
        })  # fmt: skip
    return name


def record_refund(paid: Paid, at: datetime, amount: int, *, reference: str, note: str | None) -> str:
    """Billing's and the ERP's side of a refund, with the credit note it belongs to."""
    customer, town = paid.bill.customer, paid.bill.customer.town
    name = f"txn_AzZ{town.number('transaction', 41_001)}"
    linked = [{"cn_id": note, "applied_amount": amount, "applied_at": seconds(at), "cn_status": "refunded",
               "cn_reference_invoice_id": paid.bill.number, "cn_total": amount}] if note else []  # fmt: skip
    town.at(at, "chargebee", "transactions", {
        "id": name, "customer_id": customer.billing_id, "type": "refund", "date": seconds(at), "amount": amount,
        "currency_code": customer.currency, "gateway": "stripe", "id_at_gateway": reference, "status": "success",
        "refunded_txn_id": paid.transaction, "linked_credit_notes": linked, "business_entity_id": customer.entity,
    })  # fmt: skip
    town.at(at, "chargebee", "transactions", {
        "id": paid.transaction, "linked_refunds": [{"txn_id": name, "txn_status": "success", "txn_date": seconds(at),
                                                    "txn_amount": amount}],
    })  # fmt: skip
    if note:
        town.at(at, "chargebee", "credit_notes", {
            "id": note, "status": "refunded", "amount_refunded": amount, "refunded_at": seconds(at),
            "linked_refunds": [{"txn_id": name, "applied_amount": amount, "applied_at": seconds(at),
                                "txn_status": "success", "txn_amount": amount, "txn_date": seconds(at)}],
        })  # fmt: skip
    value, when = major(amount, customer.currency), at + timedelta(hours=1)
    document = Document(
        town=town, kind="CustRfnd", at=when, entity=customer.entity, currency=customer.currency, customer=customer,
        postings=[post(UNDEPOSITED, -value), post(RECEIVABLE, value)],
        fields={"externalid": f"chargebee_transaction_{name}", "status": "B", "foreigntotal": value},
    ).save()  # fmt: skip
    if note and ("memo", note) in town.ids:
        memo = int(town.ids["memo", note])
        apply(town, when, memo, document, value)
        town.at(when, "netsuite", "transaction", {"id": memo, "status": "B"})
    return name


def pay_out(town: Town, changes: dict[str, dict[str, Any]] | None = None) -> None:
    """Every Monday the balances leave for the bank, and the ERP books the deposits; `changes` by payout id."""
    for (entity, money, day), parts in sorted(IN_TRANSIT.pop(id(town), {}).items()):
        name, at = payout_id(entity, money, day), morning(day, 5)
        gross, fees = sum(part[1] for part in parts), sum(part[2] for part in parts)
        changed = dict((changes or {}).get(name, {}))
        amount = gross - fees + changed.pop("amount_off", 0)
        leaves = balance_of_payout(town, at, money, amount, name)
        town.at(at, "stripe", "payouts", {
            "id": name, "amount": amount, "currency": money.lower(), "balance_transaction": leaves,
            "status": "paid", "arrival_date": seconds(morning(day + timedelta(days=1), 0, 0)), "automatic": True,
            "destination": "ba_1R5", "trace_id": {"status": "supported", "value": f"X{day:%j}"},
            **changed,
        })  # fmt: skip
        Document(
            town=town, kind="Deposit", at=at + timedelta(days=1), entity=entity, currency=money,
            postings=[post(BANK, major(amount, money)), post(FEES, major(gross - amount, money)),
                      post(UNDEPOSITED, -major(gross, money))],
            fields={"externalid": f"stripe_payout_{name}", "memo": name, "status": None},
        ).save()  # fmt: skip


def balance_of_payout(town: Town, at: datetime, currency: str, amount: int, payout: str) -> str:
    """The balance transaction that a payout is itself."""
    name = f"txn_3R{town.number('balance', 70_001)}"
    town.at(at, "stripe", "balance_transactions", {
        "id": name, "amount": -amount, "fee": 0, "currency": currency.lower(), "source": payout, "type": "payout",
        "payout": payout,
    })  # fmt: skip
    return name
