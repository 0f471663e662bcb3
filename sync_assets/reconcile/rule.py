"""The shape of a rule: what it compares, what it needs, how long copies may take, and the words for a person."""

from dataclasses import dataclass

from sync_assets.model.breaks import Kind
from sync_assets.model.roles import hop_asset

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


@dataclass(frozen=True, kw_only=True)
class Touch:
    """Changed copies of an entity that make roots worth another look.

    `root` is an expression for the root's record id over the changed row `c`, and over what `join` adds.
    """

    role: str
    entity: str
    root: str
    join: str = ""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One failure class as data.

    Attributes:
        class_: its code in the failure catalogue, e.g. F51.
        role: who owns the records that are looked at, the roots; `entity` is what they are.
        needs: (role, entity) pairs that must have been read; their completeness decides what can be said.
        lag_s: how long a copy may take after `happened_at`.
        select: the rows that are wrong. `/*roots*/` stands where `root.record_id = ANY(:roots)` may be put. It yields
            root_id, entity_id, customer_id, currency, happened_at, expected, found, field, at_system, at_record_id,
            records (a JSON list of [system, entity, record id]), and money_minor, or per_period_minor, period_months
            and accrues_at (then the money grows with time); optionally kind.
        touches: which changes make a root worth another look.
        sentence: what a support agent can read out; takes the columns of a row and `money`.
    """

    class_: str
    title: str
    role: str
    entity: str
    needs: tuple[tuple[str, str], ...]
    hop: str
    owner: str
    kind: Kind
    lag_s: int
    select: str
    touches: tuple[Touch, ...]
    sentence: str
    advice: str

    @property
    def name(self) -> str:
        """Unique name of the rule; a class may be looked for on several entities and hops."""
        return f"{self.class_}_{self.entity}_{hop_asset(self.hop)}"
