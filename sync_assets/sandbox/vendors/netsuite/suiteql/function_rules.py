"""How the functions of SuiteQL are said to the storage engine, one rule each.

Belongs here: from said arguments to a said result. Which function follows which rule is told by `functions`.
Source: Oracle Database SQL Language Reference.
"""

from collections.abc import Callable
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
    folded_date,
)

Pieces: TypeAlias = list[Piece]
Write: TypeAlias = Callable[[Pieces, Facts], Piece]

FULL_MODEL = "YYYY-MM-DD HH24:MI:SS"
"""The format model whose text sorts as the date does."""

_NATIVE_MODELS = {FULL_MODEL: "%Y-%m-%d %H:%M:%S", "YYYY-MM-DD": "%Y-%m-%d", "YYYY-MM-DD HH24:MI": "%Y-%m-%d %H:%M"}
_NATIVE_MODELS |= {'YYYY-MM-DD"T"HH24:MI:SS': "%Y-%m-%dT%H:%M:%S", 'YYYY-MM-DD"T"HH24:MI:SS"Z"': "%Y-%m-%dT%H:%M:%SZ"}


def of_text(sql: str) -> Write:
    """A function of text that the engine has under that name; an empty result is null."""

    def write(pieces: Pieces, facts: Facts) -> Piece:
        texts = ", ".join(as_text(piece, facts).sql if at == 0 else piece.sql for at, piece in enumerate(pieces))
        return Piece(sql=f"NULLIF({sql}({texts}), '')", kind=Kind.TEXT)

    return write


def replaced(sql: str) -> Write:
    """REPLACE and REGEXP_REPLACE; without a replacement what is searched for is taken out."""

    def write(pieces: Pieces, facts: Facts) -> Piece:
        text, searched = as_text(pieces[0], facts).sql, pieces[1].sql
        inserted = f"COALESCE({pieces[2].sql}, '')" if len(pieces) > 2 else "''"
        return Piece(sql=f"NULLIF({sql}({text}, {searched}, {inserted}), '')", kind=Kind.TEXT)

    return write


def padded(sql: str) -> Write:
    """LPAD and RPAD, with blanks unless told otherwise."""

    def write(pieces: Pieces, facts: Facts) -> Piece:
        filler = pieces[2].sql if len(pieces) > 2 else "' '"
        return Piece(sql=f"{sql}({as_text(pieces[0], facts).sql}, {pieces[1].sql}, {filler})", kind=Kind.TEXT)

    return write


def placed(pieces: Pieces, facts: Facts) -> Piece:
    """INSTR, from a place on when told."""
    start = pieces[2].sql if len(pieces) > 2 else "1"
    return Piece(sql=f"ns_instr({as_text(pieces[0], facts).sql}, {pieces[1].sql}, {start})", kind=Kind.INTEGER)


def whole_number(sql: str) -> Write:
    """A function of text whose result is a whole number."""
    return lambda pieces, facts: Piece(
        sql=f"{sql}({', '.join(as_text(piece, facts).sql for piece in pieces)})", kind=Kind.INTEGER
    )


def of_numbers(sql: str, kind: Kind | None = None) -> Write:
    """A function of numbers that the engine has under that name."""

    def write(pieces: Pieces, _facts: Facts) -> Piece:
        numbers = [as_number(piece) for piece in pieces]
        return Piece(sql=f"{sql}({', '.join(piece.sql for piece in numbers)})", kind=kind or common_kind(numbers))

    return write


def to_char(pieces: Pieces, facts: Facts) -> Piece:
    """TO_CHAR of a number or a date; the format models people use most are left to the engine, which is faster."""
    first = pieces[0]
    if len(pieces) == 1 or first.kind is None:
        return as_text(first, facts)
    if first.kind is Kind.ZONED:
        return Piece(sql=f"ns_zoned_to_char({first.sql}, {pieces[1].sql})", kind=Kind.TEXT)
    model = pieces[1].literal or ""
    if first.kind.is_number:
        return Piece(sql=f"ns_picture({first.sql}, {pieces[1].sql})", kind=Kind.TEXT)
    date = as_date(first, facts)
    native = _NATIVE_MODELS.get(model.upper())
    if native is not None:
        return Piece(sql=f"strftime('{native}', {date.sql}, 'unixepoch')", kind=Kind.TEXT)
    return Piece(sql=f"ns_to_char({date.sql}, {pieces[1].sql})", kind=Kind.TEXT)


def to_date(pieces: Pieces, facts: Facts) -> Piece:
    """TO_DATE and TO_TIMESTAMP; a literal is read at once, so a bad one is refused before anything runs."""
    first = pieces[0]
    if len(pieces) == 1 or (first.kind is not None and first.kind.is_date):
        return as_date(first, facts)
    text, model = as_text(first, facts), pieces[1]
    if text.literal is not None and model.literal is not None:
        return Piece(sql=str(folded_date(text.literal, model.literal)), kind=Kind.MOMENT)
    return Piece(sql=f"ns_to_date({text.sql}, {model.sql})", kind=Kind.MOMENT)


def truncated(pieces: Pieces, facts: Facts) -> Piece:
    """TRUNC of a date to the start of a unit, or of a number towards zero."""
    first = pieces[0]
    if first.kind is Kind.ZONED:
        first = as_date(first, facts)
    if first.kind is None or not first.kind.is_date:
        places = pieces[1].sql if len(pieces) > 1 else "0"
        return Piece(sql=f"ns_cut({as_number(first).sql}, {places})", kind=Kind.DECIMAL)
    unit = pieces[1] if len(pieces) > 1 else Piece(sql="'DD'", kind=Kind.TEXT, literal="DD")
    if unit.literal == "DD":
        day = f"({first.sql} - (({first.sql} % {DAY_SECONDS}) + {DAY_SECONDS}) % {DAY_SECONDS})"
        return Piece(sql=day, kind=Kind.MOMENT)
    return Piece(sql=f"ns_trunc_date({as_date(first, facts).sql}, {unit.sql})", kind=Kind.MOMENT)


