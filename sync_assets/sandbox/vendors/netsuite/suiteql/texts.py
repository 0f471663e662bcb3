"""Oracle's functions of text that the storage engine lacks.

Belongs here: plain Python from text to text or number. Source: Oracle Database SQL Language Reference.
"""

import re
from zlib import crc32

_WORD = re.compile(r"[A-Za-z0-9]+")


def pad_left(text: str, length: int, filler: str) -> str:
    """LPAD."""
    return _filling(text, length, filler) + text[:length]


def pad_right(text: str, length: int, filler: str) -> str:
    """RPAD."""
    return text[:length] + _filling(text, length, filler)


def _filling(text: str, length: int, filler: str) -> str:
    missing = max(0, length - len(text))
    return (filler * missing)[:missing]


def place_of(text: str, part: str, start: int) -> int:
    """INSTR from a place on, counted from one; 0 when the part is not there."""
    return text.find(part, start - 1) + 1


def capitals(text: str) -> str:
    """INITCAP: a capital at the start of each word."""
    return _WORD.sub(lambda word: word[0].capitalize(), text)


def translated(text: str, given: str, taken: str) -> str:
    """TRANSLATE: each character of one list becomes its counterpart; those without one vanish."""
    return "".join(taken[at : at + 1] if at >= 0 else letter for letter, at in ((c, given.find(c)) for c in text))


def pattern_replaced(text: str, pattern: str, replacement: str) -> str:
    """REGEXP_REPLACE; back references are written as in Oracle."""
    return re.sub(pattern, replacement, text)


def pattern_found(text: str, pattern: str) -> str | None:
    """REGEXP_SUBSTR: the first match."""
    found = re.search(pattern, text)
    return None if found is None else found[0]


def pattern_place(text: str, pattern: str) -> int:
    """REGEXP_INSTR: where the first match starts, counted from one; 0 when there is none."""
    found = re.search(pattern, text)
    return 0 if found is None else found.start() + 1


def bucket(text: str, highest: int) -> int:
    """ORA_HASH: one of the buckets 0..highest, the same for the same text; Oracle's own hash is not public."""
    return crc32(text.encode()) % (highest + 1)
