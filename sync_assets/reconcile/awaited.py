"""Classes of breaks that nothing can be said about yet: each waits for a system or a fact that no company has named.

Belongs here: what each of them needs. Not here: classes with a rule, whose setting only has to name a field (rule.py).
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Awaited:
    """A class without a rule: what it is, whose, at which hop, and what must be there before it can be judged."""

    class_: str
    title: str
    owner: str
    hop: str
    needs: str


AWAITED = (
    Awaited(
        class_="F41",
        title="The meter waits longer for late usage than billing does",
        owner="PR",
        hop="product->billing",
        needs="the time of grace of the meter and of the invoicer, which neither API shows",
    ),
    Awaited(
        class_="F42",
        title="Prepaid units do not add up to their balance",
        owner="FI",
        hop="billing",
        needs="a system that keeps the balance of prepaid units and what was drawn from it",
    ),
    Awaited(
        class_="F54",
        title="Tax is rounded at another level",
        owner="FI",
        hop="billing->erp",
        needs="the level, line or document, at which each system rounds tax",
    ),
    Awaited(
        class_="F77",
        title="One document in two ERPs, or in neither",
        owner="FI",
        hop="billing->erp",
        needs="the ERP that is being left, as a second system of that role",
    ),
    Awaited(
        class_="F78",
        title="Opening balances are not the open items that were moved",
        owner="FI",
        hop="erp->ledger",
        needs="the ERP that is being left, and the day of the cut-over",
    ),
    Awaited(
        class_="F79",
        title="An item that was moved is still settled in the old ERP",
        owner="FI",
        hop="erp",
        needs="the ERP that is being left, and the day of the cut-over",
    ),
    Awaited(
        class_="F84",
        title="Recognised revenue is not the allocated price",
        owner="FI",
        hop="erp->ledger",
        needs="a system of revenue schedules, with the price that is allocated to each obligation",
    ),
    Awaited(
        class_="F85",
        title="Revenue is recognised outside of its service",
        owner="FI",
        hop="erp->ledger",
        needs="a system of revenue schedules, with the days of each",
    ),
    Awaited(
        class_="F86",
        title="Revenue is recognised when it is invoiced",
        owner="FI",
        hop="erp->ledger",
        needs="a system of revenue schedules, with the method of each obligation",
    ),
    Awaited(
        class_="F87",
        title="A document was deleted after its revenue was recognised",
        owner="FI",
        hop="erp->ledger",
        needs="a system of revenue schedules that names its documents",
    ),
    Awaited(
        class_="F93",
        title="One side of an intercompany posting is missing",
        owner="FI",
        hop="erp->ledger",
        needs="the legal entity that delivers or collects, beside the one that sells",
    ),
    Awaited(
        class_="F100",
        title="A copy was changed by somebody who does not own it",
        owner="RO",
        hop="crm->billing",
        needs="the login under which our own writer changes each system",
    ),
    Awaited(
        class_="F101",
        title="A change was sent and nobody knows whether it arrived",
        owner="DE",
        hop="billing->erp",
        needs="changes that are written back by us",
    ),
)
"""UNKNOWABLE for everybody, until a reader of what they need, and a rule, are there."""


def awaited_needs() -> dict[str, str]:
    """By class, what it waits for."""
    return {each.class_: each.needs for each in AWAITED}
