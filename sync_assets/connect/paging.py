"""Where a reader stands in a paged list: the persisted place, and proof that its cursor does not run in circles.

Belongs here: what any vendor's paging shares. Not here: how a vendor asks for a page or says that it was the last.
"""

import msgspec

from sync_assets.model.errors import ContractError

RESTARTS_MAX = 5
"""How often a list may start again on trust because its cursor was lost."""


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The opaque place of the next page: which step of the read, and the vendor's cursor within it.

    `pages` counts the pages of the step; `mark` is the cursor at the last power of two of them, against which every
    later cursor is compared, so that a ring of any length is found after at most twice its length (Brent).
    """

    step: int = 0
    cursor: str | None = None
    pages: int = 0
    mark: str | None = None
    restarts: int = 0

    @classmethod
    def read(cls, text: str | None) -> "Place":
        """The place that was persisted; the beginning for None."""
        return cls() if text is None else msgspec.json.decode(text, type=cls)

    def text(self) -> str:
        """The place as it is persisted."""
        return msgspec.json.encode(self).decode()

    def onward(self, cursor: str) -> "Place":
        """The place of the following page of this step.

        Raises:
            ContractError: the vendor gave a cursor that it gave before.
        """
        if cursor in (self.cursor, self.mark):
            raise ContractError("The list's cursor came back to where it was; its pages run in circles.")
        pages = self.pages + 1
        mark = cursor if pages & (pages - 1) == 0 else self.mark
        return Place(step=self.step, cursor=cursor, pages=pages, mark=mark, restarts=self.restarts)

    def next_step(self) -> "Place":
        """The beginning of the following step."""
        return Place(step=self.step + 1, restarts=self.restarts)

    def again(self) -> "Place":
        """The beginning of this step, after its cursor was lost; once it is worn out, the count starts anew."""
        return Place(step=self.step, restarts=0 if self.is_worn_out else self.restarts + 1)

    @property
    def is_worn_out(self) -> bool:
        """Whether cursors were lost so often that the list must first prove that it goes on at all."""
        return self.restarts >= RESTARTS_MAX
