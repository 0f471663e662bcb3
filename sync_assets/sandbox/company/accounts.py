"""The ledger's chart of accounts: what the postings debit and credit."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class LedgerAccount:
    """One account: `kind` in the ERP's words, which is how others find it."""

    id: int
    number: str
    name: str
    kind: str
    currency: str = ""


ACCOUNTS: dict[str, LedgerAccount] = {
    "bank_USD": LedgerAccount(id=11, number="1010", name="Bank USD", kind="Bank", currency="USD"),
    "bank_EUR": LedgerAccount(id=12, number="1020", name="Bank EUR", kind="Bank", currency="EUR"),
    "bank_GBP": LedgerAccount(id=13, number="1030", name="Bank GBP", kind="Bank", currency="GBP"),
    "bank_JPY": LedgerAccount(id=14, number="1040", name="Bank JPY", kind="Bank", currency="JPY"),
    "receivable": LedgerAccount(id=21, number="1200", name="Accounts Receivable", kind="AcctRec"),
    "clearing": LedgerAccount(id=22, number="1250", name="Card clearing", kind="OthCurrAsset"),
    "chargebacks": LedgerAccount(id=23, number="1260", name="Chargebacks in dispute", kind="OthCurrAsset"),
    "tax": LedgerAccount(id=31, number="2200", name="Sales taxes payable", kind="OthCurrLiab"),
    "deferred": LedgerAccount(id=32, number="2400", name="Deferred revenue", kind="DeferRevenue"),
    "income": LedgerAccount(id=41, number="4000", name="Subscription revenue", kind="Income"),
    "usage_income": LedgerAccount(id=42, number="4010", name="Usage revenue", kind="Income"),
    "fees": LedgerAccount(id=51, number="6100", name="Payment processing fees", kind="Expense"),
    "losses": LedgerAccount(id=52, number="6200", name="Chargeback losses", kind="Expense"),
    "exchange": LedgerAccount(id=61, number="7900", name="Realized gain and loss", kind="OthIncome"),
}
"""Our name of an account to the account."""
