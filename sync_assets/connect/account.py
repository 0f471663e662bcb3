"""One account per system: another one behind the same settings must not mix into its streams.

A refreshed sandbox, or credentials of a test account, would bring records under ids that stand for others, and take
those that were read for deleted. Not here: how a login names its account (the systems' logins).
"""

from sync_assets.connect.spec import System
from sync_assets.http.client import Client
from sync_assets.model.errors import ContractError
from sync_assets.store.accounts import pinned_account
from sync_assets.store.engine import Store


def refuse_other_account(store: Store, system: System, client: Client) -> None:
    """ContractError when the login belongs to another account than what was read; one that names none is not asked."""
    account = client.account
    pinned = pinned_account(store, system.name, account) if account else ""
    if pinned != account:
        settings = f"SYNC_{system.name.upper()}_*"
        raise ContractError(
            f"{system.name}: {settings} now lead to the account {account[:40]}, and what is stored is of "
            f"{pinned[:40]}; put the settings back, or read the other account into a database of its own.",
            reason="wrong_account",
        )
