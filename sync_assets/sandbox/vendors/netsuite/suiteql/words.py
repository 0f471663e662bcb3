"""SuiteQL's words: a query text cut into tokens.

Belongs here: what a word, a number, a string and an operator look like. No grammar.
"""

import re
from dataclasses import dataclass
from enum import Enum

from sync_assets.sandbox.vendors.netsuite.errors import bad_query

UNSUPPORTED = "Search error occurred: Invalid or unsupported search."
"""What NetSuite says of any text it cannot make sense of (Source: bodies seen by integrators)."""


class Sort(Enum):
    """What a token is."""

    WORD = "word"
    QUOTED = "quoted"
    NUMBER = "number"
    STRING = "string"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, kw_only=True)
class Token:
    """One token; `text` is upper case for words, unquoted for strings and quoted names."""

    sort: Sort
    text: str
    spelled: str

    def is_word(self, *words: str) -> bool:
        """True when the token is one of these (upper case) words."""
        return self.sort is Sort.WORD and self.text in words

    def is_sign(self, *signs: str) -> bool:
        """True when the token is one of these signs."""
        return self.sort is Sort.SIGN and self.text in signs


_PATTERN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)
      | (?P<string>'(?:[^']|'')*')
      | (?P<quoted>"[^"]+")
      | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)
      | (?P<word>[A-Za-z_][A-Za-z0-9_$\#]*)
      | (?P<sign>\(\+\)|\|\||<>|!=|<=|>=|\^=|[-+*/(),.=<>])""",
    re.VERBOSE | re.DOTALL,
)


def _token(match: re.Match[str]) -> Token | None:
    text, sort = match.group(), match.lastgroup
    if sort == "space":
        return None
    if sort == "string":
        return Token(sort=Sort.STRING, text=text[1:-1].replace("''", "'"), spelled=text)
    if sort == "quoted":
        return Token(sort=Sort.QUOTED, text=text[1:-1], spelled=text[1:-1])
    return Token(sort=Sort(sort), text=text.upper() if sort == "word" else text, spelled=text)


def tokens(text: str) -> list[Token]:
    """The tokens of a query, an END token last.

    Raises:
        RefusedError: a character SuiteQL does not know, e.g. a semicolon.
    """
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = _PATTERN.match(text, position)
        if match is None:
            raise bad_query(UNSUPPORTED)
        position = match.end()
        token = _token(match)
        if token is not None:
            found.append(token)
    return [*found, Token(sort=Sort.END, text="", spelled="")]
