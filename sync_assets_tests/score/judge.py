"""Breaks against truths: found or missed, right owner, hop and money, how soon; and what was reported without a cause.

Pure.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Row = Mapping[str, Any]


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
    since: datetime
    symptoms: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Report:
    """The open breaks as they were told at an instant of the company's time."""

    at: datetime
    rows: Sequence[Row]

    @property
    def roots(self) -> list[Row]:
        """Those that somebody has to act on, symptoms aside."""
        return [row for row in self.rows if row["root"] and row["verdict"] in {"BROKEN", "LATE"}]


@dataclass(kw_only=True)
class Score:
    """One class's figures; money in minor units summed over currencies apart.

    `early` counts what was called broken while it was only under way: roots of an earlier report without a cause.
    `hours` is how long the slowest verdict took, of defects that came about between two reports.
    """

    injected: int = 0
    found: int = 0
    owner_right: int = 0
    hop_right: int = 0
    false: int = 0
    early: int = 0
    hours: int | None = None
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

    def took(self, hours: int) -> None:
        """Count in how long one verdict took."""
        self.hours = max(hours, self.hours or 0)


def _records_of(row: Row) -> set[str]:
    return {row["entity_id"], *(f"{item['system']}:{item['record_id']}" for item in row["records"])}


def judge(known: Sequence[Known], reports: Sequence[Report]) -> dict[str, Score]:
    """The score per class of the last report; earlier ones tell what was called too early, and what was told when.

    A defect is found when an open root break of its class names its entity or one of its records. A root break that
    names no injected record is false, unless its class is an expected symptom of a defect on the same records.
    """
    scores: dict[str, Score] = defaultdict(Score)
    roots = reports[-1].roots
    used: set[str] = set()
    for truth in known:
        score = scores[truth.class_]
        score.injected += 1
        hit = next((row for row in roots if row["class"] == truth.class_ and _is_about(row, truth)), None)
        if hit is None:
            score.missed.append(truth.entity_id)
            continue
        used.add(hit["break_id"])
        _compare(score, truth, hit)
        _time(score, truth, hit, reports)
    for row in roots:
        if row["break_id"] not in used and not any(_explains(truth, row) for truth in known):
            scores[row["class"]].false += 1
            scores[row["class"]].wrong.append(f"false: {row['entity_id']} {row['explanation'][:90]}")
    for row in _without_cause(known, reports[:-1]):
        scores[row["class"]].early += 1
        scores[row["class"]].wrong.append(f"while under way: {row['entity_id']} {row['explanation'][:90]}")
    return dict(scores)


def _compare(score: Score, truth: Known, hit: Row) -> None:
    """What was found against what is so."""
    hop = hit["first_divergence"]["hop"]
    score.found += 1
    score.owner_right += hit["owner"] == truth.owner
    score.hop_right += hop == truth.hop
    if hit["owner"] != truth.owner or hop != truth.hop:
        score.wrong.append(f"{truth.entity_id}: {hit['owner']} at {hop}")
    score.money_true[truth.currency] += truth.money_minor
    off = abs(hit["money_at_risk_minor"] - truth.money_minor)
    score.money_off[truth.currency] += off
    if off:
        score.wrong.append(f"{truth.entity_id}: {hit['money_at_risk_minor']} instead of {truth.money_minor}")


def _time(score: Score, truth: Known, hit: Row, reports: Sequence[Report]) -> None:
    """How long the verdict took, in hours begun, where the defect is younger than the first report."""
    if truth.since >= reports[0].at:
        told_at = next(each.at for each in reports if any(row["break_id"] == hit["break_id"] for row in each.roots))
        score.took(-(-int((told_at - truth.since).total_seconds()) // 3600))


def _without_cause(known: Sequence[Known], reports: Sequence[Report]) -> list[Row]:
    """Roots called broken before the end that no defect explains, each once."""
    called = {row["break_id"]: row for report in reports for row in report.roots if row["verdict"] == "BROKEN"}
    return [row for row in called.values() if not any(_explains(truth, row) for truth in known)]


def _is_about(row: Row, truth: Known) -> bool:
    return row["entity_id"] == truth.entity_id or bool(_records_of(row) & truth.records)


def _explains(truth: Known, row: Row) -> bool:
    """The break repeats a defect that was reported already, on the same records."""
    return row["class"] in {truth.class_, *truth.symptoms} and _is_about(row, truth)
