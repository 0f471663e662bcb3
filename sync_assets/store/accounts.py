"""Which account of a system is read: the one that anything was first read of. Not here: how a system names it."""

from sqlalchemy import text

from sync_assets.store.engine import Store

_PINNED = text("""
    INSERT INTO sync.account AS a (system, account) VALUES (:system, :account)
    ON CONFLICT (system) DO UPDATE SET account = CASE
        WHEN EXISTS (SELECT FROM sync.stream s JOIN sync.window w USING (stream_id)
            WHERE s.system = :system AND w.records > 0)
        THEN a.account ELSE excluded.account END
    RETURNING account
""")


def pinned_account(store: Store, system: str, account: str) -> str:
    """The account that a system is read of: this one, unless records of another one were read before."""
    with store.begin() as connection:
        return str(connection.execute(_PINNED, {"system": system, "account": account}).scalar_one())
