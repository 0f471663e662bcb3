"""Stripe's lists as data: names, filters, what may be expanded, how a missing object is called. No behaviour.

Source: list page of each object in the API reference, parameters as in the `stripe` package; wordings recorded from a
sandbox account in public repositories.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One list of the account.

    Attributes:
        stream: the list's name in the URL and in the census.
        kind: the `object` of its rows.
        called: how the object is called when it is missing.
        path_param: the parameter blamed when an address names a missing object.
        equals: filters by equality, parameter to the stream of the object it must name (None: any value is taken).
        ranges: attributes that take gt, gte, lt, lte.
        expands: attributes that hold an id and the streams it may be of; empty for objects this account has none of.
    """

    stream: str
    kind: str
    called: str
    path_param: str = "id"
    equals: dict[str, str | None] = field(default_factory=dict)
    ranges: tuple[str, ...] = ("created",)
    expands: dict[str, tuple[str, ...]] = field(default_factory=dict)


RESOURCES: dict[str, Resource] = {
    resource.stream: resource
    for resource in (
        Resource(
            stream="customers",
            kind="customer",
            called="customer",
            equals={"email": None, "test_clock": None},
            expands={
                "default_source": (),
                "discount": (),
                "invoice_settings": (),
                "sources": (),
                "subscriptions": (),
                "tax_ids": (),
                "test_clock": (),
            },
        ),
        Resource(
            stream="payment_intents",
            kind="payment_intent",
            called="payment_intent",
            path_param="intent",
            equals={"customer": "customers", "customer_account": None},
            expands={
                "customer": ("customers",),
                "latest_charge": ("charges",),
                "payment_method": (),
                "review": (),
                "on_behalf_of": (),
            },
        ),
        Resource(
            stream="charges",
            kind="charge",
            called="charge",
            equals={"customer": "customers", "payment_intent": "payment_intents", "transfer_group": None},
            expands={
                "customer": ("customers",),
                "payment_intent": ("payment_intents",),
                "balance_transaction": ("balance_transactions",),
                "failure_balance_transaction": ("balance_transactions",),
                "refunds": (),
                "review": (),
                "on_behalf_of": (),
            },
        ),
        Resource(
            stream="refunds",
            kind="refund",
            called="refund",
            path_param="refund",
            equals={"charge": "charges", "payment_intent": "payment_intents"},
            expands={
                "charge": ("charges",),
                "payment_intent": ("payment_intents",),
                "balance_transaction": ("balance_transactions",),
                "failure_balance_transaction": ("balance_transactions",),
            },
        ),
        Resource(
            stream="disputes",
            kind="dispute",
            called="dispute",
            path_param="dispute",
            equals={"charge": "charges", "payment_intent": "payment_intents"},
            expands={"charge": ("charges",), "payment_intent": ("payment_intents",)},
        ),
        Resource(
            stream="balance_transactions",
            kind="balance_transaction",
            called="balance transaction",
            equals={"payout": "payouts", "source": None, "type": None, "currency": None},
            expands={"source": ("charges", "refunds", "disputes", "payouts")},
        ),
        Resource(
            stream="payouts",
            kind="payout",
            called="payout",
            path_param="payout",
            equals={"status": None, "destination": None},
            ranges=("created", "arrival_date"),
            expands={
                "balance_transaction": ("balance_transactions",),
                "failure_balance_transaction": ("balance_transactions",),
                "destination": (),
                "original_payout": ("payouts",),
                "reversed_by": ("payouts",),
            },
        ),
        Resource(stream="events", kind="event", called="event", equals={"type": None}),
    )
}

DISPUTE_PREFIXES = ("du_", "dp_")
"""Ids that `balance_transactions?source=` never finds, although rows name them (measured on a sandbox account)."""
