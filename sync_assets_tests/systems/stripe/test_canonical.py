"""Claims about what Stripe's objects mean, on Stripe's own fixtures, on older shapes, and at the edges."""

from datetime import date
from typing import Any

import pytest

from sync_assets.systems.stripe.spec import SYSTEM
from sync_assets_tests.systems.conformed import copies, outcome
from sync_assets_tests.systems.stripe.account import at, fixture, webhooks

STREAM_OF = {
    "customer": "customers",
    "payment_intent": "payment_intents",
    "charge": "charges",
    "refund": "refunds",
    "dispute": "disputes",
    "balance_transaction": "balance_transactions",
    "payout": "payouts",
}
OLDER = [
    (name, event["data"]["object"])
    for name, event in webhooks().items()
    if event["data"]["object"]["object"] in STREAM_OF and not event["data"]["object"].get("deleted")
]


def one(stream: str, entity: str, record: dict[str, Any]) -> dict[str, Any]:
    """The only row that an object makes."""
    (row,) = copies(SYSTEM.stream(stream), entity, [record])
    return row


@pytest.mark.parametrize("name", STREAM_OF)
def test_every_mapping_reads_stripes_own_fixture(name: str) -> None:
    stream = SYSTEM.stream(STREAM_OF[name])
    for mapped in stream.mappings:
        assert len(copies(stream, mapped.entity, [fixture(name)])) == 1


def test_older_shapes_of_objects_are_read() -> None:
    assert len(OLDER) > 20
    for _, record in OLDER:
        stream = SYSTEM.stream(STREAM_OF[record["object"]])
        for mapped in stream.mappings:
            assert len(copies(stream, mapped.entity, [record])) == 1


def test_a_customer_is_a_copy_of_billings() -> None:
    record = {**fixture("customer"), "name": "Acme", "email": "ap@Acme.example"}
    row = one("customers", "customer", {**record, "metadata": {"chargebee_customer_id": "cb_7"}})
    assert (row["copy_of"], row["name"], row["domain"], row["currency"]) == (
        "billing:cb_7",
        "Acme",
        "acme.example",
        "USD",
    )
    assert "copy_of" not in one("customers", "customer", record)


CHARGE = {**fixture("charge"), "captured": True, "amount_captured": 100, "status": "succeeded"}


def test_a_charge_is_a_payment_with_its_intent_and_itself_as_reference() -> None:
    row = one(
        "charges", "payment", {**CHARGE, "payment_intent": "pi_1", "customer": {"id": "cus_1", "object": "customer"}}
    )
    assert (row["status"], row["amount_minor"], row["currency"], row["kind"]) == ("succeeded", 100, "USD", "charge")
    assert (row["intent_id"], row["customer_id"], row["processor_reference"]) == ("pi_1", "cus_1", CHARGE["id"])
    assert row["method"] == "card"
    assert "fee_minor" not in row


@pytest.mark.parametrize(
    ("change", "status", "amount"),
    [
        ({"captured": False, "amount_captured": 0}, "pending", 100),
        ({"captured": False, "amount_captured": 0, "refunded": True, "amount_refunded": 100}, "void", 100),
        ({"amount_captured": 60}, "succeeded", 60),
        ({"refunded": True, "amount_refunded": 100}, "refunded", 100),
        ({"amount_refunded": 40}, "succeeded", 100),
        ({"status": "failed", "captured": False, "amount_captured": 0}, "failed", 100),
        ({"status": "pending", "captured": True, "amount_captured": 0}, "pending", 100),
        ({"captured": None, "amount_captured": None}, "succeeded", 100),
    ],
)
def test_only_captured_money_was_paid(change: dict[str, Any], status: str, amount: int) -> None:
    row = one("charges", "payment", {**CHARGE, **change})
    assert (row["status"], row["amount_minor"]) == (status, amount)


def test_a_released_authorization_gave_nothing_back() -> None:
    released = {**CHARGE, "captured": False, "amount_captured": 0, "refunded": True, "amount_refunded": 100}
    assert "refunded_minor" not in one("charges", "payment", released)
    assert one("charges", "payment", {**CHARGE, "amount_refunded": 40})["refunded_minor"] == 40


@pytest.mark.parametrize(
    ("change", "back"),
    [
        ({"amount": 20675, "amount_captured": 20300, "amount_refunded": 375}, 0),  # 375 were never captured
        ({"amount": 20675, "amount_captured": 20300, "amount_refunded": 1375}, 1000),  # and 1000 given back later
        ({"amount": 20675, "amount_captured": 20300, "amount_refunded": 0}, 0),  # captured further still
        ({"amount": 20675, "amount_captured": 20675, "amount_refunded": 375}, 375),
        ({"amount": 20675, "amount_captured": None, "amount_refunded": 375}, 375),  # before 2020 all that is said
    ],
)
def test_what_was_never_captured_was_not_given_back(change: dict[str, Any], back: int) -> None:
    row = one("charges", "payment", {**CHARGE, **change})
    assert row["refunded_minor"] == back
    # what stays with the merchant is the same either way: captured less given back
    assert row["amount_minor"] - back == 20675 - max(change["amount_refunded"], 20675 - row["amount_minor"])


def test_the_fee_is_known_where_the_ledger_entry_came_along_in_the_same_currency() -> None:
    ledger = {**fixture("balance_transaction"), "fee": 33, "currency": "usd", "available_on": 1_234_569_600}
    row = one("charges", "payment", {**CHARGE, "balance_transaction": ledger})
    assert (row["fee_minor"], row["settled_at"], row["settled_on"]) == (33, at(1_234_569_600), date(2009, 2, 14))
    assert "fee_minor" not in one(
        "charges", "payment", {**CHARGE, "balance_transaction": {**ledger, "currency": "eur"}}
    )


