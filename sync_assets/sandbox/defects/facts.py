"""The failure classes that can be made: what they are about, whose they are, where they happen. Data only."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One class: the entity it is about, its owner, the hop and system where the truth is lost, the kind of money.

    `symptoms` names classes that may be seen as a consequence.
    """

    entity: str
    owner: str
    hop: str
    system: str
    kind: str
    symptoms: tuple[str, ...] = ()


def _fact(entity: str, owner: str, hop: str, system: str, kind_and_symptoms: str) -> Fact:
    kind, *symptoms = kind_and_symptoms.split()
    return Fact(entity=entity, owner=owner, hop=hop, system=system, kind=kind, symptoms=tuple(symptoms))


FACTS: dict[str, Fact] = {
    "F3": _fact("customer", "RO", "crm->billing", "salesforce", "CONTROL F19"),
    "F11": _fact("order", "RO", "crm->billing", "chargebee", "LEAK F45 F88"),
    "F12": _fact("subscription", "RO", "crm->billing", "chargebee", "LEAK F88"),
    "F13": _fact("subscription", "RO", "crm->billing", "chargebee", "LEAK F33 F88"),
    "F17": _fact("invoice", "RO", "billing", "chargebee", "LEAK F47"),
    "F20": _fact("subscription", "RO", "billing", "chargebee", "OVER F88"),
    "F31": _fact("entitlement", "PR", "billing->product", "product", "LEAK F39"),
    "F34": _fact("subscription", "FI", "product->billing", "chargebee", "LEAK"),
    "F46": _fact("invoice", "FI", "billing", "chargebee", "OVER F48"),
    "F49": _fact("invoice", "DE", "billing", "chargebee", "MISSTATE F45 F48"),
    "F50": _fact("invoice", "FI", "billing->erp", "netsuite", "MISSTATE F80 F102"),
    "F51": _fact("invoice", "FI", "billing->erp", "netsuite", "MISSTATE F57 F60 F75"),
    "F60": _fact("invoice", "FI", "payments->billing", "chargebee", "CASH F66 F72"),
    "F67": _fact("refund", "FI", "payments->billing", "chargebee", "MISSTATE F60"),
    "F71": _fact("payout", "FI", "payments", "stripe", "CASH F72"),
    "F75": _fact("invoice", "FI", "erp->ledger", "netsuite", "MISSTATE F80 F82"),
}
