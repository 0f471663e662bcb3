"""Chargebee's documents, money, usage and events as data: how each is listed, and which fields become which entity."""

from sync_assets.connect.declare import columns
from sync_assets.connect.spec import Mapped, Stream, later
from sync_assets.systems.chargebee.streams import DOCUMENTS, HERE, STATE

INVOICES = Stream(
    name="invoices",
    key=("id",),
    document=f"{DOCUMENTS}/invoices/list-invoices",
    stamp="updated_at",
    stamp_kind="unix_s",
    deleted="deleted",
    description="What customers were asked to pay, line by line, and how much of it is still due.",
    read={"path": "invoices", "name": "invoice", "include_deleted": True, "gone": "invoice_deleted"},
    mappings=(
        Mapped(
            entity="invoice",
            columns=columns(
                "customer_id! subscription_id status! date:unix_s due_date:unix_s generated_at:unix_s paid_at:unix_s "
                "voided_at:unix_s currency=currency_code! sub_total:integer tax:integer total:integer! "
                "paid=amount_paid:integer adjusted=amount_adjusted:integer credits_applied:integer "
                "written_off=write_off_amount:integer due=amount_due:integer round_off=round_off_amount:integer "
                "discounts:list legal_entity=business_entity_id exchange_rate:decimal"
            ),
            to=later(f"{HERE}.canonical_documents", "to_invoice"),
        ),
        Mapped(
            entity="invoice_line",
            each="line_items",
            columns=columns(
                "line_id=id subscription_id invoice_subscription_id=/subscription_id kind=entity_type entity_id "
                "date_from:unix_s date_to:unix_s quantity:integer quantity_exact=quantity_in_decimal:decimal "
                "unit_amount:integer unit_amount_exact=unit_amount_in_decimal:decimal amount:integer "
                "discount_amount:integer tax_amount:integer currency=/currency_code! description"
            ),
            to=later(f"{HERE}.canonical_documents", "to_invoice_line"),
        ),
    ),
)

CREDIT_NOTES = Stream(
    name="credit_notes",
    key=("id",),
    document=f"{DOCUMENTS}/credit_notes/list-credit-notes",
    stamp="updated_at",
    stamp_kind="unix_s",
    deleted="deleted",
    description="What customers were given back on invoices: adjusted, to be refunded, or kept as credit.",
    read={
        "path": "credit_notes",
        "name": "credit_note",
        "order": "date",
        "include_deleted": True,
        "gone": "credit_note_deleted",
    },
    mappings=(
        Mapped(
            entity="credit_note",
            columns=columns(
                "customer_id! invoice_id=reference_invoice_id kind=type status! date:unix_s currency=currency_code! "
                "total:integer! allocated=amount_allocated:integer refunded=amount_refunded:integer "
                "available=amount_available:integer reason_code create_reason_code taxes:list "
                "legal_entity=business_entity_id"
            ),
            to=later(f"{HERE}.canonical_documents", "to_credit_note"),
        ),
    ),
)

TRANSACTIONS = Stream(
    name="transactions",
    key=("id",),
    document=f"{DOCUMENTS}/transactions/list-transactions",
    stamp="updated_at",
    stamp_kind="unix_s",
    deleted="deleted",
    bounded=True,
    description="Money that moved or failed to: payments, refunds, reversals, and what each was applied to.",
    read={
        "path": "transactions",
        "name": "transaction",
        "include_deleted": True,
        "born": "date",
        "kept_since": "date",
        "gone": "transaction_deleted",
    },
    mappings=(
        Mapped(
            entity="payment",
            columns=columns(
                "kind=type! status! customer_id gateway_id=id_at_gateway method=payment_method amount:integer! "
                "currency=currency_code! date:unix_s settled_at:unix_s refunds=linked_refunds:list "
                "invoices=linked_invoices:list exchange_rate:decimal"
            ),
            to=later(f"{HERE}.canonical_payments", "to_payment"),
        ),
        Mapped(
            entity="allocation",
            each="linked_invoices",
            columns=columns(
                "kind=/type status=/status invoice_id! applied_amount:integer! applied_at:unix_s "
                "currency=/currency_code"
            ),
            to=later(f"{HERE}.canonical_payments", "to_allocation"),
        ),
        Mapped(
            entity="refund",
            columns=columns(
                "kind=type! status! customer_id gateway_id=id_at_gateway amount:integer! currency=currency_code! "
                "date:unix_s refunded_id=refunded_txn_id reference_id=reference_transaction_id "
                "payments=linked_payments:list credit_notes=linked_credit_notes:list"
            ),
            to=later(f"{HERE}.canonical_payments", "to_refund"),
        ),
    ),
)

USAGES = Stream(
    name="usages",
    key=("id",),
    document=f"{DOCUMENTS}/usages/list-usages",
    stamp="updated_at",
    stamp_kind="unix_s",
    bounded=True,
    probed=False,
    description="Usage that was handed to billing, and the invoice that charged it.",
    read={
        "path": "usages",
        "name": "usage",
        "order": "usage_date",
        "since": "usage_date",
        "find_one_by_one": True,
    },
    mappings=(
        Mapped(
            entity="billed_usage",
            columns=columns(
                "subscription_id! price_id=item_price_id! used_at=usage_date:unix_s quantity:decimal! invoice_id"
            ),
            to=later(f"{HERE}.canonical_payments", "to_billed_usage"),
        ),
    ),
)

EVENTS = Stream(
    name="events",
    key=("id",),
    document=f"{DOCUMENTS}/events/list-events",
    stamp="occurred_at",
    stamp_kind="unix_s",
    bounded=True,
    immutable=True,
    description="What happened at the site, with the resource as it was then: the history of subscriptions.",
    read={"path": "events", "name": "event", "order": "occurred_at", "since": "occurred_at"},
    mappings=(
        Mapped(
            entity="subscription_version",
            columns=(*columns(STATE, under="content.subscription"), *columns("occurred_at:unix_s")),
            to=later(f"{HERE}.canonical", "to_subscription_version"),
        ),
    ),
)
