"""The functions SuiteQL has, with how many arguments each takes.

Belongs here: one entry per function, as data. `BUILTIN.DF` is said by `display`, windows by `writer`.
Source: Oracle online help, SuiteQL Supported Built-in Functions (LISTAGG, LEFT, SUBSTRING and their like are not).
"""

from dataclasses import dataclass

from sync_assets.sandbox.vendors.netsuite.schema import Kind
from sync_assets.sandbox.vendors.netsuite.suiteql import conversions
from sync_assets.sandbox.vendors.netsuite.suiteql import function_rules as rules
from sync_assets.sandbox.vendors.netsuite.suiteql.pieces import Piece, as_number, concatenation


@dataclass(frozen=True, kw_only=True)
class Function:
    """How many arguments a function takes and how it is written."""

    fewest: int
    most: int
    write: rules.Write


def _function(write: rules.Write, fewest: int, most: int | None = None) -> Function:
    return Function(fewest=fewest, most=fewest if most is None else most, write=write)


AGGREGATES: dict[str, Function] = {
    "COUNT": _function(lambda pieces, _facts: Piece(sql=f"COUNT({pieces[0].sql})", kind=Kind.INTEGER), 1),
    "SUM": _function(rules.exact_sum, 1),
    "AVG": _function(rules.of_numbers("ns_avg", Kind.DECIMAL), 1),
    "MIN": _function(rules.same_kind("MIN"), 1),
    "MAX": _function(rules.same_kind("MAX"), 1),
    "MEDIAN": _function(rules.of_numbers("ns_median", Kind.DECIMAL), 1),
    "APPROX_COUNT_DISTINCT": _function(rules.distinct_count, 1),
}

FUNCTIONS: dict[str, Function] = {
    "TO_CHAR": _function(rules.to_char, 1, 2),
    "TO_NCHAR": _function(rules.to_char, 1, 2),
    "TO_CLOB": _function(rules.to_char, 1),
    "TO_DATE": _function(rules.to_date, 1, 2),
    "TO_TIMESTAMP": _function(rules.to_date, 1, 2),
    "TO_NUMBER": _function(lambda pieces, _facts: as_number(pieces[0]), 1),
    "TRUNC": _function(rules.truncated, 1, 2),
    "ROUND": _function(rules.rounded, 1, 2),
    "NVL": _function(rules.first_given, 2),
    "COALESCE": _function(rules.first_given, 2, 99),
    "NVL2": _function(rules.either, 3),
    "DECODE": _function(rules.decoded, 3, 255),
    "NULLIF": _function(rules.null_if, 2),
    "GREATEST": _function(rules.extreme("MAX"), 2, 99),
    "LEAST": _function(rules.extreme("MIN"), 2, 99),
    "UPPER": _function(rules.of_text("UPPER"), 1),
    "LOWER": _function(rules.of_text("LOWER"), 1),
    "TRIM": _function(rules.of_text("TRIM"), 1),
    "LTRIM": _function(rules.of_text("LTRIM"), 1, 2),
    "RTRIM": _function(rules.of_text("RTRIM"), 1, 2),
    "SUBSTR": _function(rules.of_text("SUBSTR"), 2, 3),
    "REPLACE": _function(rules.replaced("REPLACE"), 2, 3),
    "CONCAT": _function(lambda pieces, facts: concatenation(pieces[0], pieces[1], facts), 2),
    "LENGTH": _function(rules.whole_number("LENGTH"), 1),
    "INSTR": _function(rules.placed, 2, 3),
    "LPAD": _function(rules.padded("ns_pad_left"), 2, 3),
    "RPAD": _function(rules.padded("ns_pad_right"), 2, 3),
    "ABS": _function(rules.of_numbers("ABS"), 1),
    "SIGN": _function(rules.of_numbers("SIGN", Kind.INTEGER), 1),
    "CEIL": _function(lambda pieces, _facts: rules.whole_step(pieces[0], up=True), 1),
    "FLOOR": _function(lambda pieces, _facts: rules.whole_step(pieces[0], up=False), 1),
    "MOD": _function(rules.of_numbers("ns_mod"), 2),
    "POWER": _function(rules.of_numbers("ns_power", Kind.DECIMAL), 2),
    "BITAND": _function(lambda pieces, _facts: Piece(sql=f"({pieces[0].sql} & {pieces[1].sql})", kind=Kind.INTEGER), 2),
    "ORA_HASH": _function(rules.bucket, 1, 2),
    "INITCAP": _function(rules.of_text("ns_capitals"), 1),
    "TRANSLATE": _function(rules.of_text("ns_translated"), 3),
    "CHR": _function(rules.of_text("CHAR"), 1),
    "ASCII": _function(rules.whole_number("UNICODE"), 1),
    "REGEXP_REPLACE": _function(rules.replaced("ns_pattern_replaced"), 2, 3),
    "REGEXP_SUBSTR": _function(rules.of_text("ns_pattern_found"), 2),
    "REGEXP_INSTR": _function(rules.whole_number("ns_pattern_place"), 2),
    "FROM_TZ": _function(conversions.from_tz, 2),
    "SYS_EXTRACT_UTC": _function(conversions.extract_utc, 1),
    "AT TIME ZONE": _function(conversions.at_zone, 2),
    "TO_TIMESTAMP_TZ": _function(conversions.to_zoned, 2),
    "TZ_OFFSET": _function(conversions.offset_of, 1),
    "NEW_TIME": _function(rules.of_date("ns_new_time"), 3),
    "NEXT_DAY": _function(rules.of_date("ns_next_day"), 2),
    "MONTHS_BETWEEN": _function(rules.months_between, 2),
    "ADD_MONTHS": _function(rules.of_date("ns_add_months"), 2),
    "LAST_DAY": _function(rules.of_date("ns_last_day"), 1),
    "EXTRACT": _function(rules.extracted, 2),
    "SYSDATE": _function(rules.wall_now, 0),
    "SYSTIMESTAMP": _function(conversions.zoned_now, 0),
    "CURRENT_TIMESTAMP": _function(conversions.zoned_now, 0),
    "LOCALTIMESTAMP": _function(rules.wall_now, 0),
    "CURRENT_DATE": _function(rules.wall_today, 0),
}

WINDOW_ONLY = frozenset({"ROW_NUMBER", "RANK", "DENSE_RANK"})
"""Functions without arguments that need OVER."""
