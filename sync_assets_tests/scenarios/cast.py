"""Every simulated vendor with what a fault needs to know about it: streams of several pages, a record of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sync_assets.sandbox.clock import Clock
from sync_assets_tests.scenarios.chargebee_site import site
from sync_assets_tests.scenarios.netsuite_account import account as netsuite_account
from sync_assets_tests.scenarios.product_platform import platform
from sync_assets_tests.scenarios.salesforce_org import org
from sync_assets_tests.scenarios.stripe_account import account as stripe_account


@dataclass(frozen=True, kw_only=True)
class Player:
    """A vendor in a test of faults.

    Attributes:
        make: the vendor, with enough records for several pages.
        stream: one of its streams of several pages, each of whose records is one version.
        requests: requests of a first read of that stream, logins and the question for the time included.
        first: fields of a new record of that stream, by the number it shall have.
        text: the field of such a record that holds any text.
        key: the field that names an existing record, and `number` what stands in it for an id of the census.
        entity: whose copies have that text as `name`; empty where the stream makes none.
    """

    make: Callable[[Clock], Any]
    stream: str
    requests: int
    first: Callable[[Any, int], dict[str, Any]]
    text: str
    key: str = "id"
    number: Callable[[str], Any] = str
    entity: str = "customer"


CAST: Mapping[str, Player] = {
    "salesforce": Player(
        make=org,
        stream="accounts",
        requests=7,
        first=lambda vendor, _number: {"Id": vendor.new_id("accounts")},
        text="Name",
        key="Id",
    ),
    "chargebee": Player(
        make=site,
        stream="customers",
        requests=4,
        first=lambda _vendor, number: {"id": f"bad{number}"},
        text="company",
    ),
    "netsuite": Player(
        make=netsuite_account,
        stream="customer",
        requests=7,
        first=lambda _vendor, number: {"id": 7000 + number},
        text="companyname",
        number=int,
    ),
    "stripe": Player(
        make=stripe_account,
        stream="customers",
        requests=4,
        first=lambda _vendor, number: {"id": f"cus_bad{number}"},
        text="name",
    ),
    "product": Player(
        make=platform,
        stream="customers",
        requests=3,
        first=lambda _vendor, number: {"key": f"bad{number}"},
        text="name",
        entity="",
    ),
}
