"""The page of classes of breaks, written from the rules: `python -m sync_assets_tests.docs.classes`.

Examples come from tests; those on the page stay, and tests are run for classes without one. `--anew` takes all again.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sync_assets.model.breaks import OWNERS
from sync_assets.reconcile.awaited import AWAITED
from sync_assets.reconcile.rule import Rule
from sync_assets.reconcile.rules import RULES
from sync_assets_tests.docs.examples import MARK, PAGE, TO, on_page

_HEAD = """# Classes of breaks

Written from the rules by `make classes`; a test compares them. How long copies may take (the lag) is set per class with
`SYNC_LAGS`. A break that another one explains is a symptom: it carries no money and names its cause.
"""

_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"))


def by_class() -> dict[str, list[Rule]]:
    """The rules of each class, classes in the order of their numbers."""
    found: dict[str, list[Rule]] = {}
    for rule in sorted(RULES, key=lambda rule: int(rule.class_[1:])):
        found.setdefault(rule.class_, []).append(rule)
    return found


def page(examples: Mapping[str, tuple[str, str]]) -> str:
    """The whole page, with an example (test, text) per class."""
    classes = by_class()
    titles = {class_: rules[0].title for class_, rules in classes.items()}
    sections = ["\n".join(_section(rules, titles, examples.get(class_))) for class_, rules in classes.items()]
    return "\n".join([_HEAD, *sections, *_awaited()])


def _awaited() -> Iterator[str]:
    """Classes without a rule, as a table."""
    yield "# Unknowable as yet\n"
    yield "Nothing can be said of these until what they need is there; `sync-assets breaks` lists them.\n"
    yield "| class | what | owner | hop | needs |"
    yield "|---|---|---|---|---|"
    for each in AWAITED:
        yield f"| {each.class_} | {each.title} | {each.owner} | `{each.hop}` | {each.needs} |"
    yield ""


def _section(rules: Sequence[Rule], titles: Mapping[str, str], example: tuple[str, str] | None) -> Iterator[str]:
    yield f"## {rules[0].class_}: {' / '.join(dict.fromkeys(rule.title for rule in rules))}"
    yield ""
    for meaning, wrong_when, money in dict.fromkeys((rule.meaning, rule.wrong_when, rule.money) for rule in rules):
        kinds = "/".join(_of(rules, meaning, "kind"))
        yield f"{meaning} Called wrong when {wrong_when}."
        yield ""
        yield f"- Money: {kinds}; {money}."
    yield f"- Owner: {', '.join(f'{code} ({OWNERS[code]})' for code in dict.fromkeys(rule.owner for rule in rules))}"
    for rule in rules:
        about = "whatever is read of it" if rule.is_small else f"each {rule.entity.replace('_', ' ')}"
        yield f"- At `{rule.hop}`, on {about}; lag {_lag(rule)}"
    for setting in dict.fromkeys(rule.setting for rule in rules if rule.setting):
        yield f"- Unknowable until `{setting}` of the CRM names the field that holds it ([settings](settings.md))"
    for advice in dict.fromkeys(rule.advice for rule in rules):
        yield f"- What to do: {advice}"
    causes = dict.fromkeys(cause for rule in rules for cause in rule.explained_by)
    if causes:
        yield "- Explained by: " + "; ".join(
            f"{cause} ({titles[cause]})" if cause in titles else cause for cause in causes
        )
    if example:
        yield f"{MARK}{example[0]}`:\n  {example[1]}"
    yield ""


def _of(rules: Sequence[Rule], meaning: str, name: str) -> dict[str, None]:
    return dict.fromkeys(str(getattr(rule, name)) for rule in rules if rule.meaning == meaning)


def _lag(rule: Rule) -> str:
    return _time(rule.lag_s) + (", weekends apart" if rule.is_on_weekdays else "")


def _time(seconds: int) -> str:
    """A lag in the largest unit that divides it."""
    for size, name in _UNITS:
        if seconds and seconds % size == 0:
            count = seconds // size
            return f"{count} {name}{'s' if count > 1 else ''}"
    return f"{seconds} seconds" if seconds else "none"


def taken_from_tests() -> dict[str, tuple[str, str]]:
    """An example per class, from the tests that judge small ledgers: the clearest one, the first in order."""
    best: dict[str, tuple[str, str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "shown.jsonl"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "sync_assets_tests/reconcile"]
        subprocess.run(command, check=True, env={**os.environ, TO: str(file)})
        for line in file.read_text(encoding="utf-8").splitlines():
            seen = json.loads(line)
            best.setdefault(seen["class"], (seen["test"], seen["text"]))
    return best


def main(arguments: Sequence[str]) -> None:
    """Write the page."""
    examples = {} if "--anew" in arguments else on_page()
    if by_class().keys() - examples.keys():
        examples = taken_from_tests() | examples
    PAGE.write_text(page(examples), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
