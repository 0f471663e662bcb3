"""What is promised of the score of a company, and which of it a score breaks. Pure."""

from collections.abc import Iterator, Mapping

from sync_assets_tests.score.judge import Score
from sync_assets_tests.score.page import summed

RECALL_MIN, PRECISION_MIN, HOP_MIN, MONEY_OFF_MAX = 0.99, 0.99, 0.95, 0.001
"""Of all classes together; money of each currency."""

CLASS_RECALL_MIN = 0.75
"""Of each class apart: a rule that sees nothing any more is told even where its class is one of many."""


def broken(scores: Mapping[str, Score]) -> list[str]:
    """The promises that a company's score breaks, in words."""
    return [*_of_all(summed([{"F0": score} for score in scores.values()])["F0"]), *_of_classes(scores)]


def _of_all(score: Score) -> Iterator[str]:
    if score.recall < RECALL_MIN:
        yield f"only {score.recall:.1%} of the defects were found"
    if score.precision < PRECISION_MIN:
        yield f"only {score.precision:.1%} of the breaks are defects"
    if score.hop_right < HOP_MIN * score.found:
        yield f"only {score.hop_right} of {score.found} are told at the right hop"
    if score.early:
        yield f"{score.early} called broken while under way"
    for currency, true in score.money_true.items():
        if score.money_off[currency] > MONEY_OFF_MAX * true:
            yield f"money is off by {score.money_off[currency]} of {true} {currency} minor units"


def _of_classes(scores: Mapping[str, Score]) -> Iterator[str]:
    for name, score in scores.items():
        if score.recall < CLASS_RECALL_MIN:
            yield f"{name}: {score.found} of {score.injected} found"
