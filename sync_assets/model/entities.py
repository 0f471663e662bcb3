"""The nouns of the business and their fields, as data. Tables, gates and comparisons are derived from this page.

Every copy of every entity also has the columns of `COPY_FIELDS`. A `role:record_id` text (`crm:0015...`) names a record
in the system that plays the role; it is how a copy says what it is a copy of, or whom it belongs to.
"""

from dataclasses import dataclass
from enum import StrEnum


class Type(StrEnum):
    """What a field holds."""

    TEXT = "text"
    MINOR = "minor"  # integer minor units of the row's currency
    DECIMAL = "decimal"  # exact number: quantity, unit price in major units, rate
    INTEGER = "integer"
    INSTANT = "instant"  # UTC
    DAY = "day"  # calendar day of the legal entity
    FLAG = "flag"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One column of an entity. `required` and `one_of` are gated; `personal` values never leave the store."""

    name: str
    type: Type
    required: bool = False
    one_of: tuple[str, ...] = ()
    personal: bool = False


@dataclass(frozen=True, kw_only=True)
class Entity:
    """One noun. `part_of` names the column that holds the parent's record id when rows live and die with a parent.

    `indexes` are the columns that copies are looked up by, joined with `+` where by several at once.
    """

    name: str
    fields: tuple[Field, ...]
    part_of: str | None = None
    indexes: tuple[str, ...] = ()

    def field(self, name: str) -> Field:
        """The field of that name; KeyError if there is none."""
        return next((field for field in self.fields if field.name == name), None) or _missing(self.name, name)


def _missing(entity: str, name: str) -> Field:
    raise KeyError(f"{entity} has no field {name}; see model/entities.py.")


def _fields(declaration: str) -> tuple[Field, ...]:
    """Fields from `name:type` words; `!` marks required, `?` personal, `=a|b` the allowed values."""
    return tuple(_field(word) for word in declaration.split())


def _field(word: str) -> Field:
    word, _, values = word.partition("=")
    name, _, kind = word.partition(":")
    return Field(
        name=name,
        type=Type(kind.strip("!?")),
        required="!" in kind,
        personal="?" in kind,
        one_of=tuple(values.split("|")) if values else (),
    )


COPY_FIELDS = _fields("system:text! record_id:text! version_at:instant observed_at:instant! deleted_at:instant")
"""Columns of every copy: whose it is, the vendor's stamp of this version, when we saw it, when it was deleted."""

