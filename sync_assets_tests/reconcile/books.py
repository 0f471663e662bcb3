"""Canonical copies written by hand, and streams that are complete through an instant: what rules are judged on."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert

from sync_assets.integrity.ledger import read_breaks
from sync_assets.reconcile.evaluate import Evaluation, evaluate
from sync_assets.reconcile.lags import Closing
from sync_assets.reconcile.landscape import Landscape
from sync_assets.reconcile.queues import Mappings
from sync_assets.reconcile.rules import RULES
from sync_assets.store.breaks import Filter
from sync_assets.store.engine import Store
from sync_assets.store.tables import current

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
SYSTEMS = {
    "crm": ("salesforce",),
    "billing": ("chargebee",),
    "payments": ("stripe",),
    "erp": ("netsuite",),
    "product": ("product",),
}
ENTITIES = {(role, entity) for rule in RULES for role, entity in rule.needs}


READ: list[list[dict[str, Any]]] = []
"""The ledgers that the running test has read: where the page of classes takes its examples from."""


@dataclass(kw_only=True)
class Books:
    """The copies of five systems, read through `through`; whole systems may be missing."""

    store: Store
    through: datetime = NOON
    missing: set[str] = field(default_factory=set)
    runs: int = 0
    lags: dict[str, int] = field(default_factory=dict)
    closings: tuple[Closing, ...] = ()
    mappings: Mappings = field(default_factory=dict)

    def put(self, system: str, entity: str, record_id: str, **fields: Any) -> None:
        """Write one copy, replacing an earlier one."""
        row = {
            "system": system,
            "record_id": record_id,
            "from_record_id": record_id,
            "version_id": 1,
            "run_id": "sync",
            "observed_at": self.through,
            "version_at": self.through - timedelta(days=10),
            "change_id": func.nextval(text("'canonical.change'")),
            **fields,
        }
        statement = insert(current[entity]).values(row)
        with self.store.begin() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["system", "record_id"], set_=row))

    def landscape(self) -> Landscape:
        """Everything complete through the same instant."""
        systems = {role: names for role, names in SYSTEMS.items() if role not in self.missing}
        keys = {(systems[role][0], entity): entity for role, entity in ENTITIES if role in systems}
        marks = dict.fromkeys(keys, self.through)
        return Landscape(
            systems=systems,
            streams=keys,
            complete_through=marks,
            read_at=marks,
            lags=self.lags,
            closings=self.closings,
            mappings=self.mappings,
        )

    def judge(self, *, full: bool = False) -> Evaluation:
        """Evaluate what changed."""
        self.runs += 1
        return evaluate(self.store, self.landscape(), f"run-{self.runs}", full=full)

    def breaks(self, *, closed: bool = False) -> list[dict[str, Any]]:
        """The ledger."""
        found = read_breaks(self.store, Filter(closed=closed))
        READ.append(found)
        return found

    def invoice(self, number: str, **fields: Any) -> None:
        """A paid-up billing invoice of 119.00 EUR, issued ten days ago, with one line of 100.00 and all of its tax."""
        issued = self.through - timedelta(days=10)
        self.put(
            "chargebee",
            "invoice",
            number,
            **{
                "customer_id": "c1",
                "status": "open",
                "is_void": False,
                "currency": "EUR",
                "subtotal_minor": 10_000,
                "discount_minor": 0,
                "tax_minor": 1_900,
                "total_minor": 11_900,
                "issued_at": issued,
                "finalised_at": issued,
                **fields,
            },
        )
        self.put(
            "chargebee",
            "invoice_line",
            f"{number}-1",
            from_record_id=number,
            invoice_id=number,
            amount_minor=10_000,
            discount_minor=0,
            tax_minor=fields.get("tax_minor", 1_900),
            currency="EUR",
        )

    def erp_invoice(self, record_id: str, number: str, **fields: Any) -> None:
        """The ERP's copy of a billing invoice, with a balanced set of ledger lines."""
        self.put(
            "netsuite",
            "invoice",
            record_id,
            **{
                "copy_of": f"billing:{number}",
                "customer_id": "7",
                "status": "open",
                "is_void": False,
                "is_posted": True,
                "currency": "EUR",
                "total_minor": 11_900,
                **fields,
            },
        )
        for line, (debit, credit) in enumerate([(11_900, 0), (0, 11_900)]):
            self.put(
                "netsuite",
                "posting",
                f"{record_id}-{line}-1",
                document_id=record_id,
                line_id=str(line),
                book="1",
                debit_minor=debit,
                credit_minor=credit,
                is_posting=True,
            )
