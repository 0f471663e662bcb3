"""The functions SuiteQL has, and how each is said to the storage engine.

Belongs here: one entry per function, as data. `BUILTIN.DF` and aggregates over windows are written by `writer`.
Source: Oracle online help, SuiteQL Supported and Unsupported Functions; Oracle Database SQL Language Reference.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from sync_assets.sandbox.vendors.netsuite.schema import Kind
from sync_assets.sandbox.vendors.netsuite.suiteql.pieces import (
    DAY_SECONDS,
    Facts,
    Piece,
    alike,
    as_date,
    as_number,
    as_text,
    common_kind,
    concatenation,
    folded_date,
    quoted,
)

Pieces: TypeAlias = list[Piece]
Write: TypeAlias = Callable[[Pieces, Facts], Piece]

FULL_MODEL = "YYYY-MM-DD HH24:MI:SS"
"""The format model whose text sorts as the date does."""

_NATIVE_MODELS = {FULL_MODEL: "%Y-%m-%d %H:%M:%S", "YYYY-MM-DD": "%Y-%m-%d", "YYYY-MM-DD HH24:MI": "%Y-%m-%d %H:%M"}
_NATIVE_MODELS |= {'YYYY-MM-DD"T"HH24:MI:SS': "%Y-%m-%dT%H:%M:%S", 'YYYY-MM-DD"T"HH24:MI:SS"Z"': "%Y-%m-%dT%H:%M:%SZ"}


@dataclass(frozen=True, kw_only=True)
class Function:
    """How many arguments a function takes and how it is written."""

    fewest: int
    most: int
    write: Write


def _text_function(sql: str) -> Write:
    def write(pieces: Pieces, facts: Facts) -> Piece:
        texts = ", ".join(as_text(piece, facts).sql if at == 0 else piece.sql for at, piece in enumerate(pieces))
        return Piece(sql=f"NULLIF({sql}({texts}), '')", kind=Kind.TEXT)

    return write


def _replace(pieces: Pieces, facts: Facts) -> Piece:
    text, searched = as_text(pieces[0], facts).sql, pieces[1].sql
    inserted = f"COALESCE({pieces[2].sql}, '')" if len(pieces) > 2 else "''"
    return Piece(sql=f"NULLIF(REPLACE({text}, {searched}, {inserted}), '')", kind=Kind.TEXT)


def _whole(sql: str) -> Write:
    return lambda pieces, facts: Piece(
        sql=f"{sql}({', '.join(as_text(piece, facts).sql for piece in pieces)})", kind=Kind.INTEGER
    )


def _number(sql: str, kind: Kind | None = None) -> Write:
    def write(pieces: Pieces, _facts: Facts) -> Piece:
        numbers = [as_number(piece) for piece in pieces]
        return Piece(sql=f"{sql}({', '.join(piece.sql for piece in numbers)})", kind=kind or common_kind(numbers))

    return write


def _to_char(pieces: Pieces, facts: Facts) -> Piece:
    first = pieces[0]
    if len(pieces) == 1 or first.kind is None:
        return as_text(first, facts)
    model = pieces[1].literal or ""
    if first.kind.is_number:
        return Piece(sql=f"ns_picture({first.sql}, {pieces[1].sql})", kind=Kind.TEXT)
    date = as_date(first, facts)
    native = _NATIVE_MODELS.get(model.upper())
    if native is not None:
        return Piece(sql=f"strftime('{native}', {date.sql}, 'unixepoch')", kind=Kind.TEXT)
    return Piece(sql=f"ns_to_char({date.sql}, {pieces[1].sql})", kind=Kind.TEXT)


def _to_date(pieces: Pieces, facts: Facts) -> Piece:
    first = pieces[0]
    if len(pieces) == 1 or (first.kind is not None and first.kind.is_date):
        return as_date(first, facts)
    text, model = as_text(first, facts), pieces[1]
    if text.literal is not None and model.literal is not None:
        return Piece(sql=str(folded_date(text.literal, model.literal)), kind=Kind.MOMENT)
    return Piece(sql=f"ns_to_date({text.sql}, {model.sql})", kind=Kind.MOMENT)


def _trunc(pieces: Pieces, facts: Facts) -> Piece:
    first = pieces[0]
    if first.kind is None or not first.kind.is_date:
        places = pieces[1].sql if len(pieces) > 1 else "0"
        return Piece(sql=f"ns_cut({as_number(first).sql}, {places})", kind=Kind.DECIMAL)
    unit = pieces[1] if len(pieces) > 1 else Piece(sql="'DD'", kind=Kind.TEXT, literal="DD")
    if unit.literal == "DD":
        day = f"({first.sql} - (({first.sql} % {DAY_SECONDS}) + {DAY_SECONDS}) % {DAY_SECONDS})"
        return Piece(sql=day, kind=Kind.MOMENT)
    return Piece(sql=f"ns_trunc_date({as_date(first, facts).sql}, {unit.sql})", kind=Kind.MOMENT)


def _round(pieces: Pieces, _facts: Facts) -> Piece:
    places = pieces[1].sql if len(pieces) > 1 else "0"
    return Piece(sql=f"ns_round({as_number(pieces[0]).sql}, {places})", kind=Kind.DECIMAL)


def _coalesce(pieces: Pieces, _facts: Facts) -> Piece:
    return Piece(sql=f"COALESCE({', '.join(piece.sql for piece in pieces)})", kind=common_kind(pieces))


def _nvl2(pieces: Pieces, _facts: Facts) -> Piece:
    subject, given, absent = pieces
    sql = f"CASE WHEN {subject.sql} IS NOT NULL THEN {given.sql} ELSE {absent.sql} END"
    return Piece(sql=sql, kind=common_kind(pieces[1:]))


def _decode(pieces: Pieces, facts: Facts) -> Piece:
    subject, rest = pieces[0], pieces[1:]
    default = rest[-1].sql if len(rest) % 2 else "NULL"
    branches: list[str] = []
    for search, result in zip(rest[::2], rest[1::2], strict=False):
        left, right = alike(subject, search, facts)
        branches.append(f"WHEN {left.sql} IS {right.sql} THEN {result.sql}")
    results = [*rest[1::2], *(rest[-1:] if len(rest) % 2 else [])]
    return Piece(sql=f"CASE {' '.join(branches)} ELSE {default} END", kind=common_kind(results))


def _nullif(pieces: Pieces, facts: Facts) -> Piece:
    left, right = alike(pieces[0], pieces[1], facts)
    return Piece(sql=f"NULLIF({left.sql}, {right.sql})", kind=left.kind)


def _extreme(sql: str) -> Write:
    def write(pieces: Pieces, _facts: Facts) -> Piece:
        return Piece(sql=f"{sql}({', '.join(piece.sql for piece in pieces)})", kind=common_kind(pieces))

    return write


def _now(pieces: Pieces, facts: Facts) -> Piece:
    del pieces
    return Piece(sql=str(facts.now), kind=Kind.MOMENT)


def _today(pieces: Pieces, facts: Facts) -> Piece:
    del pieces
    return Piece(sql=str(facts.now), kind=Kind.DAY)


def _moved(sql: str) -> Write:
    def write(pieces: Pieces, facts: Facts) -> Piece:
        rest = "".join(f", {piece.sql}" for piece in pieces[1:])
        return Piece(sql=f"{sql}({as_date(pieces[0], facts).sql}{rest})", kind=Kind.MOMENT)

    return write


_EXTRACTS = {"YEAR": "%Y", "MONTH": "%m", "DAY": "%d", "HOUR": "%H", "MINUTE": "%M", "SECOND": "%S"}


def _extract(pieces: Pieces, facts: Facts) -> Piece:
    part = _EXTRACTS.get(pieces[0].literal or "", "%Y")
    return Piece(
        sql=f"CAST(strftime('{part}', {as_date(pieces[1], facts).sql}, 'unixepoch') AS INTEGER)", kind=Kind.INTEGER
    )


def _sum(pieces: Pieces, _facts: Facts) -> Piece:
    value = as_number(pieces[0])
    return Piece(sql=f"{'SUM' if value.kind is Kind.INTEGER else 'ns_sum'}({value.sql})", kind=value.kind)


def _same_kind(sql: str) -> Write:
    return lambda pieces, _facts: Piece(sql=f"{sql}({pieces[0].sql})", kind=pieces[0].kind)


def _list(pieces: Pieces, facts: Facts) -> Piece:
    between = pieces[1].sql if len(pieces) > 1 else quoted("")
    return Piece(sql=f"ns_list({as_text(pieces[0], facts).sql}, {between})", kind=Kind.TEXT)


def _function(write: Write, fewest: int, most: int | None = None) -> Function:
    return Function(fewest=fewest, most=fewest if most is None else most, write=write)


AGGREGATES: dict[str, Function] = {
    "COUNT": _function(lambda pieces, _facts: Piece(sql=f"COUNT({pieces[0].sql})", kind=Kind.INTEGER), 1),
    "SUM": _function(_sum, 1),
    "AVG": _function(_number("ns_avg", Kind.DECIMAL), 1),
    "MIN": _function(_same_kind("MIN"), 1),
    "MAX": _function(_same_kind("MAX"), 1),
    "LISTAGG": _function(_list, 1, 2),
}

FUNCTIONS: dict[str, Function] = {
    "TO_CHAR": _function(_to_char, 1, 2),
    "TO_DATE": _function(_to_date, 1, 2),
    "TO_TIMESTAMP": _function(_to_date, 1, 2),
    "TO_NUMBER": _function(lambda pieces, _facts: as_number(pieces[0]), 1),
    "TRUNC": _function(_trunc, 1, 2),
    "ROUND": _function(_round, 1, 2),
    "NVL": _function(_coalesce, 2),
    "COALESCE": _function(_coalesce, 2, 99),
    "NVL2": _function(_nvl2, 3),
    "DECODE": _function(_decode, 3, 255),
    "NULLIF": _function(_nullif, 2),
    "GREATEST": _function(_extreme("MAX"), 2, 99),
    "LEAST": _function(_extreme("MIN"), 2, 99),
    "UPPER": _function(_text_function("UPPER"), 1),
    "LOWER": _function(_text_function("LOWER"), 1),
    "TRIM": _function(_text_function("TRIM"), 1),
    "LTRIM": _function(_text_function("LTRIM"), 1, 2),
    "RTRIM": _function(_text_function("RTRIM"), 1, 2),
    "SUBSTR": _function(_text_function("SUBSTR"), 2, 3),
    "REPLACE": _function(_replace, 2, 3),
    "CONCAT": _function(lambda pieces, facts: concatenation(pieces[0], pieces[1], facts), 2),
    "LENGTH": _function(_whole("LENGTH"), 1),
    "INSTR": _function(_whole("INSTR"), 2),
    "ABS": _function(_number("ABS"), 1),
    "SIGN": _function(_number("SIGN", Kind.INTEGER), 1),
    "CEIL": _function(lambda pieces, _facts: _step(pieces[0], up=True), 1),
    "FLOOR": _function(lambda pieces, _facts: _step(pieces[0], up=False), 1),
    "MOD": _function(
        lambda pieces, _facts: Piece(sql=f"({pieces[0].sql} % {pieces[1].sql})", kind=common_kind(pieces)), 2
    ),
    "ADD_MONTHS": _function(_moved("ns_add_months"), 2),
    "LAST_DAY": _function(_moved("ns_last_day"), 1),
    "EXTRACT": _function(_extract, 2),
    "SYSDATE": _function(_now, 0),
    "SYSTIMESTAMP": _function(_now, 0),
    "CURRENT_TIMESTAMP": _function(_now, 0),
    "LOCALTIMESTAMP": _function(_now, 0),
    "CURRENT_DATE": _function(_today, 0),
}

WINDOW_ONLY = {"ROW_NUMBER": 0, "RANK": 0, "DENSE_RANK": 0}
"""Functions that need OVER, with their number of arguments."""


def _step(piece: Piece, *, up: bool) -> Piece:
    number = as_number(piece).sql
    whole = f"CAST({number} AS INTEGER)"
    step = f"({number} > {whole})" if up else f"-({number} < {whole})"
    return Piece(sql=f"({whole} + {step})", kind=Kind.INTEGER)


def cast(piece: Piece, type_name: str, facts: Facts) -> Piece | None:
    """CAST to a type name without its size; None when SuiteQL has no such type."""
    if type_name in ("INTEGER", "INT", "SMALLINT"):
        return Piece(sql=f"CAST(ns_round({as_number(piece).sql}, 0) AS INTEGER)", kind=Kind.INTEGER)
    if type_name in ("NUMBER", "DECIMAL", "NUMERIC", "FLOAT", "DOUBLE", "REAL"):
        return Piece(sql=f"CAST({as_number(piece).sql} AS REAL)", kind=Kind.DECIMAL)
    if type_name in ("VARCHAR", "VARCHAR2", "CHAR", "NVARCHAR2"):
        return as_text(piece, facts)
    if type_name in ("DATE", "TIMESTAMP"):
        return as_date(piece, facts)
    return None


def date_literal(value: str, *, has_time: bool) -> Piece:
    """DATE '...' and TIMESTAMP '...'."""
    model = FULL_MODEL if has_time else "YYYY-MM-DD"
    return Piece(sql=str(folded_date(value, model)), kind=Kind.MOMENT if has_time else Kind.DAY)
