"""Whom unlinked customer records are like: scored by Splink in an engine of its own, judged here.

Belongs here: comparing two sides of records, and what follows from a score. Not here: the settings (evidence.py), and
keeping what was found (store/matches.py).
Source: moj-analytical-services.github.io/splink (settings, predict; weights are log2 of Bayes factors).
"""

import io
import logging
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sync_assets.identity.evidence import AHEAD, ALIKE_NAMES, ASK_AT, FEWEST, FIELDS, LINK_AT
from sync_assets.store.link_tables import BLOCKS, PROFILE, part_of

if TYPE_CHECKING:
    import pyarrow as pa

MEMORY, THREADS = "1GB", 2
"""What the engine may take; beyond it, it writes to a directory of its own that goes with it."""

ASKED_MAX = 3
"""Candidates of one record that a person is asked about."""


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """Two records that may be one: the unlinked one, the node it is like, that node's customer; weight and why."""

    record: str
    node: str
    customer_id: str
    weight: float
    evidence: Mapping[str, Mapping[str, Any]]


def table_of(csv: io.BytesIO) -> "pa.Table":
    """One side of a comparison: every column text, nothing where nothing was."""
    import pyarrow as pa
    from pyarrow import csv as reader

    names = ["unique_id", "customer_id", *PROFILE]
    return reader.read_csv(
        csv,
        convert_options=reader.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            include_columns=names,
            strings_can_be_null=True,
            null_values=[""],
        ),
    )


def likenesses(unlinked: "pa.Table", known: "pa.Table", candidates: int) -> list[Likeness]:
    """Every pair that weighs at least ASK_AT, by record and the heaviest first.

    Args:
        unlinked: the records to find somebody for.
        known: those among whom they may be found, because they share something.
        candidates: how many there are altogether, any of whom may be the one.
    """
    if not unlinked.num_rows or not known.num_rows:
        return []
    import duckdb
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="sync-assets-likeness-") as overflow:
        connection = duckdb.connect(config={"memory_limit": MEMORY, "threads": THREADS, "temp_directory": overflow})
        try:
            engine = DuckDBAPI(connection=connection)
            sides = [engine.register(side) for side in (unlinked, known)]
            linker = Linker(sides, _settings(candidates), log_level="ERROR", validate_settings=False)
            found = linker.inference.predict(threshold_match_weight=ASK_AT, warning_mode="never")
            customers = dict(zip(known["unique_id"].to_pylist(), known["customer_id"].to_pylist(), strict=True))
            return _told(found.as_record_list(), customers)
        finally:
            connection.close()


def _settings(candidates: int) -> dict[str, Any]:
    """The shipped settings in Splink's words."""
    return {
        "link_type": "link_only",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": 1 / max(candidates, FEWEST),
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
        "comparisons": [_comparison(field) for field in FIELDS],
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": " AND ".join(f"{part_of('l', part)} = {part_of('r', part)}" for part in parts)}
            for parts in BLOCKS
        ],
    }


def _comparison(field: str) -> dict[str, Any]:
    unknown = {
        "sql_condition": f"{field}_l IS NULL OR {field}_r IS NULL",
        "label_for_charts": "unknown",
        "is_null_level": True,
    }
    levels = [
        {
            "sql_condition": level.when,
            "label_for_charts": level.name,
            "m_probability": level.m,
            "u_probability": level.u,
        }
        for level in FIELDS[field]
    ]
    return {"output_column_name": field, "comparison_levels": [unknown, *levels]}


def _told(rows: Sequence[Mapping[str, Any]], customers: Mapping[str, str]) -> list[Likeness]:
    found = []
    for row in rows:
        sides = {row["unique_id_l"], row["unique_id_r"]}
        node = next(side for side in sides if side in customers)
        (record,) = sides - {node}
        evidence = {field: _agreement(field, row[f"mw_{field}"]) for field in FIELDS}
        found.append(
            Likeness(
                record=record,
                node=node,
                customer_id=customers[node],
                weight=round(float(row["match_weight"]), 2),
                evidence={field: said for field, said in evidence.items() if said},
            )
        )
    return sorted(found, key=lambda each: (each.record, -each.weight, each.node))


def _agreement(field: str, weight: float) -> dict[str, Any]:
    """The degree of agreement that has this weight; nothing where a side has no value."""
    from math import isclose, log2

    for level in FIELDS[field]:
        if isclose(log2(level.m / level.u), weight, abs_tol=1e-6):
            return {"agreement": level.name, "weight": round(weight, 2)}
    return {}


def judged(found: Sequence[Likeness], taken: set[tuple[str, str]], billing: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What becomes of each pair: a link, or a question to a person.

    Linked is what weighs enough, has a like name and no other tax id, is well ahead of any other customer, and the
    only record of its system for that customer: `taken` says which systems have one already. A record of billing is
    compared with accounts alone.
    """
    pairs = [each for each in found if not (each.node.startswith("billing:") and each.record.split(":")[0] in billing)]
    best = {record: list(_by_customer(rows)) for record, rows in groupby(pairs, key=lambda each: each.record)}
    claims = Counter((rows[0].record.split(":")[0], rows[0].customer_id) for rows in best.values())
    for rows in best.values():
        ahead = rows[0].weight - rows[1].weight if len(rows) > 1 else AHEAD
        claim = (rows[0].record.split(":")[0], rows[0].customer_id)
        is_alone = claim not in taken and claims[claim] == 1
        links = _speaks_for_itself(rows[0]) and ahead >= AHEAD and is_alone
        for each in rows[: 1 if links else ASKED_MAX]:
            system, _, record_id = each.record.partition(":")
            yield {
                "system": system,
                "record_id": record_id,
                "node": each.node,
                "state": "linked" if links else "asked",
                "weight": each.weight,
                "evidence": {field: dict(said) for field, said in each.evidence.items()},
            }


def _by_customer(rows: Iterator[Likeness]) -> Iterator[Likeness]:
    """The heaviest pair of each customer, the heaviest first."""
    seen = set()
    for each in rows:
        if each.customer_id not in seen:
            seen.add(each.customer_id)
            yield each


def _speaks_for_itself(each: Likeness) -> bool:
    agreement = {field: said["agreement"] for field, said in each.evidence.items()}
    return each.weight >= LINK_AT and agreement.get("name") in ALIKE_NAMES and agreement.get("tax_id") != "other"
