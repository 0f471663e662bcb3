"""A company in which nothing is wrong, looked at in the middle of its business: what is under way is not broken."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sync_assets.connect.assets import feeding
from sync_assets.connect.read_run import SYNC, Order, conform_entity, read_stream
from sync_assets.definitions import SYSTEMS
from sync_assets.integrity.ledger import read_breaks
from sync_assets.reconcile.evaluate import evaluate
from sync_assets.reconcile.landscape import Landscape, survey
from sync_assets.reconcile.rules import RULES
from sync_assets.sandbox.town import Sandbox
from sync_assets.store.engine import Store
from sync_assets.store.links import link_customers

MONTH_END = datetime(2026, 6, 30, 17, tzinfo=UTC)
LOOKS = (timedelta(minutes=4), timedelta(hours=7, minutes=13))
"""How long business goes on before each look: an invoice, a payment and a deal are under way at the first."""


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A small company with every benign twin and no defect, on the evening of a month's last day."""
    made = Sandbox(seed=11, customers=12, defects={}, now=MONTH_END).start()
    for name, value in made.settings().items():
        monkeypatch.setenv(name, value)
    for vendor in made.vendors:
        monkeypatch.setenv(f"SYNC_{vendor.name.upper()}_RATE", "60000")
    yield made
    made.stop()


def _read(store: Store, run_id: str) -> Landscape:
    """Everything that changed is read and linked; nothing is judged yet."""
    for system in SYSTEMS:
        for stream in system.streams:
            read_stream(store, system, stream, Order(run_id=run_id, mode=SYNC))
        for entity, streams in feeding(system).items():
            conform_entity(store, system, entity, run_id, streams)
    landscape = survey(store, SYSTEMS)
    link_customers(store, landscape.systems)
    return landscape


def test_nothing_that_is_under_way_is_broken(store: Store, sandbox: Sandbox) -> None:
    for number, goes_on in enumerate(LOOKS):
        sandbox.advance(goes_on)
        landscape = _read(store, f"run-{number}")
        evaluate(store, landscape, f"run-{number}")
        false = [(row["class"], row["entity_id"], row["expected"], row["found"]) for row in read_breaks(store)]
        assert false == [], f"at {sandbox.clock.now()}"
    hasty = replace(landscape, lags=dict.fromkeys((rule.class_ for rule in RULES), 0))
    evaluate(store, hasty, "hasty", full=True)
    assert read_breaks(store), "without patience the same copies are called broken"
