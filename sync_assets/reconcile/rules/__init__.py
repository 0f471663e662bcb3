"""Every rule there is. A module of this package with `RULES` takes part by existing; nothing is registered anywhere."""

from importlib import import_module
from pkgutil import iter_modules

from sync_assets.model.roles import HOPS
from sync_assets.reconcile.rule import Rule


def _place(rule: Rule) -> tuple[int, int, str]:
    return HOPS.index(rule.hop), int(rule.class_[1:]), rule.name


RULES: tuple[Rule, ...] = tuple(
    sorted(
        (rule for item in iter_modules(__path__) for rule in import_module(f"{__name__}.{item.name}").RULES),
        key=_place,
    )
)
"""In the order in which a deal travels."""

CAUSES: tuple[tuple[str, str], ...] = tuple(
    dict.fromkeys(
        [
            *((cause, rule.class_) for rule in RULES for cause in rule.explained_by),
            *((rule.class_, symptom) for rule in RULES for symptom in rule.explains),
        ]
    )
)
"""(cause, symptom): open on a common record, the second is explained by the first and carries no money."""
