"""The page of classes says what the rules say, of every class, each with an example that a test shows."""

from pathlib import Path

from sync_assets.model.breaks import OWNERS
from sync_assets.model.roles import HOPS
from sync_assets.reconcile.awaited import AWAITED
from sync_assets.reconcile.rules import RULES
from sync_assets_tests.docs.classes import by_class, page
from sync_assets_tests.docs.examples import PAGE, on_page

ROOT = Path(__file__).parents[2]


def test_every_rule_says_what_it_means_when_it_is_wrong_and_what_its_money_is() -> None:
    assert [rule.name for rule in RULES if not (rule.meaning and rule.wrong_when and rule.money)] == []


def test_the_page_is_what_the_rules_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(on_page()), "run make classes"


def test_a_class_has_a_rule_or_says_what_it_waits_for() -> None:
    assert {each.class_ for each in AWAITED} & by_class().keys() == set()
    assert all(each.owner in OWNERS and each.hop in HOPS and each.needs for each in AWAITED)


def test_every_class_has_an_example_of_a_test_that_exists() -> None:
    examples = on_page()
    assert by_class().keys() - examples.keys() == set()
    for test, _ in examples.values():
        file, _, name = test.partition("::")
        assert f"def {name.partition('[')[0]}(" in (ROOT / file).read_text(encoding="utf-8"), test
