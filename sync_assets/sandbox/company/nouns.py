"""What the company itself knows of its customers, deals, subscriptions and documents while the simulation runs.

Plain notes without behaviour; the records of the five systems are made from them. Money is integer minor units.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any, TypeAlias

from sync_assets.sandbox.company.catalogue import LegalEntity, Product
from sync_assets.sandbox.company.names import Profile

Deviation: TypeAlias = Callable[[Any, Callable[[], None]], None]
"""What happens instead of a step: gets the step's subject and a way to take the step after all."""


@dataclass(kw_only=True)
class Customer:
    """One customer and its ids in the five systems; `deviations` names the steps that go another way for it."""

    number: int
    profile: Profile
    entity: LegalEntity
    currency: str
    tax_percent: int
    rng: Random
    pays_by: str = "card"
    net_days: int = 0
    self_serve: bool = False
    short_ids: bool = False
    parent: "Customer | None" = None
    erp_entity: LegalEntity | None = None
    account_id: str = ""
    billing_id: str = ""
    stripe_id: str = ""
    erp_id: int = 0
    declines: int = 0
    deviations: dict[str, Deviation] = field(default_factory=dict)
    subscriptions: list["Subscription"] = field(default_factory=list)
    invoices: list["Invoice"] = field(default_factory=list)
    credits: list["CreditNote"] = field(default_factory=list)
    discarded: list[str] = field(default_factory=list)

    @property
    def booked_by(self) -> LegalEntity:
        """The legal entity that the ERP books the customer in: its own, unless somebody chose another one."""
        return self.erp_entity or self.entity


@dataclass(kw_only=True)
class DealLine:
    """One product of a deal: `unit_minor` is the sales price per billing period, before the discount.

    A line that starts later than its deal is a step that takes the place of the one before.
    """

    product: Product
    quantity: int
    unit_minor: int
    discount_percent: int = 0
    starts_on: date | None = None
    line_id: str = ""
    order_item_id: str = ""

    @property
    def net_minor(self) -> int:
        """The agreed price of one unit for one billing period."""
        return self.unit_minor * (100 - self.discount_percent) // 100


@dataclass(kw_only=True)
class Deal:
    """An opportunity and what it becomes: a contract, an order and, in billing, a subscription."""

    customer: Customer
    lines: list[DealLine]
    starts_at: datetime
    kind: str = "New Customer"
    term_months: int = 12
    opportunity_id: str = ""
    contract_id: str = ""
    order_id: str = ""
    ends_on: date | None = None
    is_deleted: bool = False


@dataclass(kw_only=True)
class Item:
    """One product of a subscription at its agreed unit price per billing period."""

    product: Product
    quantity: int
    unit_minor: int

    @property
    def amount_minor(self) -> int:
        """The price of the item for one billing period; usage is priced afterwards."""
        return 0 if self.product.metered else self.quantity * self.unit_minor


@dataclass(kw_only=True)
class Subscription:
    """A subscription as billing runs it; the term is the current billing period."""

    id: str
    customer: Customer
    deal: Deal | None
    items: list[Item]
    starts_at: datetime
    months: int
    term_start: datetime
    term_end: datetime
    terms: int = 1
    status: str = "future"
    coupon_percent: int = 0
    coupon_terms: int = 0
    ends_on_term: bool = False
    self_serve: bool = False
    entitlements: dict[str, str] = field(default_factory=dict)
    usage: list[tuple[datetime, int]] = field(default_factory=list)

    @property
    def net_minor(self) -> int:
        """What one billing period costs without usage and tax."""
        return sum(item.amount_minor for item in self.items)

    @property
    def metered_item(self) -> Item | None:
        """The item that is billed by usage, if there is one."""
        return next((item for item in self.items if item.product.metered), None)


