"""Worked examples of classes of breaks: taken from tests that judge small ledgers, and kept on the page of classes.

Belongs here: what a test showed, as an example, and examples on the page. Not here: the rest of the page (classes.py).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sync_assets.model.money import display, readable

PAGE = Path(__file__).parents[2] / "docs" / "classes.md"

TO = "CLASS_EXAMPLES_TO"
"""Environment variable: the file to which tests append what they show, instead of comparing it with the page."""

MARK = "- Example, from `"

Ledger = Sequence[Mapping[str, Any]]


def told(row: Mapping[str, Any]) -> str:
    """A break of a test's ledger as the page tells it."""
    forward = f", {display(row['forward_minor'], row['currency'])} to come" if row["forward_minor"] else ""
    expected, found = readable(row["expected"]), readable(row["found"])
    worth = display(row["money_at_risk_minor"], row["currency"]) if row["currency"] else row["money_at_risk_minor"]
    return (
        f"{row['entity'].replace('_', ' ')} `{row['entity_id']}`: expected {expected}, found {found}; {row['kind']} "
        f"{worth}{forward}.\n  {row['explanation']}"
    )


def shown(ledgers: Iterable[Ledger]) -> dict[str, str]:
    """By class, the break that stood in the ledger with the fewest others; symptoms are no examples."""
    best: dict[str, tuple[int, str]] = {}
    for ledger in ledgers:
        for row in ledger:
            if row["root"] and (row["class"] not in best or len(ledger) < best[row["class"]][0]):
                best[row["class"]] = len(ledger), told(row)
    return {class_: text for class_, (_, text) in best.items()}


def on_page() -> dict[str, tuple[str, str]]:
    """By class, the test and the text of the example that the page has."""
    return dict(_sections(PAGE.read_text(encoding="utf-8"))) if PAGE.exists() else {}


def _sections(page: str) -> Iterator[tuple[str, tuple[str, str]]]:
    for section in re.split(r"^#+ ", page, flags=re.MULTILINE)[1:]:
        class_ = section.split(":", maxsplit=1)[0]
        found = re.search(re.escape(MARK) + r"(.+?)`:\n  (.*?)(?=\n\n|\n?\Z)", section, re.DOTALL)
        if found:
            yield class_, (found[1], found[2])
