"""What Stripe says, as copies: hand-written numbers through HTTP, the store and the mappings."""

from datetime import UTC, datetime

import pytest

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.vendors.stripe import Stripe
from sync_assets_tests.scenarios.conftest import Play
from sync_assets_tests.scenarios.scene import Scene

PAID_ON = int(datetime(2026, 4, 3, 23, 30, tzinfo=UTC).timestamp())
AVAILABLE_ON = int(datetime(2026, 4, 7, tzinfo=UTC).timestamp())


def account(clock: Clock) -> Stripe:
    """One Japanese payer with a charge, a partial refund, a dispute and a payout; and amounts in odd currencies."""
    vendor = Stripe(clock=clock, seed=2)
    address = {"country": "JP"}
    payer = {"id": "cus_1", "name": "大阪商店", "email": "pay@Shop.Example", "address": address, "currency": "jpy"}
    vendor.put("customers", {**payer, "metadata": {"chargebee_customer_id": "c1"}})
    entry = {"id": "txn_1", "amount": 15400, "fee": 554, "currency": "jpy", "source": "ch_1", "payout": "po_1"}
    vendor.put("balance_transactions", {**entry, "created": PAID_ON, "available_on": AVAILABLE_ON})
    money = {"currency": "jpy", "created": PAID_ON}
    charge = {"id": "ch_1", "amount": 15400, "amount_refunded": 400, "customer": "cus_1", "payment_intent": "pi_1"}
    vendor.put("charges", {**charge, "disputed": True, "balance_transaction": "txn_1", **money})
    vendor.put("refunds", {"id": "re_1", "amount": 400, "charge": "ch_1", "reason": "requested_by_customer", **money})
    vendor.put("disputes", {"id": "dp_1", "amount": 15000, "charge": "ch_1", "reason": "fraudulent", **money})
    vendor.put("payouts", {"id": "po_1", "amount": 14846, "status": "paid", "arrival_date": AVAILABLE_ON, **money})
    vendor.put("charges", {"id": "ch_kwd", "amount": 10500, "currency": "kwd"})
    vendor.put("charges", {"id": "ch_isk", "amount": 50000, "currency": "isk"})
    vendor.put("charges", {"id": "ch_held", "amount": 900, "currency": "usd", "captured": False})
    vendor.put("charges", {"id": "ch_failed", "amount": 900, "currency": "usd", "status": "failed"})
    clock.advance(minutes=1)
    return vendor


@pytest.fixture
def scene(play: Play) -> Scene:
    scene = play(account)
    scene.read()
    scene.conform()
    return scene


VALUES: dict[tuple[str, str], dict[str, str]] = {
    ("customer", "cus_1"): {
        "copy_of": "billing:c1",
        "name": "大阪商店",
        "domain": "shop.example",
        "country": "JP",
        "currency": "JPY",
    },
    # The yen has no minor unit: 15,400 yen are 15,400.
    ("payment", "ch_1"): {
        "customer_id": "cus_1",
        "amount_minor": "15400",
        "refunded_minor": "400",
        "currency": "JPY",
        "status": "succeeded",
        "is_disputed": "True",
        "intent_id": "pi_1",
        "created_at": "2026-04-03T23:30:00+00:00",
    },
    # 10.500 dinars of a thousand fils
    ("payment", "ch_kwd"): {"amount_minor": "10500", "currency": "KWD"},
    # Stripe writes 500 krónur as 50000, ISO knows no smaller unit than the króna.
    ("payment", "ch_isk"): {"amount_minor": "500", "currency": "ISK"},
    ("payment", "ch_held"): {"status": "pending", "amount_minor": "900"},
    ("payment", "ch_failed"): {"status": "failed", "amount_minor": "900"},
    ("refund", "re_1"): {"payment_id": "ch_1", "amount_minor": "400", "reason": "requested_by_customer"},
    ("dispute", "dp_1"): {"payment_id": "ch_1", "amount_minor": "15000", "status": "needs_response"},
    # 15,400 - 554 = 14,846
    ("settlement", "txn_1"): {
        "amount_minor": "15400",
        "fee_minor": "554",
        "net_minor": "14846",
        "payout_id": "po_1",
        "source_id": "ch_1",
        "available_on": "2026-04-07",
    },
    ("payout", "po_1"): {"amount_minor": "14846", "status": "paid", "arrival_on": "2026-04-07", "automatic": "True"},
}


def test_copies_have_the_values_that_were_typed_in(scene: Scene) -> None:
    copies = {named: scene.copy(*named) for named in VALUES}
    assert {named: {name: copies[named].get(name) for name in VALUES[named]} for named in VALUES} == VALUES
