"""What a table must look like: expectations as data, derived from the entity definitions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync_assets.model.entities import ENTITIES
from sync_assets.model.money import EXPONENTS

QUARANTINED_SHARE_MAX = 0.05
"""Share of unreadable rows up to which the rest may flow; above it the table itself is in doubt."""

VOLUME_SHARE_MIN = 0.5
"""A full read must bring at least this share of what the last full reads brought."""


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """One expectation; `warns` never blocks. `kind` and `arguments` are those of a Great Expectations class.

    `entity` says on which entity's rows it is checked. `advice` is what a person should do when it fails.
    """

    kind: str
    arguments: Mapping[str, Any]
    entity: str = ""
    warns: bool = False
    advice: str = "Look at the listed records in the system, mend them there, and run the sync again."

    @property
    def column(self) -> str:
        """The column it is about."""
        return str(self.arguments.get("column") or self.arguments.get("column_A") or "")


def entity_suite(entity: str) -> list[Expectation]:
    """What the definition of an entity implies for every row of every system."""
    suite = [
        Expectation(kind="ExpectColumnValuesToNotBeNull", arguments={"column": "record_id"}),
        Expectation(kind="ExpectColumnValuesToBeUnique", arguments={"column": "record_id"}),
    ]
    for field in ENTITIES[entity].fields:
        if field.required:
            suite.append(Expectation(kind="ExpectColumnValuesToNotBeNull", arguments={"column": field.name}))
        if field.one_of:
            values = {"column": field.name, "value_set": list(field.one_of)}
            suite.append(Expectation(kind="ExpectColumnValuesToBeInSet", arguments=values))
        if field.name == "currency":
            values = {"column": field.name, "value_set": sorted(EXPONENTS)}
            suite.append(Expectation(kind="ExpectColumnValuesToBeInSet", arguments=values))
    return suite + BUSINESS.get(entity, [])


BUSINESS: dict[str, list[Expectation]] = {
    "invoice": [
        Expectation(
            kind="ExpectColumnPairValuesToBeEqual",
            arguments={
                "column_A": "total_minor",
                "column_B": "lines_minor",
                "ignore_row_if": "either_value_is_missing",
            },
            warns=True,
            advice="The header is not the sum of its lines; the break list (F49) says which invoices and since when.",
        )
    ],
}
"""Disagreements of the business: they pass with a warning and become breaks."""

WINDOW_SUITE = [
    Expectation(
        kind="ExpectColumnMaxToBeBetween",
        arguments={"column": "quarantined_share", "max_value": QUARANTINED_SHARE_MAX},
        advice="Too many records cannot be read: see the dead letters' reasons; the vendor may have changed its API.",
    ),
    Expectation(
        kind="ExpectColumnMinToBeBetween",
        arguments={"column": "volume_share", "min_value": VOLUME_SHARE_MIN},
        advice="A full read brought far fewer records than the last ones: check permissions and filters in the system.",
    ),
]
"""What must hold of a read as a whole."""
