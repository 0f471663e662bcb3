"""Pieces of engine SQL with the kind of value they give, and what Oracle's rules make of mixed kinds.

Belongs here: conversions between kinds. No names, no functions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from sync_assets.sandbox.vendors.netsuite.errors import bad_query
from sync_assets.sandbox.vendors.netsuite.schema import Kind
from sync_assets.sandbox.vendors.netsuite.suiteql.date_formats import to_date
from sync_assets.sandbox.vendors.netsuite.suiteql.words import UNSUPPORTED

DAY_SECONDS = 86_400


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Engine SQL for one expression. `kind` is None for NULL; `literal` holds the text of a string literal."""

    sql: str
    kind: Kind | None
    literal: str | None = None
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What an expression may ask of the account at the moment of the query."""

    date_format: str
    now: int
    now_utc: int
    zone: str


def select(items: str, source: str) -> str:
    """A SELECT of the engine: what, and everything from FROM on."""
    return f"SELECT {items} FROM {source}"  # noqa: S608 - both are said by this room, names checked, texts quoted


def quoted(text: str) -> str:
    """A string literal of the engine."""
    return "'" + text.replace("'", "''") + "'"


def common_kind(pieces: Iterable[Piece]) -> Kind | None:
    """The kind of a value that may come from any of these pieces: the first one's, widened where numbers mix."""
    kinds = [piece.kind for piece in pieces if piece.kind is not None]
    if Kind.DECIMAL in kinds and kinds[0] is Kind.INTEGER:
        return Kind.DECIMAL
    return kinds[0] if kinds else None


_MODELS = {
    "M/D/YYYY": "MM/DD/YYYY",
    "D/M/YYYY": "DD/MM/YYYY",
    "D.M.YYYY": "DD.MM.YYYY",
    "YYYY-M-D": "YYYY-MM-DD",
}


def model_of(date_format: str) -> str:
    """The format model that reads the account's display format."""
    return _MODELS.get(date_format, date_format)


def as_text(piece: Piece, facts: Facts) -> Piece:
    """The value as Oracle turns it into text."""
    if piece.kind is Kind.INTEGER:
        return Piece(sql=f"CAST({piece.sql} AS TEXT)", kind=Kind.TEXT)
    if piece.kind is Kind.DECIMAL:
        return Piece(sql=f"ns_number_text({piece.sql})", kind=Kind.TEXT)
    if piece.kind is not None and piece.kind.is_date:
        wall = as_date(piece, facts).sql
        return Piece(sql=f"ns_display_date({wall}, {quoted(facts.date_format)})", kind=Kind.TEXT)
    return piece


def as_zoned(piece: Piece, facts: Facts) -> Piece:
    """The value as a timestamp with time zone; a date is told in the account's zone."""
    if piece.kind is Kind.ZONED:
        return piece
    return Piece(sql=f"ns_from_tz({as_date(piece, facts).sql}, {quoted(facts.zone)})", kind=Kind.ZONED)


def as_date(piece: Piece, facts: Facts) -> Piece:
    """The value as a date; text is read in the account's display format, as NetSuite does.

    Raises:
        RefusedError: a literal that is no date in that format.
    """
    if piece.kind is Kind.ZONED:
        return Piece(sql=f"ns_wall_in({piece.sql}, {quoted(facts.zone)})", kind=Kind.MOMENT)
    if piece.kind is None or piece.kind.is_date:
        return piece
    model = model_of(facts.date_format)
    if piece.literal is not None:
        return Piece(sql=str(folded_date(piece.literal, model)), kind=Kind.MOMENT)
    return Piece(sql=f"ns_to_date({piece.sql}, {quoted(model)})", kind=Kind.MOMENT)


def folded_date(text: str, model: str) -> int:
    """The stored seconds of a literal date, or the refusal of a text that is none."""
    try:
        return to_date(text, model)
    except ValueError:
        raise bad_query(UNSUPPORTED) from None


def as_number(piece: Piece) -> Piece:
    """The value as a number; a literal that is none is refused."""
    if piece.kind is not Kind.TEXT:
        return piece
    if piece.literal is None:
        return Piece(sql=f"ns_to_number({piece.sql})", kind=Kind.DECIMAL)
    try:
        number = Decimal(piece.literal.strip())
    except InvalidOperation:
        raise bad_query(UNSUPPORTED) from None
    whole = number == number.to_integral_value()
    return Piece(sql=f"({number:f})", kind=Kind.INTEGER if whole else Kind.DECIMAL)


def alike(left: Piece, right: Piece, facts: Facts) -> tuple[Piece, Piece]:
    """Both sides of a comparison, converted so that the engine compares what Oracle compares."""
    kinds = {left.kind, right.kind}
    if any(kind is not None and kind.is_date for kind in kinds):
        return as_date(left, facts), as_date(right, facts)
    if any(kind is not None and kind.is_number for kind in kinds) and Kind.TEXT in kinds:
        stored = [piece for piece in (left, right) if piece.kind is Kind.TEXT and piece.literal is None]
        if stored:
            return as_text(left, facts), as_text(right, facts)
        return as_number(left), as_number(right)
    return left, right


def arithmetic(sign: str, left: Piece, right: Piece, facts: Facts) -> Piece:
    """The sum, difference, product or quotient; dates move by days and differ by days."""
    left, right = (as_date(piece, facts) if piece.kind is Kind.ZONED else piece for piece in (left, right))
    dates = [piece for piece in (left, right) if piece.kind is not None and piece.kind.is_date]
    if dates and sign in ("+", "-"):
        return _date_arithmetic(sign, left, right, both=len(dates) == 2)
    left, right = as_number(left), as_number(right)
    if sign == "/":
        return Piece(sql=f"(({left.sql}) * 1.0 / NULLIF({right.sql}, 0))", kind=Kind.DECIMAL)
    both_whole = left.kind is Kind.INTEGER and right.kind is Kind.INTEGER
    return Piece(sql=f"({left.sql} {sign} {right.sql})", kind=Kind.INTEGER if both_whole else Kind.DECIMAL)


def _date_arithmetic(sign: str, left: Piece, right: Piece, *, both: bool) -> Piece:
    if both:
        return Piece(sql=f"(({left.sql} - {right.sql}) / {DAY_SECONDS}.0)", kind=Kind.DECIMAL)
    date, days = (left, right) if left.kind is not None and left.kind.is_date else (right, left)
    moved = f"CAST(ROUND(({as_number(days).sql}) * {DAY_SECONDS}) AS INTEGER)"
    return Piece(sql=f"({date.sql} {sign} {moved})", kind=Kind.MOMENT)


def concatenation(left: Piece, right: Piece, facts: Facts) -> Piece:
    """Two texts joined; NULL counts as empty, and empty is NULL."""
    texts = [f"COALESCE({as_text(piece, facts).sql}, '')" for piece in (left, right)]
    return Piece(sql=f"NULLIF({' || '.join(texts)}, '')", kind=Kind.TEXT)