def test_a_disputed_charge_says_so_in_new_and_old_shapes() -> None:
    assert one("charges", "payment", {**CHARGE, "disputed": True})["is_disputed"]
    old = {key: value for key, value in CHARGE.items() if key != "disputed"}
    assert one("charges", "payment", {**old, "dispute": "dp_1"})["is_disputed"]
    assert not one("charges", "payment", old)["is_disputed"]


def test_a_state_that_the_document_does_not_list_is_set_aside() -> None:
    assert outcome(SYSTEM.stream("charges"), "payment", [{**CHARGE, "status": "dozing"}]) == (
        [],
        [("unknown_enum", "")],
    )


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [
        ("usd", 1000, 1000),  # 10.00 USD
        ("jpy", 10, 10),  # 10 JPY
        ("kwd", 5120, 5120),  # 5.120 KWD
        ("isk", 500, 5),  # 5 ISK, which has no decimals in ISO 4217
        ("ugx", 500, 5),
        ("mga", 5, 500),  # 5 MGA, which has two decimals in ISO 4217
        ("huf", 1045, 1045),  # 10.45 HUF
        ("twd", 80045, 80045),
    ],
)
def test_amounts_become_the_minor_units_of_iso(currency: str, amount: int, minor: int) -> None:
    row = one("refunds", "refund", {**fixture("refund"), "currency": currency, "amount": amount})
    assert row["amount_minor"] == minor


def test_a_fraction_of_a_currency_without_decimals_is_set_aside() -> None:
    record = {**fixture("payout"), "currency": "isk", "amount": 550}
    assert outcome(SYSTEM.stream("payouts"), "payout", [record]) == ([], [("money_scale", "")])


@pytest.mark.parametrize(
    ("vendor", "ours"),
    [
        ("pending", "pending"),
        ("requires_action", "pending"),
        ("succeeded", "succeeded"),
        ("failed", "failed"),
        ("canceled", "void"),
    ],
)
def test_refund_states_have_our_names(vendor: str, ours: str) -> None:
    row = one("refunds", "refund", {**fixture("refund"), "status": vendor})
    assert (row["status"], row["payment_id"]) == (ours, "ch_1PgafuB7WZ01zgkWXYmPNZs8")


def test_a_dispute_names_the_payment_it_is_about() -> None:
    row = one("disputes", "dispute", fixture("dispute"))
    assert (row["payment_id"], row["amount_minor"], row["status"], row["reason"]) == (
        "ch_1PgafuB7WZ01zgkWXYmPNZs8",
        1000,
        "warning_needs_response",
        "general",
    )


ENTRY = {**fixture("balance_transaction"), "amount": 1000, "fee": 59, "net": 941}


def test_a_ledger_entry_nets_to_amount_less_fee_and_names_its_payout() -> None:
    row = one("balance_transactions", "settlement", {**ENTRY, "payout": "po_1", "payout_rank": 5})
    # 1000 - 59 = 941
    assert row["amount_minor"] - row["fee_minor"] == row["net_minor"] == 941
    assert (row["payout_id"], row["source_id"], row["kind"]) == ("po_1", ENTRY["source"], "charge")
    assert (row["available_on"], row["version_at"]) == (date(2009, 2, 13), at(1_234_567_890))


def test_a_payouts_own_entry_is_not_among_those_it_paid_out() -> None:
    row = one("balance_transactions", "settlement", {**ENTRY, "source": "po_1", "payout": "po_1", "type": "payout"})
    assert "payout_id" not in row
    returned = one("balance_transactions", "settlement", {**ENTRY, "source": "po_1", "payout": "po_2"})
    assert returned["payout_id"] == "po_2"


def test_a_payout_has_its_day_and_whether_its_entries_are_known() -> None:
    row = one("payouts", "payout", fixture("payout"))
    assert (row["amount_minor"], row["arrival_on"], row["automatic"], row["reconciliation"], row["status"]) == (
        1100,
        date(2009, 2, 13),
        True,
        "completed",
        "in_transit",
    )


def test_intents_make_no_payments() -> None:
    assert SYSTEM.stream("payment_intents").mappings == ()


def test_no_list_of_events_is_longer_than_stripe_takes() -> None:
    assert all(0 < len(stream.read["events"]) <= 20 for stream in SYSTEM.streams)


LEAST: dict[str, dict[str, Any]] = {
    "customers": {},
    "charges": {"status": "succeeded", "amount": 1, "currency": "eur", "created": 1},
    "refunds": {"status": "pending", "amount": 1, "currency": "eur", "created": 1},
    "disputes": {"status": "lost", "amount": 1, "currency": "eur", "created": 1, "charge": "ch_1"},
    "payouts": {"status": "paid", "amount": 1, "currency": "eur", "created": 1},
    "balance_transactions": {"type": "charge", "amount": 1, "fee": 0, "net": 1, "currency": "eur", "created": 1},
}


@pytest.mark.parametrize("name", LEAST)
def test_an_object_with_nothing_but_what_it_must_have_is_read(name: str) -> None:
    stream = SYSTEM.stream(name)
    for mapped in stream.mappings:
        assert len(copies(stream, mapped.entity, [{"id": "x", **LEAST[name]}])) == 1