def rounded(pieces: Pieces, _facts: Facts) -> Piece:
    """ROUND, half away from zero."""
    places = pieces[1].sql if len(pieces) > 1 else "0"
    return Piece(sql=f"ns_round({as_number(pieces[0]).sql}, {places})", kind=Kind.DECIMAL)


def first_given(pieces: Pieces, _facts: Facts) -> Piece:
    """NVL and COALESCE."""
    return Piece(sql=f"COALESCE({', '.join(piece.sql for piece in pieces)})", kind=common_kind(pieces))


def either(pieces: Pieces, _facts: Facts) -> Piece:
    """NVL2."""
    subject, given, absent = pieces
    sql = f"CASE WHEN {subject.sql} IS NOT NULL THEN {given.sql} ELSE {absent.sql} END"
    return Piece(sql=sql, kind=common_kind(pieces[1:]))


def decoded(pieces: Pieces, facts: Facts) -> Piece:
    """DECODE, for which null equals null."""
    subject, rest = pieces[0], pieces[1:]
    default = rest[-1].sql if len(rest) % 2 else "NULL"
    branches: list[str] = []
    for search, result in zip(rest[::2], rest[1::2], strict=False):
        left, right = alike(subject, search, facts)
        branches.append(f"WHEN {left.sql} IS {right.sql} THEN {result.sql}")
    results = [*rest[1::2], *(rest[-1:] if len(rest) % 2 else [])]
    return Piece(sql=f"CASE {' '.join(branches)} ELSE {default} END", kind=common_kind(results))


def null_if(pieces: Pieces, facts: Facts) -> Piece:
    """NULLIF."""
    left, right = alike(pieces[0], pieces[1], facts)
    return Piece(sql=f"NULLIF({left.sql}, {right.sql})", kind=left.kind)


def extreme(sql: str) -> Write:
    """GREATEST and LEAST; null when one argument is."""

    def write(pieces: Pieces, _facts: Facts) -> Piece:
        return Piece(sql=f"{sql}({', '.join(piece.sql for piece in pieces)})", kind=common_kind(pieces))

    return write


def wall_now(pieces: Pieces, facts: Facts) -> Piece:
    """SYSDATE and its kin: the account's wall clock."""
    del pieces
    return Piece(sql=str(facts.now), kind=Kind.MOMENT)


def wall_today(pieces: Pieces, facts: Facts) -> Piece:
    """CURRENT_DATE: the account's day, the time of day hidden in it."""
    del pieces
    return Piece(sql=str(facts.now), kind=Kind.DAY)


def of_date(sql: str) -> Write:
    """A function of a date whose result is a date."""

    def write(pieces: Pieces, facts: Facts) -> Piece:
        rest = "".join(f", {piece.sql}" for piece in pieces[1:])
        return Piece(sql=f"{sql}({as_date(pieces[0], facts).sql}{rest})", kind=Kind.MOMENT)

    return write


_EXTRACTS = {"YEAR": "%Y", "MONTH": "%m", "DAY": "%d", "HOUR": "%H", "MINUTE": "%M", "SECOND": "%S"}


def extracted(pieces: Pieces, facts: Facts) -> Piece:
    """EXTRACT(part FROM date)."""
    part = _EXTRACTS.get(pieces[0].literal or "", "%Y")
    return Piece(
        sql=f"CAST(strftime('{part}', {as_date(pieces[1], facts).sql}, 'unixepoch') AS INTEGER)", kind=Kind.INTEGER
    )


def exact_sum(pieces: Pieces, _facts: Facts) -> Piece:
    """SUM without rounding."""
    value = as_number(pieces[0])
    return Piece(sql=f"{'SUM' if value.kind is Kind.INTEGER else 'ns_sum'}({value.sql})", kind=value.kind)


def distinct_count(pieces: Pieces, _facts: Facts) -> Piece:
    """APPROX_COUNT_DISTINCT, exactly."""
    return Piece(sql=f"COUNT(DISTINCT {pieces[0].sql})", kind=Kind.INTEGER)


def bucket(pieces: Pieces, facts: Facts) -> Piece:
    """ORA_HASH into one of several buckets."""
    highest = pieces[1].sql if len(pieces) > 1 else "4294967295"
    return Piece(sql=f"ns_bucket({as_text(pieces[0], facts).sql}, {highest})", kind=Kind.INTEGER)


def months_between(pieces: Pieces, facts: Facts) -> Piece:
    """MONTHS_BETWEEN of two dates."""
    dates = ", ".join(as_date(piece, facts).sql for piece in pieces)
    return Piece(sql=f"ns_months_between({dates})", kind=Kind.DECIMAL)


def same_kind(sql: str) -> Write:
    """An aggregate whose result is one of its inputs."""
    return lambda pieces, _facts: Piece(sql=f"{sql}({pieces[0].sql})", kind=pieces[0].kind)


def whole_step(piece: Piece, *, up: bool) -> Piece:
    """CEIL and FLOOR."""
    number = as_number(piece).sql
    whole = f"CAST({number} AS INTEGER)"
    step = f"({number} > {whole})" if up else f"-({number} < {whole})"
    return Piece(sql=f"({whole} + {step})", kind=Kind.INTEGER)
