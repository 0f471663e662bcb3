"""A cursor over tokens, with the few moves every part of the grammar needs.

Belongs here: looking, taking, expecting. No grammar.
"""

from collections.abc import Sequence

from sync_assets.sandbox.vendors.netsuite.errors import bad_query
from sync_assets.sandbox.vendors.netsuite.suiteql.words import UNSUPPORTED, Sort, Token, tokens

RESERVED = frozenset(
    "SELECT FROM WHERE GROUP BY HAVING ORDER UNION MINUS INTERSECT EXCEPT ON JOIN INNER LEFT RIGHT FULL OUTER CROSS AND"
    " OR NOT IN IS NULL BETWEEN LIKE EXISTS CASE WHEN THEN ELSE END AS DISTINCT FETCH OFFSET ROWS ROW ONLY WITH ASC"
    " DESC LIMIT ESCAPE".split()
)
"""Words that can be neither a column nor an alias."""


class Reader:
    """Tokens and where we stand in them."""

    def __init__(self, text: str) -> None:
        self._tokens: Sequence[Token] = tokens(text)
        self._at = 0

    @property
    def token(self) -> Token:
        """The token we stand before."""
        return self._tokens[self._at]

    def ahead(self, steps: int = 1) -> Token:
        """The token some steps further, the END token at most."""
        return self._tokens[min(self._at + steps, len(self._tokens) - 1)]

    def take(self) -> Token:
        """The token, stepping over it."""
        token = self.token
        self._at += 1 if token.sort is not Sort.END else 0
        return token

    def accept(self, *words: str) -> str:
        """The word, stepped over, when it is one of these; empty otherwise."""
        return self.take().text if self.token.is_word(*words) else ""

    def accept_sign(self, *signs: str) -> str:
        """The sign, stepped over, when it is one of these; empty otherwise."""
        return self.take().text if self.token.is_sign(*signs) else ""

    def expect(self, *words: str) -> None:
        """Step over these words in this order, or refuse."""
        for word in words:
            if not self.accept(word):
                raise self.refuse()

    def expect_sign(self, sign: str) -> None:
        """Step over the sign, or refuse."""
        if not self.accept_sign(sign):
            raise self.refuse()

    def name(self) -> str:
        """An identifier in lower case, stepped over, or refuse."""
        if self.token.sort is Sort.QUOTED or (self.token.sort is Sort.WORD and self.token.text not in RESERVED):
            return self.take().spelled.lower()
        raise self.refuse()

    def whole_number(self) -> int:
        """A whole number, stepped over, or refuse."""
        if self.token.sort is not Sort.NUMBER or not self.token.text.isdigit():
            raise self.refuse()
        return int(self.take().text)

    def refuse(self) -> Exception:
        """The refusal of a text that cannot be read."""
        return bad_query(UNSUPPORTED)
