"""Keys of records as other systems write them: one form per record, so that equal records have equal keys.

Belongs here: forms that more than one system holds. Not here: how a system pages by its own ids.
"""

from sync_assets.model.errors import RejectError

_SUFFIXES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def salesforce_id(text: str) -> str:
    """The 18-character form of a Salesforce record id, from either of its two forms.

    The 15-character form tells records apart by upper and lower case; the 18-character form appends three characters
    that say which of the 15 are upper case, five at a time, the first of them being the lowest bit. An id that has 18
    characters already is kept as it is.

    Raises:
        RejectError: `type`, for a text that is neither 15 nor 18 letters and digits.

    Source: help.salesforce.com article 000385585 (15-character and 18-character record ids).
    """
    if len(text) not in (15, 18) or not (text.isascii() and text.isalnum()):
        raise RejectError("type", "salesforce id")
    if len(text) == 18:
        return text
    return text + "".join(_suffix(text[start : start + 5]) for start in (0, 5, 10))


def salesforce_id_or_text(text: str) -> str:
    """The 18-character form of a Salesforce record id; a text that is no such id stays as written, so that it shows."""
    try:
        return salesforce_id(text)
    except RejectError:
        return text


def _suffix(five: str) -> str:
    return _SUFFIXES[sum(1 << place for place, sign in enumerate(five) if sign.isupper())]
