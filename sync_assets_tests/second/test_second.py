"""The product on a company it has never seen: it finds what is wrong, says it right, and lets the rest be."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sync_assets_tests.second.runner import opened, ran, said
from sync_assets_tests.second.stories import tell
from sync_assets_tests.second.town import Expected, Town

pytestmark = pytest.mark.company

TRUE_OF_ITS_BOOKS = {"F83"}
"""This company never takes back what it recognised of an invoice that was credited or voided since."""

CLASSES = frozenset("F3 F11 F12 F17 F20 F31 F34 F46 F49 F50 F51 F60 F67 F71 F75".split())


@dataclass(frozen=True, kw_only=True)
class Told:
    """The company, and what the product said of it."""

    town: Town
    breaks: list[dict[str, Any]]
    census: dict[str, Any]
    trace: Any

    def break_of(self, expected: Expected) -> dict[str, Any] | None:
        """The break of a class on an entity."""
        for found in self.breaks:
            if (found["class"], found["entity_id"]) == (expected.cls, expected.about):
                return found
        return None


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """One run of the product over the whole company."""
    town = tell()
    with opened(town, tmp_path_factory.mktemp("second")):
        ran("run")
        late = next(each for each in town.expected if each.cls == "F51")
        number = late.about.removeprefix("chargebee:")
        yield Told(
            town=town,
            breaks=said("breaks"),
            census=said("census"),
            trace=json.loads(ran("trace", "invoice", number, "--format", "json")),
        )


def test_the_company_has_two_kinds_of_each_defect(told: Told) -> None:
    counts = {cls: sum(each.cls == cls for each in told.town.expected) for cls in CLASSES}
    # Customers unknown to sales are told once; of the others there are two or more.
    assert {cls for cls, count in counts.items() if count < 2} == {"F3"}


def test_every_defect_is_found_with_its_owner_hop_kind_and_money(told: Told) -> None:
    wrong = []
    for expected in told.town.expected:
        found = told.break_of(expected)
        if found is None:
            wrong.append(f"{expected} was missed")
            continue
        said_of_it = (found["verdict"], found["root"], found["owner"], found["first_divergence"]["hop"], found["kind"])
        meant = ("BROKEN", True, expected.owner, expected.hop, expected.kind)
        apart = abs(found["money_at_risk_minor"] - expected.money)
        if said_of_it != meant or found["currency"] != expected.currency or apart > expected.within:
            wrong.append(f"{expected}: {said_of_it} {found['currency']} {found['money_at_risk_minor']}")
    assert wrong == []


def test_nothing_else_is_called_broken(told: Told) -> None:
    meant = {(each.cls, each.about) for each in told.town.expected} | told.town.also
    roots = {found["break_id"]: found for found in told.breaks if (found["class"], found["entity_id"]) in meant}
    false = [
        f"{found['class']} {found['entity_id']}: {found['explanation']}"
        for found in told.breaks
        if found["break_id"] not in roots
        and found["caused_by"] not in roots
        and found["class"] not in TRUE_OF_ITS_BOOKS
    ]
    assert false == []


def test_the_census_counts_what_the_vendors_hold(told: Told) -> None:
    for system, vendor in told.town.vendors.items():
        for stream, ids in vendor.census().items():
            assert told.census[system][stream]["count"] == len(ids), (system, stream)


def test_a_trace_names_where_an_invoice_was_lost(told: Told) -> None:
    assert "billing->erp" in json.dumps(told.trace)
