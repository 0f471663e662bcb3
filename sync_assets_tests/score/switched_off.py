"""Rules switched off one at a time: a score that does not fall then proves nothing about the rule.

The company is read once; for each rule the ledger is emptied and everything judged anew without it, then scored.
"""

from collections.abc import Iterator, Sequence
from random import Random

from sqlalchemy import text

from sync_assets.definitions import SYSTEMS
from sync_assets.reconcile.evaluate import evaluate
from sync_assets.reconcile.landscape import survey
from sync_assets.reconcile.rule import Rule
from sync_assets.reconcile.rules import RULES
from sync_assets_tests.score.corpus import Company
from sync_assets_tests.score.judge import Score
from sync_assets_tests.score.promise import broken

_LEDGER = ("break_record", "break_event", "waiting", "breaks")
_FOUND = "SELECT DISTINCT rule FROM integrity.breaks WHERE closed_at IS NULL AND caused_by IS NULL"


def drawn(company: Company, seed: int, count: int) -> list[Rule]:
    """So many rules, drawn from those that found something: the company has defects for them, and not for the rest."""
    with company.store.begin() as connection:
        names = set(connection.execute(text(_FOUND)).scalars())
    finders = [rule for rule in RULES if rule.name in names]
    return Random(seed).sample(finders, min(count, len(finders)))


def unnoticed(company: Company, rules: Sequence[Rule]) -> Iterator[tuple[Rule, list[str]]]:
    """Each rule with the promises that the score breaks without it; none means that nobody would have noticed."""
    for rule in rules:
        yield rule, broken(score_without(company, rule))


def score_without(company: Company, off: Rule | None) -> dict[str, Score]:
    """The score of everything judged anew by all rules but one."""
    with company.store.begin() as connection:
        for table in _LEDGER:
            connection.execute(text(f"DELETE FROM integrity.{table}"))
    rules = [rule for rule in RULES if rule is not off]
    evaluate(company.store, survey(company.store, SYSTEMS), "switched off", full=True, rules=rules)
    return company.score([company.report()])