_DECLARED: dict[str, tuple[str, str | None, str]] = {
    # name: (fields, part of, indexed columns)
    "customer": (
        (
            "copy_of:text name:text? legal_name:text? tax_id:text? domain:text email:text? country:text "
            "region:text street:text? city:text? postcode:text? currency:text parent_id:text legal_entity:text "
            "status:text!=active|inactive "
            "credit_hold:flag payment_terms:text origin:text merged_into:text"
        ),
        None,
        "copy_of tax_id parent_id",
    ),
    "product": (
        (
            "sku:text name:text status:text!=active|archived metered:flag income_account_id:text "
            "deferral_account_id:text"
        ),
        None,
        "sku",
    ),
    "price": (
        (
            "product_id:text! currency:text unit_price:decimal "
            "model:text!=flat|per_unit|tiered|volume|stairstep period:integer "
            "period_unit:text=day|week|month|year metered:flag status:text=active|archived"
        ),
        None,
        "product_id",
    ),
    "contract": (
        "customer_id:text! status:text starts_on:day ends_on:day number:text order_id:text",
        None,
        "customer_id",
    ),
    "order": (
        (
            "customer_id:text contract_id:text kind:text!=deal|order|amendment deal_id:text amends_id:text "
            "status:text!=open|won|lost won_at:instant won_on:day starts_on:day ends_on:day currency:text "
            "amount_minor:minor legal_entity:text number:text uplift_on:day uplift_percent:decimal accepted_on:day "
            "discount_limit_percent:decimal ends_with:text follows_id:text organisation_id:text"
        ),
        None,
        "customer_id deal_id",
    ),
    "order_line": (
        (
            "order_id:text! product_id:text sku:text quantity:decimal unit_price:decimal "
            "discount_percent:decimal amount_minor:minor currency:text starts_on:day ends_on:day"
        ),
        "order_id",
        "order_id",
    ),
    "subscription": (
        (
            "customer_id:text! order_id:text status:text!=future|trial|active|non_renewing|paused|cancelled "
            "started_at:instant ends_at:instant cancelled_at:instant term_starts_at:instant "
            "term_ends_at:instant next_billing_at:instant currency:text! period:integer "
            "period_unit:text=day|week|month|year mrr_minor:minor auto_renew:flag origin:text "
            "legal_entity:text purchase_order:text created_at:instant contract_starts_at:instant "
            "contract_ends_at:instant"
        ),
        None,
        "customer_id order_id",
    ),
    "subscription_item": (
        (
            "subscription_id:text! price_id:text! product_id:text kind:text!=plan|addon|charge "
            "quantity:decimal unit_price:decimal amount_minor:minor currency:text"
        ),
        "subscription_id",
        "subscription_id price_id",
    ),
    "subscription_version": (
        (
            "subscription_id:text! valid_from:instant! known_at:instant! status:text price_id:text kind:text "
            "quantity:decimal unit_price:decimal currency:text"
        ),
        None,
        "subscription_id",
    ),
    "entitlement": (
        (
            "subscription_id:text! feature:text! kind:text=metered|static|boolean limit:decimal "
            "status:text!=active|inactive starts_at:instant ends_at:instant customer_id:text"
        ),
        None,
        "subscription_id",
    ),
    "meter": ("feature:text event_type:text! aggregation:text! value_property:text name:text", None, "event_type"),
    "usage": (
        (
            "event_id:text! source:text! subscription_id:text! meter:text! quantity:decimal "
            "occurred_at:instant! stored_at:instant!"
        ),
        None,
        "subscription_id+occurred_at",
    ),
    "billed_usage": (
        ("subscription_id:text! price_id:text! used_on:day used_at:instant quantity:decimal! invoice_id:text"),
        None,
        "subscription_id",
    ),
    "invoice": (
        (
            "copy_of:text customer_id:text! subscription_id:text number:text "
            "status:text!=draft|open|paid|void|uncollectible is_void:flag! is_posted:flag issued_at:instant "
            "issued_on:day due_on:day finalised_at:instant paid_at:instant voided_at:instant currency:text! "
            "subtotal_minor:minor discount_minor:minor tax_minor:minor total_minor:minor! paid_minor:minor "
            "credited_minor:minor written_off_minor:minor due_minor:minor round_off_minor:minor "
            "legal_entity:text period_id:text origin:text exchange_rate:decimal created_at:instant"
        ),
        None,
        "copy_of customer_id subscription_id",
    ),
    "invoice_line": (
        (
            "invoice_id:text! subscription_id:text product_id:text price_id:text kind:text starts_at:instant "
            "ends_at:instant quantity:decimal unit_price:decimal amount_minor:minor discount_minor:minor "
            "tax_minor:minor currency:text proration:flag description:text"
        ),
        "invoice_id",
        "invoice_id subscription_id",
    ),
    "credit_note": (
        (
            "copy_of:text invoice_id:text customer_id:text! reason:text kind:text=adjustment|refundable|store "
            "status:text!=draft|open|settled|void is_void:flag! is_posted:flag issued_at:instant "
            "issued_on:day currency:text! tax_minor:minor total_minor:minor! allocated_minor:minor "
            "refunded_minor:minor available_minor:minor period_id:text number:text origin:text "
            "legal_entity:text exchange_rate:decimal created_at:instant"
        ),
        None,
        "copy_of invoice_id customer_id",
    ),
    "payment": (
        (
            "copy_of:text customer_id:text kind:text=charge|payment|authorization "
            "status:text!=pending|succeeded|failed|refunded|void amount_minor:minor! refunded_minor:minor "
            "currency:text! fee_minor:minor settled_at:instant created_at:instant settled_on:day method:text "
            "processor_reference:text invoice_id:text intent_id:text is_posted:flag period_id:text "
            "is_disputed:flag exchange_rate:decimal available_minor:minor"
        ),
        None,
        "copy_of processor_reference customer_id intent_id system+created_at",
    ),
    "allocation": (
        (
            "payment_id:text! document_id:text! document_kind:text!=invoice|credit_note amount_minor:minor! "
            "currency:text status:text=applied|failed|reversed applied_at:instant"
        ),
        "payment_id",
        "document_id payment_id",
    ),
    "refund": (
        (
            "copy_of:text payment_id:text customer_id:text credit_note_id:text amount_minor:minor! "
            "currency:text! status:text!=pending|succeeded|failed|void refunded_at:instant "
            "processor_reference:text reason:text is_posted:flag period_id:text"
        ),
        None,
        "copy_of payment_id processor_reference customer_id",
    ),
    "dispute": (
        "payment_id:text! amount_minor:minor! currency:text! status:text! opened_at:instant reason:text",
        None,
        "payment_id",
    ),
    "payout": (
        (
            "copy_of:text amount_minor:minor! currency:text! status:text! arrival_on:day automatic:flag "
            "reconciliation:text created_at:instant is_posted:flag period_id:text"
        ),
        None,
        "copy_of",
    ),
    "settlement": (
        (
            "payout_id:text source_id:text kind:text! amount_minor:minor! fee_minor:minor! net_minor:minor! "
            "currency:text! available_on:day created_at:instant status:text"
        ),
        None,
        "payout_id source_id system+created_at",
    ),
    "posting": (
        (
            "document_id:text! line_id:text book:text! account_id:text debit_minor:minor credit_minor:minor "
            "currency:text amount_minor:minor exchange_rate:decimal is_posting:flag!"
        ),
        "document_id",
        "document_id account_id",
    ),
    "document_line": (
        (
            "document_id:text! is_main:flag item_id:text account_id:text amount_minor:minor currency:text "
            "tax:flag recognition:flag quantity:decimal unit_price:decimal legal_entity:text memo:text"
        ),
        "document_id",
        "document_id",
    ),
    "journal": (
        (
            "number:text kind:text! issued_on:day is_posted:flag period_id:text currency:text memo:text "
            "legal_entity:text status:text customer_id:text exchange_rate:decimal external_id:text "
            "created_at:instant"
        ),
        None,
        "period_id customer_id",
    ),
    "ledger_account": ("number:text name:text kind:text! currency:text is_inactive:flag", None, "kind"),
    "period": (
        (
            "name:text starts_on:day! ends_on:day! is_closed:flag is_locked:flag is_quarter:flag is_year:flag "
            "closed_on:day"
        ),
        None,
        "",
    ),
    "legal_entity": ("copy_of:text name:text currency:text country:text parent_id:text time_zone:text", None, ""),
    "currency": ("code:text! name:text exchange_rate:decimal is_base:flag", None, ""),
    "term": ("name:text days:integer", None, ""),
}

ENTITIES: dict[str, Entity] = {
    name: Entity(name=name, fields=_fields(fields), part_of=part_of, indexes=tuple(indexes.split()))
    for name, (fields, part_of, indexes) in _DECLARED.items()
}
"""Name to entity, in the order in which a business meets them."""
