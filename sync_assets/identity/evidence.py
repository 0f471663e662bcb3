"""How much each field of two customer records says for or against their being one: the shipped settings.

Belongs here: data alone. Not here: how records are compared (likeness.py).

Per level of agreement there is how often it is seen between records of one customer (m) and of two (u); the weight is
log2(m/u), in bits. The figures are not learned from anybody's data, so that the same records always give the same
answer. Values are upper case and plain by the time they are compared.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Level:
    """One degree of agreement: its name, when it holds (of two records `_l` and `_r`), and how often it is seen."""

    name: str
    when: str
    m: float
    u: float


ELSE = "ELSE"
ALIKE_NAMES = ("equal", "alike")
"""Levels of the name that allow a link without a person; with less in common it may be a sister company."""


def _near(field: str, at_least: float) -> str:
    return f"jaro_winkler_similarity({field}_l, {field}_r) >= {at_least}"


def _typo(field: str) -> str:
    return f"damerau_levenshtein({field}_l, {field}_r) <= 1"


def _same_name() -> str:
    """The same words in another order or run together, or one typo; never another number, numeral or letter."""
    squeezed = "replace(name_l, ' ', '') = replace(name_r, ' ', '')"
    same = f"words_l = words_r OR (length(name_l) > 5 AND {_typo('name')})"
    marks = (rf"regexp_extract_all(name_{side}, '\b([A-Z]|[IVX]+|[A-Z]*[0-9][A-Z0-9]*)\b')" for side in "lr")
    return f"{squeezed} OR (({same}) AND {' = '.join(marks)})"


def _shared(field: str, count: int) -> str:
    return f"len(list_intersect(string_split({field}_l, ' '), string_split({field}_r, ' '))) >= {count}"


def _equal(field: str) -> str:
    return f"{field}_l = {field}_r"


FIELDS: dict[str, tuple[Level, ...]] = {
    "name": (
        Level(name="equal", when=_equal("name"), m=0.55, u=0.0002),
        Level(name="alike", when=_same_name(), m=0.2, u=0.0005),
        Level(name="partly", when=f"{_near('name', 0.82)} OR {_shared('name', 1)}", m=0.18, u=0.01),
        Level(name="other", when=ELSE, m=0.07, u=0.99),
    ),
    "street": (
        Level(name="equal", when=_equal("street"), m=0.5, u=0.0005),
        Level(name="alike", when=f"{_near('street', 0.9)} OR {_shared('street', 2)}", m=0.3, u=0.003),
        Level(name="partly", when=_shared("street", 1), m=0.15, u=0.1),
        Level(name="other", when=ELSE, m=0.05, u=0.9),
    ),
    "city": (
        Level(name="equal", when=_equal("city"), m=0.75, u=0.004),
        Level(name="alike", when=_near("city", 0.88), m=0.15, u=0.005),
        Level(name="other", when=ELSE, m=0.1, u=0.995),
    ),
    "postcode": (
        Level(name="equal", when=_equal("postcode"), m=0.8, u=0.004),
        Level(name="alike", when=_typo("postcode"), m=0.13, u=0.015),
        Level(name="other", when=ELSE, m=0.07, u=0.983),
    ),
    "region": (
        Level(name="equal", when=_equal("region"), m=0.9, u=0.25),
        Level(name="other", when=ELSE, m=0.1, u=0.75),
    ),
    "country": (
        Level(name="equal", when=_equal("country"), m=0.9999, u=0.3),
        Level(name="other", when=ELSE, m=0.0001, u=0.7),
    ),
    "tax_id": (
        Level(name="equal", when=_equal("tax_id"), m=0.8, u=0.000001),
        Level(name="alike", when=_typo("tax_id"), m=0.15, u=0.00005),
        Level(name="other", when=ELSE, m=0.05, u=0.9999),
    ),
    "domain": (
        Level(name="equal", when=_equal("domain"), m=0.8, u=0.0005),
        Level(name="other", when=ELSE, m=0.2, u=0.9995),
    ),
}

FEWEST = 100
"""Any record is as likely to be one of at least so many others: the prior of a tiny company must not do the work."""

ASK_AT, LINK_AT = 0.0, 6.64
"""Weights from which a pair is put before a person (one to one) and linked without (ninety-nine to one)."""

AHEAD = 3.0
"""How much more than the next customer the best one must weigh to be linked without a person."""
