"""A small simulated Stripe account: 130 payers with a payment each, in pages of a hundred."""

from typing import Any

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.vendors.stripe import Stripe

PAYERS = 130
PAGE = 100


def account(clock: Clock) -> Stripe:
    """An account on which thirteen payers a minute pay 119.00 EUR; ten of the payments are refunded and paid out."""
    vendor = Stripe(clock=clock, seed=1)
    for number in range(PAYERS):
        if number % 13 == 0:
            clock.advance(minutes=1)
        paid(vendor, f"{number:03}")
    for number in range(10):
        refunded(vendor, f"{number:03}")
    vendor.put("disputes", {"id": "dp_1", "charge": "ch_020", "amount": 11900, "currency": "eur"})
    paid_out(vendor, "po_1", [f"{number:03}" for number in range(20)])
    clock.advance(minutes=1)
    return vendor


def paid(vendor: Stripe, name: str, **more: Any) -> None:
    """A payer, the payment, its charge, and what it left in the ledger: 119.00 less 3.70."""
    vendor.put("customers", {"id": f"cus_{name}", "name": f"Zürich Works {name}"})
    money = {"amount": 11900, "currency": "eur", "customer": f"cus_{name}", **more}
    entry = {"id": f"txn_{name}", "amount": 11900, "fee": 370, "currency": "eur", "source": f"ch_{name}"}
    vendor.put("balance_transactions", {**entry, "status": "pending"})
    charge = {"id": f"ch_{name}", "payment_intent": f"pi_{name}", "balance_transaction": f"txn_{name}", **money}
    vendor.put("charges", charge)
    vendor.put("payment_intents", {"id": f"pi_{name}", "status": "succeeded", "latest_charge": f"ch_{name}", **money})


def refunded(vendor: Stripe, name: str) -> None:
    """Everything given back."""
    vendor.put("refunds", {"id": f"re_{name}", "charge": f"ch_{name}", "amount": 11900, "currency": "eur"})
    vendor.put("charges", {"id": f"ch_{name}", "refunded": True, "amount_refunded": 11900})


def paid_out(vendor: Stripe, payout: str, names: list[str]) -> None:
    """A payout of the ledger entries of these payments."""
    for name in names:
        vendor.put("balance_transactions", {"id": f"txn_{name}", "payout": payout, "status": "available"})
    money = {"amount": 11530 * len(names), "currency": "eur", "status": "paid"}
    vendor.put("payouts", {"id": payout, **money})
