"""What is known of a failure class before it happens: what it is about, whose it is, where, which kind of money."""

import re
from dataclasses import dataclass

_WORDS = re.compile(r"(?P<owner>[A-Z]{2}) (?P<kind>[A-Z]+) at (?P<hop>\S+) in (?P<system>\w+)")


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One class: the entity it is about, its owner, the hop and system where the truth is lost, the kind of money.

    `symptoms` names classes that may be seen as a consequence.
    """

    entity: str
    owner: str
    hop: str
    system: str
    kind: str
    symptoms: tuple[str, ...] = ()


def fact(entity: str, words: str, symptoms: str = "") -> Fact:
    """A fact from words such as `FI MISSTATE at billing->erp in netsuite`.

    Raises:
        ValueError: the words do not read so.
    """
    said = _WORDS.fullmatch(words)
    if said is None:
        raise ValueError(f"{words!r} should read like 'FI MISSTATE at billing->erp in netsuite'.")
    return Fact(entity=entity, symptoms=tuple(symptoms.split()), **said.groupdict())
