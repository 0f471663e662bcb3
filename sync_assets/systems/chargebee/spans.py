"""When a period of Chargebee's is over. Pure functions of frames."""

import pandas as pd

_LAST_SECOND = 59


def over_at(ends: pd.Series, starts: pd.Series) -> pd.Series:
    """The instants at which periods are over, which Chargebee names by their last second where it bills by the day.

    A subscription that began in the last second of a minute ends every period with it, and means the instant itself.

    Source: apidocs.chargebee.com/docs/api/invoices (line_items.date_to), /subscriptions (current_term_end).
    """
    is_last = (ends.dt.second == _LAST_SECOND) & (starts.dt.second != _LAST_SECOND)
    return ends.where(~is_last.fillna(value=False).astype(bool), ends + pd.Timedelta(seconds=1))
