"""The platform's ids: 26 characters of Crockford's base 32, the time first, so later ones sort later.

Source: OpenMeter API, schema ULID (pattern `^[0-7][0-9A-HJKMNP-TV-Z]{25}$`).
"""

from datetime import datetime
from hashlib import sha256

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid(instant: datetime, number: int) -> str:
    """The id of the n-th thing made at an instant; two instants or two numbers never give the same."""
    return _base32(int(instant.timestamp() * 1000), 10) + _base32(number, 16)


def ulid_of(*names: str) -> str:
    """An id that always belongs to the same names, e.g. a stream and a key."""
    return "01" + _base32(int.from_bytes(sha256("\n".join(names).encode()).digest()[:15]), 24)


def _base32(number: int, length: int) -> str:
    digits = ""
    for _ in range(length):
        number, place = divmod(number, 32)
        digits = _ALPHABET[place] + digits
    return digits
