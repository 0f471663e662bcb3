"""Roles that systems play, the hops between them, and who owns which field.

From the ownership declared here follow the comparisons, the permission to write and the direction of repair.
"""

from dataclasses import dataclass

ROLES = ("crm", "billing", "payments", "erp", "product", "support")

HOPS = (
    "crm",
    "crm->billing",
    "billing",
    "billing->product",
    "product",
    "product->billing",
    "billing->erp",
    "billing->payments",
    "payments",
    "payments->billing",
    "payments->erp",
    "erp",
    "erp->ledger",
)
"""Every place where the truth can be lost, in the order in which a deal travels. Closed list."""


def hop_asset(hop: str) -> str:
    """The asset name of a hop: `billing->erp` is `billing_to_erp`."""
    return hop.replace("->", "_to_")


@dataclass(frozen=True, kw_only=True)
class Ownership:
    """One role's copy of some fields of an entity is the truth; the others hold copies."""

    entity: str
    fields: tuple[str, ...]
    owner: str
    copies: tuple[str, ...]


OWNERSHIP = (
    Ownership(
        entity="customer",
        fields=("name", "legal_name", "tax_id", "parent_id", "region", "country"),
        owner="crm",
        copies=("billing", "erp", "payments"),
    ),
    Ownership(entity="customer", fields=("payment_terms", "currency"), owner="billing", copies=("erp",)),
    Ownership(entity="customer", fields=("credit_hold", "legal_entity"), owner="erp", copies=("crm", "billing")),
    Ownership(entity="order", fields=("*",), owner="crm", copies=("billing",)),
    Ownership(entity="product", fields=("*",), owner="billing", copies=("crm", "erp", "product")),
    Ownership(entity="price", fields=("*",), owner="billing", copies=("crm", "erp", "product")),
    Ownership(entity="subscription", fields=("*",), owner="billing", copies=("crm", "product")),
    Ownership(entity="entitlement", fields=("*",), owner="product", copies=("billing",)),
    Ownership(entity="usage", fields=("*",), owner="product", copies=("billing",)),
    Ownership(
        entity="invoice",
        fields=("currency", "total_minor", "tax_minor", "issued_on", "is_void", "customer_id"),
        owner="billing",
        copies=("erp",),
    ),
    Ownership(entity="invoice", fields=("posting", "period"), owner="erp", copies=("billing",)),
    Ownership(entity="credit_note", fields=("currency", "total_minor", "is_void"), owner="billing", copies=("erp",)),
    Ownership(
        entity="payment",
        fields=("amount_minor", "currency", "status", "fee_minor"),
        owner="payments",
        copies=("billing", "erp"),
    ),
    Ownership(
        entity="refund", fields=("amount_minor", "currency", "status"), owner="payments", copies=("billing", "erp")
    ),
    Ownership(entity="payout", fields=("amount_minor", "currency"), owner="payments", copies=("erp",)),
    Ownership(entity="allocation", fields=("amount_minor",), owner="billing", copies=("erp",)),
    Ownership(entity="posting", fields=("*",), owner="erp", copies=()),
)


def owner_of(entity: str, field: str) -> str:
    """The role whose copy of a field is the truth; KeyError when nobody declared it."""
    for rule in OWNERSHIP:
        if rule.entity == entity and (field in rule.fields or "*" in rule.fields):
            return rule.owner
    raise KeyError(f"No owner is declared for {entity}.{field}; add it to OWNERSHIP in model/roles.py.")
