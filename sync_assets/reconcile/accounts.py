"""Which accounts of the ledger play which part: those that a deployment names by number, else those of the usual types.

`SYNC_ERP_AR_ACCOUNT=1100,1110` names the receivable, `_DEFERRED_` deferred revenue, `_FEES_` the costs of payments.
Source of the types: NetSuite online help, account types (SuiteQL `account.accttype`).
"""

import os
import re

from sync_assets.model.errors import SettingError

SETTINGS = {
    "receivable": "SYNC_ERP_AR_ACCOUNT",
    "deferred": "SYNC_ERP_DEFERRED_ACCOUNT",
    "fees": "SYNC_ERP_FEES_ACCOUNT",
}

_TYPES = {
    "receivable": "'AcctRec'",
    "deferred": "'DeferRevenue'",
    "fees": "'Expense', 'OthExpense', 'COGS'",
}

_NUMBER = re.compile(r"[A-Za-z0-9_.-]{1,60}")


def plays(part: str, alias: str) -> str:
    """The condition, on a ledger account, that it plays a part: receivable, deferred or fees."""
    numbers = f"CAST(:{part}_accounts AS text[])"
    return (
        f"CASE WHEN cardinality({numbers}) > 0 THEN {alias}.number = ANY({numbers}) "
        f"ELSE {alias}.kind IN ({_TYPES[part]}) END"
    )


def named_accounts() -> dict[str, list[str]]:
    """The numbers that the settings name, by the parameter that conditions take them from; empty where none is set.

    Raises:
        SettingError: a number has other signs than letters, digits, underscores, dots and dashes.
    """
    return {f"{part}_accounts": _numbers(setting) for part, setting in SETTINGS.items()}


def _numbers(setting: str) -> list[str]:
    numbers = [part.strip() for part in os.environ.get(setting, "").split(",") if part.strip()]
    if not all(_NUMBER.fullmatch(number) for number in numbers):
        raise SettingError(f"{setting} must be numbers of ledger accounts, e.g. 1100,1110.")
    return numbers
