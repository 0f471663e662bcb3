"""Breaks against truths: found or missed, right owner, hop and money; and what was reported without a cause. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Known:
    """A defect as it was injected, with its money at the time of judging."""

    class_: str
    entity_id: str
    records: frozenset[str]
    owner: str
    hop: str
    currency: str
    money_minor: int
    symptoms: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Score:
    """One class's figures; money in minor units summed over currencies apart."""

    injected: int = 0
    found: int = 0
    owner_right: int = 0
    hop_right: int = 0
    false: int = 0
    money_true: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    money_off: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Share of the injected defects that were found."""
        return self.found / self.injected if self.injected else 1.0

    @property
    def precision(self) -> float:
        """Share of the reported roots that were injected."""
        reported = self.found + self.false
        return self.found / reported if reported else 1.0


def _records_of(row: Mapping[str, Any]) -> set[str]:
    return {row["entity_id"], *(f"{item['system']}:{item['record_id']}" for item in row["records"])}


def judge(known: Sequence[Known], reported: Sequence[Mapping[str, Any]]) -> dict[str, Score]:
    """The score per class.

    A defect is found when an open root break of its class names its entity or one of its records. A root break that
    names no injected record is false, unless its class is an expected symptom of a defect on the same records.
    """
    scores: dict[str, Score] = defaultdict(Score)
    roots = [row for row in reported if row["root"] and row["verdict"] in {"BROKEN", "LATE"}]
    used: set[str] = set()
    for truth in known:
        score = scores[truth.class_]
        score.injected += 1
        hit = next((row for row in roots if row["class"] == truth.class_ and _is_about(row, truth)), None)
        if hit is None:
            score.missed.append(truth.entity_id)
            continue
        used.add(hit["break_id"])
        score.found += 1
        score.owner_right += hit["owner"] == truth.owner
        score.hop_right += hit["first_divergence"]["hop"] == truth.hop
        if hit["owner"] != truth.owner or hit["first_divergence"]["hop"] != truth.hop:
            score.wrong.append(f"{truth.entity_id}: {hit['owner']} at {hit['first_divergence']['hop']}")
        score.money_true[truth.currency] += truth.money_minor
        off = abs(hit["money_at_risk_minor"] - truth.money_minor)
        score.money_off[truth.currency] += off
        if off:
            score.wrong.append(f"{truth.entity_id}: {hit['money_at_risk_minor']} instead of {truth.money_minor}")
    for row in roots:
        if row["break_id"] in used or any(_explains(truth, row) for truth in known):
            continue
        scores[row["class"]].false += 1
        scores[row["class"]].wrong.append(f"false: {row['entity_id']} {row['explanation'][:90]}")
    return dict(scores)


def _is_about(row: Mapping[str, Any], truth: Known) -> bool:
    return row["entity_id"] == truth.entity_id or bool(_records_of(row) & truth.records)


def _explains(truth: Known, row: Mapping[str, Any]) -> bool:
    """The break repeats a defect that was reported already, on the same records."""
    return row["class"] in {truth.class_, *truth.symptoms} and _is_about(row, truth)
