"""The second company's people: every story told once, in one town."""

from datetime import date

from sync_assets_tests.second import cash, invoicing, selling, service
from sync_assets_tests.second.billing import Item
from sync_assets_tests.second.catalogue import found
from sync_assets_tests.second.customer import Customer
from sync_assets_tests.second.money import pay_out
from sync_assets_tests.second.plain import live, seats
from sync_assets_tests.second.town import Town


def tell() -> Town:
    """The whole company, written and at noon of its last day."""
    town = Town()
    found(town)
    live(
        Customer(town=town, name="Plain Eur", since=date(2026, 7, 1)), date(2026, 7, 1), seats(10, 4000), tax_percent=19
    )
    live(
        Customer(town=town, name="Plain Yen", since=date(2026, 4, 1), currency="JPY", entity="borealis_us"),
        date(2026, 4, 1), seats(30, 9000, "atlas-q"),
    )  # fmt: skip
    live(
        Customer(town=town, name="Plain Dinar", since=date(2026, 6, 1), currency="KWD", entity="borealis_us"),
        date(2026, 6, 1), [*seats(4, 12_500, "atlas-y"), Item(code="boost-y", quantity=2, unit=1250)],
    )  # fmt: skip
    live(
        Customer(town=town, name="Plain Tiers", since=date(2026, 8, 14), currency="EUR"),
        date(2026, 8, 14),
        # 10 at 10.00, 2 at 8.00
        [Item(code="fleet-m", quantity=12, amount=11_600)],
    )  # fmt: skip
    for told in (selling, invoicing, cash, service):
        told.tell(town)
    pay_out(town, cash.payouts(town))
    town.play()
    return town
