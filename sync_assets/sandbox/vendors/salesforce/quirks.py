"""The oddities of one simulated Salesforce org, all off by default; a test or scenario replaces the whole set."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Quirks:
    """What this org does beyond the plain protocol.

    Attributes:
        late_visible_s: every write commits so many seconds after its stamp.
        batch_rows_max: a query batch holds at most so many rows, whatever the client asked for.
        evict_locators_after: a query locator is gone after so many further batches were read from it.
        open_locators_max: opening one more query evicts the oldest locator.
        expire_tokens_after: a session dies after so many requests.
        session_idle_s: a session dies after so many idle seconds of the org's clock.
        daily_requests_max: requests of a rolling day; one more is refused with REQUEST_LIMIT_EXCEEDED.
        hidden_fields: `Object.Field` names that field level security hides from the integration user.
        hidden_ids: rows the integration user may not see; they are silently absent.
        multi_currency: whether the org has CurrencyIsoCode columns.
        bulk_polls: how often a Bulk job answers InProgress before it is complete.
        bulk_fails: the error every Bulk job ends with, instead of completing.
        bulk_rows_max: a Bulk result chunk holds at most so many rows.
        deleted_log_from: the delete log was purged up to this instant.
        deleted_ids_max: more deleted ids than this in one answer are refused with EXCEEDED_ID_LIMIT.
    """

    late_visible_s: float = 0
    batch_rows_max: int = 2000
    evict_locators_after: int | None = None
    open_locators_max: int | None = None
    expire_tokens_after: int | None = None
    session_idle_s: float = 7200
    daily_requests_max: int = 100_000
    hidden_fields: frozenset[str] = frozenset()
    hidden_ids: frozenset[str] = frozenset()
    multi_currency: bool = True
    bulk_polls: int = 1
    bulk_fails: str | None = None
    bulk_rows_max: int = 50_000
    deleted_log_from: datetime | None = None
    deleted_ids_max: int = 600_000
