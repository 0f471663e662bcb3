"""Every rule there is, in the order in which a deal travels, and which classes explain which."""

from sync_assets.reconcile.rule import Rule
from sync_assets.reconcile.rules_contracts import (
    BILLED_TWICE_FOR_ONE_DEAL,
    NO_SUBSCRIPTION,
    ORPHAN_CUSTOMER,
    PRICE_DIFFERS,
    QUANTITY_DIFFERS,
)
from sync_assets.reconcile.rules_copies import UNEQUAL_COPIES
from sync_assets.reconcile.rules_documents import ABSENT_IN_ERP, BILLED_TWICE, LINES_DO_NOT_ADD_UP
from sync_assets.reconcile.rules_ledger import MISSING_POSTINGS
from sync_assets.reconcile.rules_payments import (
    PAID_BUT_OPEN,
    PAID_BUT_OPEN_IN_ERP,
    PAYOUT_DOES_NOT_ADD_UP,
    REFUND_WITHOUT_CREDIT,
)
from sync_assets.reconcile.rules_usage import STALE_INVOICE, USAGE_UNBILLED, ZOMBIE_ENTITLEMENT

RULES: tuple[Rule, ...] = (
    ORPHAN_CUSTOMER,
    NO_SUBSCRIPTION,
    PRICE_DIFFERS,
    QUANTITY_DIFFERS,
    BILLED_TWICE_FOR_ONE_DEAL,
    STALE_INVOICE,
    BILLED_TWICE,
    LINES_DO_NOT_ADD_UP,
    ZOMBIE_ENTITLEMENT,
    USAGE_UNBILLED,
    ABSENT_IN_ERP,
    *UNEQUAL_COPIES,
    *MISSING_POSTINGS,
    PAID_BUT_OPEN,
    PAID_BUT_OPEN_IN_ERP,
    REFUND_WITHOUT_CREDIT,
    PAYOUT_DOES_NOT_ADD_UP,
)

CAUSES: tuple[tuple[str, str], ...] = (
    ("F20", "F46"),
    ("F13", "F17"),
    ("F12", "F17"),
    ("F17", "F50"),
    ("F49", "F50"),
    ("F46", "F51"),
    ("F51", "F75"),
    ("F51", "F60"),
    ("F75", "F60"),
)
"""(cause, symptom): open on a common record, the second is explained by the first and carries no money."""
