"""Running a suite on a query with Great Expectations, keeping counts and no values."""

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

from sync_assets.gates.expectations import Expectation
from sync_assets.store.gates import DISCARD_TEMPORARY

COLUMN_ARGUMENTS = ("column", "column_A", "column_B")
"""Arguments of an expectation that name a column of the query."""


_ONE = {"pool_size": 1, "max_overflow": 0}
"""One connection: a temporary table is seen by no other."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One expectation that did not hold: how many rows of how many, or the observed figure."""

    expectation: Expectation
    unexpected: int
    observed: str

    def expected(self) -> str:
        """The expectation in words."""
        told = {name: _short(value) for name, value in self.expectation.arguments.items()}
        kind = self.expectation.kind
        return _WORDS[kind].format(**told) if kind in _WORDS else f"{kind} of {self.expectation.column}"


_WORDS = {
    "ExpectColumnValuesToNotBeNull": "every row has its {column}",
    "ExpectColumnValuesToBeUnique": "no {column} is there twice",
    "ExpectColumnValuesToBeInSet": "{column} is one of {value_set}",
    "ExpectColumnPairValuesToBeEqual": "{column_A} equals {column_B}",
    "ExpectColumnMaxToBeBetween": "{column} is at most {max_value}",
    "ExpectColumnMinToBeBetween": "{column} is at least {min_value}",
}
"""Per kind of expectation what it expects; the words in braces are its arguments."""


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


@lru_cache(maxsize=1)
def _context() -> Any:
    """A context that keeps nothing and reports nothing."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


@contextmanager
def _without_its_warnings() -> Iterator[None]:
    """Great Expectations and what it imports warn about themselves; none of it is news for whoever runs a gate."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@lru_cache(maxsize=1)
def _batches(url: str) -> Any:
    """The batch definition of whichever query its asset holds, on our database; made once, for each costs as much.

    The rows of a query become a temporary table: without one, Great Expectations runs the query once per figure and
    fetches all its rows to learn the names of its columns.
    """
    sources = _context().data_sources
    source = sources.add_or_update_postgres("sync", connection_string=url, create_temp_table=True, kwargs=_ONE)
    return source.add_query_asset("rows", query="SELECT 1").add_batch_definition_whole_table("rows")


@contextmanager
def _batch(url: str, query: str) -> Iterator[Any]:
    """The rows of a query, until the block ends; a connection on which anything went wrong is not used again."""
    batches = _batches(url)
    batches.data_asset.query = query
    engine = batches.data_asset.datasource.get_execution_engine()
    try:
        yield batches
        engine.execute_query_in_transaction(DISCARD_TEMPORARY)
    except BaseException:
        _batches.cache_clear()
        engine.close()
        raise


def validate(url: str, query: str, suite: Sequence[Expectation], name: str) -> list[Failure]:
    """The expectations of a suite that do not hold on the rows of a query.

    `url` is a SQLAlchemy URL with the psycopg2 driver, the one Great Expectations is tested with. Only columns that the
    suite names are looked at, and the query runs once: a batch that is fetched first would run it a second time.
    """
    with _without_its_warnings(), _batch(url, named_columns(query, suite)) as batch:
        import great_expectations as gx
        import great_expectations.expectations as library
        from great_expectations.validator.v1_validator import Validator

        expectations = [
            getattr(library, item.kind)(**item.arguments, meta={"position": position})
            for position, item in enumerate(suite)
        ]
        validator = Validator(
            batch_definition=batch,
            batch_parameters=None,
            result_format={"result_format": "BASIC", "partial_unexpected_count": 0},
        )
        result = validator.validate_expectation_suite(gx.ExpectationSuite(name=name, expectations=expectations))
        return [_failure(suite, outcome) for outcome in result.results if not outcome.success]


def named_columns(query: str, suite: Sequence[Expectation]) -> str:
    """The query with only those of its columns that a suite names; all of them when an expectation names none."""
    named = [[value for key, value in item.arguments.items() if key in COLUMN_ARGUMENTS] for item in suite]
    if not named or not all(named):
        return query
    columns = ", ".join(f'"{column}"' for column in dict.fromkeys(chain.from_iterable(named)))
    return f"SELECT {columns} FROM ({query}) AS named"  # noqa: S608 - column names come from the model


def _failure(suite: Sequence[Expectation], outcome: Any) -> Failure:
    """One failed expectation, without the values that Great Expectations may have collected."""
    expectation = suite[outcome.expectation_config.meta["position"]]
    figures = outcome.result or {}
    if outcome.exception_info and outcome.exception_info.get("raised_exception"):
        return Failure(expectation=expectation, unexpected=0, observed="the expectation could not be evaluated")
    unexpected = int(figures.get("unexpected_count") or 0)
    observed = figures.get("observed_value")
    return Failure(
        expectation=expectation,
        unexpected=unexpected,
        observed=str(observed) if observed is not None else f"{unexpected} of {figures.get('element_count')} rows",
    )
