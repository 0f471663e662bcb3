"""The shape of a rule: what it compares, what it needs, how long copies may take, and the words for a person."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeAlias

from sync_assets.model.breaks import Kind
from sync_assets.model.roles import hop_asset
from sync_assets.store.histories import Told
from sync_assets.store.touched import Way

Row: TypeAlias = dict[str, Any]

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


@dataclass(frozen=True, kw_only=True)
class Touch:
    """Changed copies of an entity that make roots worth another look.

    `root` is an expression for the root's record id over the changed row `c`, and over what `join` adds. It is asked of
    the row as it is and as it was.
    """

    role: str
    entity: str
    root: str
    join: str = ""

    @property
    def way(self) -> Way:
        """From the changed row to its roots, whichever system's row it is."""
        return Way(root=self.root, join=self.join)


@dataclass(frozen=True, kw_only=True)
class Sides:
    """The two copies whose histories say since when they disagree.

    `{field}` in what is asked of them stands for the row's field. The row names the copies in owner_system,
    owner_record_id, copy_system and copy_record_id; its `part` tells copies apart where the question does.
    """

    owner: Told
    copy: Told


@dataclass(frozen=True, kw_only=True)
class Queue:
    """Where a copy that is absent comes from, and how it would name the record that waits for it.

    `field` of the entity holds `name`, written with the row's columns, e.g. `copy_of` holds `billing:{root_id}`.
    Without a field only windows that are not read to their end tell that it may be on its way.
    """

    role: str
    entity: str
    field: str = ""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One failure class as data.

    Attributes:
        class_: its code in the failure catalogue, e.g. F51.
        role: who owns the records that are looked at, the roots; `entity` is what they are.
        needs: (role, entity) pairs that must have been read; their completeness decides what can be said.
        lag_s: how long a copy may take after `happened_at`; settings override it per class.
        is_on_weekdays: the default lag passes on Monday to Friday of the legal entity only.
        select: the rows that are wrong. what it writes briefly is in `markers`. It yields
            root_id, entity_id, customer_id, currency, happened_at, expected, found, field, at_system, at_record_id,
            records (a JSON list of [system, entity, record id]), and money_minor, or per_period_minor, period_months,
            accrues_at or accrues_on, and committed_at or committed_on (then the money grows with time, and what is
            still to come until the commitment ends is known). Optionally kind; part, which tells breaks of one record
            apart; told_at, when what is compared was last changed, through which everything must be read; queued, the
            vendor's words where its status says that the copy is on its way; evidence, the [system, entity, record id]
            whose observation showed the break, if not the first of the records; and what `sides` asks for.
        weigh: a pure function from the rows of `select` to those that are wrong, each with the columns named above: for
            arithmetic that is clearer in Python. `select` then yields what the function asks for.
        explained_by: classes of which this break is a symptom when one of them is open on a common record, the most
            telling first.
        explains: classes of which an open break of this one on a common record is the cause, beside what they name
            themselves.
        touches: which changes make a root worth another look.
        sides: the copies whose histories tell when they parted; without, that is when the event happened.
        is_growing: open breaks are judged again each time, as their money or the time of day decides.
        arrivals: a select of happened_at, arrived_at and change_id of copies that did come, to learn from how late they
            are; the lag is then the cap.
        is_cut_off: what belongs to a closed period is not under way any more; a row may say the day in `belongs_on`.
        setting: a setting of systems that play `role_of_setting`, without prefix, which must name a field first.
        queue: where the counterpart would come from when it is absent, which it is where a row has no at_record_id or
            says `is_absent`: overdue and visibly on its way, it is late and not broken.
        is_small: everything is judged again each time, as there is little of it and no copy's change announces it; a
            row may then say the `entity` it is about.
        sentence: what a support agent can read out; takes the columns of a row and `money`.
        meaning: what such a break means to the company, as a sentence.
        wrong_when: the condition under which a record is called wrong, in words; goes on from "Called wrong when".
        money: what its money is, in words; goes on from the kind.
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
    meaning: str = ""
    wrong_when: str = ""
    money: str = ""
    setting: str = ""
    role_of_setting: str = "crm"
    weigh: Callable[[Sequence[Row]], Iterable[Row]] | None = None
    explained_by: tuple[str, ...] = ()
    explains: tuple[str, ...] = ()
    sides: Sides | None = None
    is_growing: bool = False
    is_small: bool = False
    is_cut_off: bool = False
    is_on_weekdays: bool = False
    arrivals: str = ""
    queue: Queue | None = None

    @property
    def name(self) -> str:
        """Unique name of the rule; a class may be looked for on several entities and hops."""
        return f"{self.class_}_{self.entity}_{hop_asset(self.hop)}"

    def fingerprint(self, lag_s: int) -> str:
        """Changes when the rule would judge the same copies otherwise; everything must then be judged again."""
        weighing = inspect.getsource(inspect.getmodule(self.weigh) or self.weigh) if self.weigh else ""
        queue = f"|{self.queue}" if self.queue else ""
        lag = f"{lag_s} on weekdays" if self.is_on_weekdays else lag_s
        return sha256(f"{self.select}|{weighing}|{self.needs}|{lag}{queue}".encode()).hexdigest()[:16]
