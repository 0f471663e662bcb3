"""From a suite to an asset check: blocking, explained, kept as a row. One check per asset: one may not hide others.

A check that cannot run blocks and says so; it never passes by accident.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from sync_assets.gates.expectations import Expectation
from sync_assets.store.engine import Store, locate
from sync_assets.store.gate_warnings import Warned, is_wrong, note_warnings, standing_warnings
from sync_assets.store.gates import BLOCKED, OVERRIDDEN, PASSED, WARNED, Decision, failing_keys, keep_decision
from sync_assets.store.overrides import overrides
from sync_assets.store.resource import StoreResource


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a gate looks at this time: a query and how many rows it has; `through` is remembered when it passes.

    `whole` finds every row of the table: those that were let pass with a warning are looked at until they are right.
    """

    query: str
    rows: int
    through: int = 0
    whole: str = ""


def gate_check(
    key: dg.AssetKey, name: str, suite: Sequence[Expectation], plan: Callable[[Store], Plan | None]
) -> dg.AssetChecksDefinition:
    """A blocking check of an asset; `plan` gives what to look at, or None when nothing changed since it last passed."""

    @dg.asset_check(asset=key, name=name, blocking=True, description=_description(suite))
    def check(context: dg.AssetCheckExecutionContext, store: dg.ResourceParam[StoreResource]) -> dg.AssetCheckResult:
        opened = store.open()
        decision, result = decide(opened, key, name, suite, plan(opened), context.run.run_id)
        keep_decision(opened, decision)
        return result

    return check


def _description(suite: Sequence[Expectation]) -> str:
    blocking = sum(not item.warns for item in suite)
    return f"{blocking} expectations block what lies downstream, {len(suite) - blocking} only warn."


def decide(  # noqa: PLR0913, PLR0917 - the six are one decision
    store: Store, key: dg.AssetKey, name: str, suite: Sequence[Expectation], plan: Plan | None, run_id: str
) -> tuple[Decision, dg.AssetCheckResult]:
    """The gate's decision and the check result that explains it; an earlier warning stands until its rows are right."""
    asset = key.to_user_string()
    failed, would_block = _validated(store, f"{asset}:{name}", suite, plan)
    warned = _warned(store, (asset, name), suite, plan, run_id)
    let_pass = [row for row in overrides(store) if row["asset"] == asset] if would_block else []
    blocks = would_block and not let_pass
    is_well = not failed and warned is None
    outcome = BLOCKED if blocks else OVERRIDDEN if let_pass else PASSED if is_well else WARNED
    rows, through = (plan.rows, plan.through) if plan else (0, 0)
    decision = Decision(
        asset=asset,
        check_name=name,
        run_id=run_id,
        outcome=outcome,
        explanation={"rows": rows, "through": through, "failed": failed, **_standing(warned), **_override(let_pass)},
    )
    return decision, dg.AssetCheckResult(
        passed=is_well,
        severity=dg.AssetCheckSeverity.ERROR if blocks else dg.AssetCheckSeverity.WARN,
        metadata={"rows looked at": rows, **_table(failed), **_standing(warned), **_override(let_pass)},
    )


def _validated(
    store: Store, name: str, suite: Sequence[Expectation], plan: Plan | None
) -> tuple[list[dict[str, str]], bool]:
    """What does not hold of the rows that changed, and whether any of it blocks."""
    if plan is None or plan.rows == 0:
        return [], False
    from sync_assets.gates.validate import validate

    url = locate().ours.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
    failures = validate(url, plan.query, suite, name)
    failed = [
        {
            "expected": failure.expected(),
            "found": failure.observed,
            "how many": str(failure.unexpected),
            "which": _keys(store, plan, failure.expectation),
            "what to do": failure.expectation.advice,
            "blocks": "no" if failure.expectation.warns else "yes",
        }
        for failure in failures
    ]
    return failed, any(not failure.expectation.warns for failure in failures)


def _warned(
    store: Store, gate: tuple[str, str], suite: Sequence[Expectation], plan: Plan | None, run_id: str
) -> Warned | None:
    """The rows under a warning after this look: those of before that are still wrong, and those that became so."""
    wrong = [is_wrong(item.kind, item.arguments) for item in suite if item.warns]
    if plan is None or not wrong:
        return None
    if plan.rows:
        note_warnings(store, gate, plan.query, wrong, run_id)
    return standing_warnings(store, gate, plan.whole, wrong)


def _standing(warned: Warned | None) -> dict[str, str]:
    """How many rows are still wrong, and since when."""
    if warned is None:
        return {}
    said = "1 row is" if warned.rows == 1 else f"{warned.rows} rows are"
    return {"still warned of": f"{said} not as expected, the first since {warned.since:%Y-%m-%d %H:%M} UTC"}


def _keys(store: Store, plan: Plan, expectation: Expectation) -> str:
    """Ids of rows that fail; what fails for a list as a whole is explained by its dead letters."""
    try:
        wrong = is_wrong(expectation.kind, expectation.arguments)
    except KeyError:
        return "the list as a whole; see the dead letters"
    return ", ".join(failing_keys(store, plan.query, wrong)) or "none named"


def _override(let_pass: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Who let the rows pass all the same, if anybody did."""
    words = "let pass through {until} by {made_by}, approved by {approver}: {reason}"
    return {"overridden": words.format(**let_pass[0])} if let_pass else {}


def _table(failed: Sequence[dict[str, str]]) -> dict[str, dg.MetadataValue]:
    if not failed:
        return {}
    return {"what failed": dg.MetadataValue.table([dg.TableRecord(dict(row)) for row in failed])}
