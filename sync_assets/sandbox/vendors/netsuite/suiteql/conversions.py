"""CAST, date literals and time zones: from one type of Oracle's to another, said to the storage engine.

Belongs here: rules like those of `function_rules`, for types. Source: Oracle Database SQL Language Reference.
"""

from sync_assets.sandbox.vendors.netsuite.schema import Kind
from sync_assets.sandbox.vendors.netsuite.suiteql.function_rules import FULL_MODEL, Pieces
from sync_assets.sandbox.vendors.netsuite.suiteql.pieces import (
    Facts,
    Piece,
    as_date,
    as_number,
    as_text,
    as_zoned,
    folded_date,
    quoted,
)


def zoned_now(pieces: Pieces, facts: Facts) -> Piece:
    """CURRENT_TIMESTAMP and SYSTIMESTAMP: now, told in the account's zone."""
    del pieces
    return Piece(sql=quoted(f"{facts.now_utc}@{facts.zone}"), kind=Kind.ZONED)


def from_tz(pieces: Pieces, facts: Facts) -> Piece:
    """FROM_TZ(timestamp, zone)."""
    return Piece(sql=f"ns_from_tz({as_date(pieces[0], facts).sql}, {pieces[1].sql})", kind=Kind.ZONED)


def extract_utc(pieces: Pieces, facts: Facts) -> Piece:
    """SYS_EXTRACT_UTC(timestamp); without a zone of its own it is told in the account's."""
    return Piece(sql=f"ns_extract_utc({as_zoned(pieces[0], facts).sql})", kind=Kind.MOMENT)


def at_zone(pieces: Pieces, facts: Facts) -> Piece:
    """Timestamp AT TIME ZONE zone."""
    return Piece(sql=f"ns_at_zone({as_zoned(pieces[0], facts).sql}, {pieces[1].sql})", kind=Kind.ZONED)


def to_zoned(pieces: Pieces, facts: Facts) -> Piece:
    """TO_TIMESTAMP_TZ(text, model)."""
    text = as_text(pieces[0], facts).sql
    return Piece(sql=f"ns_to_zoned({text}, {pieces[1].sql}, {quoted(facts.zone)})", kind=Kind.ZONED)


def offset_of(pieces: Pieces, facts: Facts) -> Piece:
    """TZ_OFFSET(zone), as it is now."""
    return Piece(sql=f"ns_offset_text({facts.now_utc}, {pieces[0].sql})", kind=Kind.TEXT)


_WHOLE = frozenset({"INTEGER", "INT", "SMALLINT"})
_NUMBERS = frozenset({"NUMBER", "DECIMAL", "NUMERIC", "FLOAT", "DOUBLE", "REAL"})
_TEXTS = frozenset({"VARCHAR", "VARCHAR2", "CHAR", "NVARCHAR2"})


def cast(piece: Piece, type_name: str, facts: Facts) -> Piece | None:
    """CAST to a type name without its size; None when SuiteQL has no such type."""
    if type_name in _WHOLE:
        return Piece(sql=f"CAST(ns_round({as_number(piece).sql}, 0) AS INTEGER)", kind=Kind.INTEGER)
    if type_name in _NUMBERS:
        return Piece(sql=f"CAST({as_number(piece).sql} AS REAL)", kind=Kind.DECIMAL)
    if type_name in _TEXTS:
        return as_text(piece, facts)
    if type_name == "TIMESTAMP WITH TIME ZONE":
        return as_zoned(piece, facts)
    return as_date(piece, facts) if type_name in ("DATE", "TIMESTAMP") else None


def date_literal(value: str, *, has_time: bool) -> Piece:
    """DATE '...' and TIMESTAMP '...'."""
    model = FULL_MODEL if has_time else "YYYY-MM-DD"
    return Piece(sql=str(folded_date(value, model)), kind=Kind.MOMENT if has_time else Kind.DAY)
