"""Salesforce record ids: 15 case-sensitive characters and the 3 that make them safe where case is lost.

Source: help.salesforce.com article 000385585 (how the 18 character id is computed), object prefixes of the object
reference. Nothing here knows a record.
"""

from functools import lru_cache
from hashlib import sha256

_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@lru_cache(maxsize=100_000)
def _mark(chunk: str) -> str:
    return _SUFFIX[sum(1 << place for place, char in enumerate(chunk) if "A" <= char <= "Z")]


def suffix(id_15: str) -> str:
    """The 3 characters that say which letters of a 15 character id are capitals."""
    return _mark(id_15[:5]) + _mark(id_15[5:10]) + _mark(id_15[10:])


def to_18(record_id: str) -> str:
    """The 18 character form of either form of an id.

    Raises:
        ValueError: not 15 or 18 letters and digits, or the suffix does not belong to the first 15.
    """
    if len(record_id) == 18 and record_id.isalnum() and record_id[15:].upper() == suffix(record_id[:15]):
        return record_id[:15] + record_id[15:].upper()
    if len(record_id) == 15 and record_id.isalnum():
        return record_id + suffix(record_id)
    raise ValueError(f"{record_id!r} is no Salesforce id: 15 characters, or 18 with the right last three.")


def looks_like_id(text: str) -> bool:
    """Whether a text is a well-formed id of any object."""
    try:
        to_18(text)
    except ValueError:
        return False
    return True


def numbered_id(prefix: str, pod: str, number: int) -> str:
    """The id of the n-th record of an object: 3 characters prefix, 3 of the org's pod, a running number in base 62."""
    digits = ""
    for _ in range(9):
        number, place = divmod(number, 62)
        digits = _BASE62[place] + digits
    return to_18(f"{prefix}{pod}{digits}")


def pod_of(seed: int) -> str:
    """The 3 characters every id of one simulated org shares, so records of two seeds never look the same."""
    digest = sha256(f"salesforce pod {seed}".encode()).digest()
    return "".join(_BASE62[byte % 62] for byte in digest[:2]) + "0"