@dataclass(kw_only=True)
class Line:
    """One line of an invoice or credit note; `ends_at` is the instant the next period begins."""

    id: str
    product: Product
    starts_at: datetime
    ends_at: datetime
    quantity: int
    unit_minor: int
    amount_minor: int
    discount_minor: int = 0
    tax_minor: int = 0
    tax_percent: int = 0

    @property
    def net_minor(self) -> int:
        """The amount after discount, before tax."""
        return self.amount_minor - self.discount_minor


@dataclass(kw_only=True)
class Document:
    """What invoices and credit notes share: lines, day, and the ids of their ERP counterpart."""

    id: str
    customer: Customer
    subscription: Subscription
    lines: list[Line]
    dated_at: datetime
    on: date
    rate: Decimal
    posts_at: datetime | None = None
    erp_id: int = 0
    voided_at: datetime | None = None

    @property
    def net_minor(self) -> int:
        """The sum of the lines before tax."""
        return sum(line.net_minor for line in self.lines)

    @property
    def tax_minor(self) -> int:
        """The tax of all lines."""
        return sum(line.tax_minor for line in self.lines)

    @property
    def total_minor(self) -> int:
        """Gross total."""
        return self.net_minor + self.tax_minor


@dataclass(kw_only=True)
class Invoice(Document):
    """An invoice; the lists hold billing's own shapes of what settled it."""

    status: str = "pending"
    due_at: datetime | None = None
    finalised_at: datetime | None = None
    paid_at: datetime | None = None
    paid_minor: int = 0
    adjusted_minor: int = 0
    credited_minor: int = 0
    written_off_minor: int = 0
    is_first: bool = False
    linked_payments: list[dict[str, Any]] = field(default_factory=list)
    applied_credits: list[dict[str, Any]] = field(default_factory=list)
    adjustment_notes: list[dict[str, Any]] = field(default_factory=list)
    issued_notes: list[dict[str, Any]] = field(default_factory=list)
    payments: list["Payment"] = field(default_factory=list)
    erp_applied: list[int] = field(default_factory=list)
    erp_gap_minor: int = 0

    @property
    def due_minor(self) -> int:
        """What is still to be paid."""
        if self.status == "voided":
            return 0
        settled = self.paid_minor + self.adjusted_minor + self.credited_minor + self.written_off_minor
        return self.total_minor - settled


@dataclass(kw_only=True)
class CreditNote(Document):
    """A credit note on an invoice; a refundable one is refunded or allocated to later invoices."""

    invoice: Invoice
    kind: str
    reason: str
    allocated_minor: int = 0
    refunded_minor: int = 0
    allocations: list[dict[str, Any]] = field(default_factory=list)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    erp_used: int = 0
    erp_gap_minor: int = 0

    @property
    def free_minor(self) -> int:
        """What may still be refunded or allocated."""
        return 0 if self.kind == "adjustment" else self.total_minor - self.allocated_minor - self.refunded_minor


@dataclass(kw_only=True)
class Payment:
    """Money received for an invoice, of which some may stay unused; by card it has a charge with the processor."""

    id: str
    invoice: Invoice
    amount_minor: int
    paid_at: datetime
    charge_id: str = ""
    intent_id: str = ""
    refunded_minor: int = 0
    erp_id: int = 0
    posts_at: datetime | None = None
    rate: Decimal = Decimal(1)
    movement: "Movement | None" = None
    unused_minor: int = 0

    @property
    def applied_minor(self) -> int:
        """What of it pays the invoice."""
        return self.amount_minor - self.unused_minor


@dataclass(kw_only=True)
class Refund:
    """Money that went back for a credit note; `id` is that of billing's transaction."""

    id: str
    note: CreditNote
    amount_minor: int
    erp_id: int = 0


@dataclass(kw_only=True)
class Movement:
    """One entry of the processor's balance, paid out together with others. `amount_minor` is signed, before the fee."""

    id: str
    kind: str
    amount_minor: int
    fee_minor: int
    currency: str
    available_at: datetime
    customer: Customer
    booked_base: int | None = None
