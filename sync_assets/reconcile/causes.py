"""Root breaks that share one cause, found from what each of them holds. Pure functions of rows of the ledger.

Belongs here: what members of a group have in common, and the sums of a group. Not here: which break is a symptom of
which (the cause graph), nor how groups are shown. Likeness of states (`open` where `paid` was expected) is no cause:
every break of such a class has it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any

from sync_assets.model.errors import RejectError
from sync_assets.model.money import decimal

SHARED_BY = 3
"""Breaks that must share a cause before they are told as one."""

_SET_ONCE = frozenset(
    ("unit_price", "exchange_rate", "discount_percent", "account_id", "legal_entity", "currency", "sku", "period_id")
) | {"period", "copy_of"}
"""Fields whose wrong value comes from one place: a price list, a table of accounts, a mapping, a merged account."""

_MEASURED = frozenset(("unit_price", "exchange_rate", "total_minor", "amount_minor", "tax_minor", "fee_minor"))
"""Fields that hold a number which a wrong factor would put off everywhere alike."""

_CATALOGUE = frozenset(("items", "item", "item_prices", "product2", "pricebook_entries", "meters", "account"))
"""Streams of what many documents are made with."""

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Group:
    """Roots of one class and hop that share a cause: `shared` says it in words, `money` is by kind and currency."""

    group_id: str
    class_: str
    hop: str
    shared: str
    break_ids: tuple[str, ...]
    money: Mapping[tuple[str, str], int]
    first_at: datetime
    last_at: datetime

    @property
    def count(self) -> int:
        """How many roots the group stands for."""
        return len(self.break_ids)


@dataclass(frozen=True, kw_only=True)
class _Shared:
    """What a break may have in common with others: a key that is equal for all of them, and the same in words."""

    key: tuple[str, ...]
    words: str


def groups_of(rows: Iterable[Row], *, at_least: int = SHARED_BY) -> list[Group]:
    """The groups among open roots, those with most members first; each root is in one group at most.

    Rows are as the ledger stores them; symptoms are passed over. The most telling likeness counts: the same wrong value
    before the same record of the catalogue, the same ratio, the same missed window, the same second of change.
    """
    left = [row for row in rows if row["caused_by"] is None]
    found: list[Group] = []
    for likeness in _LIKENESSES:
        alike: dict[tuple[str, ...], list[tuple[_Shared, Row]]] = defaultdict(list)
        for row in left:
            if (shared := likeness(row)) is not None:
                alike[row["class"], row["hop"], row["field"], *shared.key].append((shared, row))
        fitting = {key: members for key, members in alike.items() if len(members) >= max(at_least, 2)}
        found += [_group(key, members) for key, members in fitting.items()]
        taken = {row["break_id"] for members in fitting.values() for _, row in members}
        left = [row for row in left if row["break_id"] not in taken]
    return sorted(found, key=lambda group: (-group.count, group.group_id))


def group_by_break(groups: Sequence[Group]) -> dict[str, Group]:
    """The group of each break that is in one."""
    return {break_id: group for group in groups for break_id in group.break_ids}


def _group(key: tuple[str, ...], members: Sequence[tuple[_Shared, Row]]) -> Group:
    rows = [row for _, row in members]
    money: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row["currency"]:
            money[row["kind"], row["currency"]] += row["money_at_risk_minor"]
    return Group(
        group_id=sha256("|".join(key).encode()).hexdigest()[:8],
        class_=rows[0]["class"],
        hop=rows[0]["hop"],
        shared=members[0][0].words,
        break_ids=tuple(sorted(row["break_id"] for row in rows)),
        money=dict(sorted(money.items())),
        first_at=min(row["diverged_at"] for row in rows),
        last_at=max(row["diverged_at"] for row in rows),
    )


def _is_absence(row: Row) -> bool:
    return bool(row["found"] == "none" or row["found"].startswith("no "))


def _same_value(row: Row) -> _Shared | None:
    """The same value found where the same other one was expected; prices are alike in one currency only."""
    if row["field"] not in _SET_ONCE or _is_absence(row):
        return None
    currency = (row["currency"] or "") if _number(row["expected"]) is not None else ""
    what = row["field"].replace("_", " ").removesuffix(" id")
    words = f"{what} {row['found']} where {row['expected']}{' ' * bool(currency)}{currency} was expected"
    return _Shared(key=("value", row["expected"], row["found"], currency), words=words)


def _same_catalogue_record(row: Row) -> _Shared | None:
    """One record of the catalogue that the break names; a break that names several tells nothing."""
    named = {(each["system"], each["stream"], each["record_id"]) for each in row["records"]}
    shared = sorted(each for each in named if each[1] in _CATALOGUE)
    if len(shared) != 1:
        return None
    system, stream, record_id = shared[0]
    return _Shared(key=("record", *shared[0]), words=f"all about {record_id} of {system} {stream}")


def _same_ratio(row: Row) -> _Shared | None:
    """The found number over the expected one, exactly as both are written."""
    expected, found = _number(row["expected"]), _number(row["found"])
    if row["field"] not in _MEASURED or not expected or not found or expected == found:
        return None
    ratio = found / expected
    percent = ratio * 100
    is_short = (percent * 100).denominator == 1
    shown = (Decimal(int(percent * 100)) / 100).normalize()
    words = f"{shown:f} %" if is_short else f"{ratio.numerator}/{ratio.denominator}"
    return _Shared(key=("ratio", str(ratio)), words=f"found is {words} of what was expected")


def _same_window(row: Row) -> _Shared | None:
    """Absent since the same day in the same system, and first observed by the same run."""
    if not _is_absence(row) or not row["run_id"]:
        return None
    day = f"{row['diverged_at'].astimezone(UTC):%Y-%m-%d}"
    words = f"all missing in {row['system']} since {day} (UTC), seen by one run"
    return _Shared(key=("window", row["system"], day, row["run_id"]), words=words)


def _same_second(row: Row) -> _Shared | None:
    """Changed in one second of one system: an edit in bulk. Full minutes are calendar days and bill runs, no edits."""
    at = row["diverged_at"].astimezone(UTC)
    if _is_absence(row) or at.second == 0:
        return None
    words = f"all parted in {row['system']} at {at:%Y-%m-%d %H:%M:%S} UTC"
    return _Shared(key=("second", row["system"], f"{at:%Y-%m-%dT%H:%M:%S}"), words=words)


def _number(said: str) -> Fraction | None:
    """A number as a break says it, `49.0000` or in minor units `76000 GBP`; None for other words."""
    number, _, currency = said.partition(" ")
    if currency and not (len(currency) == 3 and currency.isupper()):
        return None
    try:
        return Fraction(decimal(number))
    except RejectError:
        return None


_LIKENESSES: tuple[Callable[[Row], _Shared | None], ...] = (
    _same_value,
    _same_catalogue_record,
    _same_ratio,
    _same_window,
    _same_second,
)
