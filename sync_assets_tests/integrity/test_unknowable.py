"""What nothing can be said of is listed with what it needs, beside the breaks."""

import pytest

from sync_assets.integrity.unknowable import in_a_line, unknowable_classes
from sync_assets.reconcile.awaited import awaited_needs
from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books


def test_unread_systems_unnamed_fields_and_awaited_facts_are_told_apart(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SYNC_SALESFORCE_ACCEPTANCE_FIELD", raising=False)
    Books(store=store, missing={"erp"}).judge()
    told = unknowable_classes(store)
    assert told["F51"] == "no erp system was ever read; set its SYNC_<SYSTEM>_URL and credentials"
    assert told["F27"] == "set SYNC_SALESFORCE_ACCEPTANCE_FIELD to the field that holds it"
    assert told["F84"] == awaited_needs()["F84"]
    assert "F12" not in told, "judged"
    assert in_a_line(told).startswith("Unknowable: F7, ")


def test_what_is_named_and_read_is_no_longer_unknowable(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UPLIFT_PERCENT", "ACCEPTANCE", "DISCOUNT_LIMIT", "COTERM", "ORGANISATION", "AMENDS"):
        monkeypatch.setenv(f"SYNC_SALESFORCE_{name}_FIELD", f"{name}__c")
    Books(store=store).judge()
    assert unknowable_classes(store) == awaited_needs()
