"""Twins of counting: a billed last day, a term without usage, usage that gets dearer, events of no meter, repeats."""

from datetime import timedelta

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.catalogue import DE
from sync_assets.sandbox.company.company import Company, random_id
from sync_assets.sandbox.company.happenings import active_subscription, leave
from sync_assets.sandbox.company.nouns import Customer, Subscription
from sync_assets.sandbox.company.subscriptions import show
from sync_assets.sandbox.company.usage import UsagePush
from sync_assets.sandbox.defects.repeats import plan_repeat
from sync_assets.sandbox.defects.twins import Oddity, twins
from sync_assets.sandbox.defects.twins_documents import newest_subscription, the_customer


def pause(_company: Company, customer: Customer) -> None:
    """The next term passes without any usage; in the one after it everything is as before."""
    paused: list[Subscription] = []

    def use_later(subscription: Subscription, proceed: Act) -> None:
        if paused:
            customer.deviations.pop("product.use")
            proceed()
        paused.append(subscription)

    customer.deviations["product.use"] = use_later


def raise_with_term(company: Company, customer: Customer) -> None:
    """Usage gets dearer as the next term begins; that of the term before is billed at the price of its time."""
    subscription = active_subscription(customer)
    item = None if subscription is None else subscription.metered_item
    if subscription is None or item is None:
        return
    turn_at, former = subscription.term_end, item.unit_minor

    def become_dearer() -> None:
        item.unit_minor = former + 2
        show(company, subscription)

    def bill_at_former(push: UsagePush, proceed: Act) -> None:
        if push.over[1] == turn_at:
            item.unit_minor = former
            company.agenda.at(company.now, become_dearer)
        proceed()

    customer.deviations["product.push_usage"] = bill_at_former
    company.agenda.at(turn_at, become_dearer)


def send_page_views(company: Company, customer: Customer) -> None:
    """The customer's web site sends events of a type that no meter measures, about its visitors."""
    for number in range(4):
        event = {"id": random_id(customer.rng, "view-", 10), "source": "web", "specversion": "1.0", "type": "page.view"}
        about = {"subject": f"visitor-{customer.number}", "time": company.now - timedelta(minutes=number)}
        company.systems.product.put("events", {**event, **about, "data": {"units": 1}})


def use_twice(company: Company, customer: Customer) -> None:
    """An event is stored twice; whoever adds its units up looks at its id."""
    subscription = active_subscription(customer)
    if subscription is not None:
        plan_repeat(company, subscription)


twins(
    {
        "dearer_from_the_turn": Oddity(
            note="usage gets dearer with a term, and the term before is billed at its own price",
            pick=newest_subscription,
            wishes={"metered": True, "self_serve": True, "discount_percent": 0},
            happening=raise_with_term,
        ),
        "events_of_no_meter": Oddity(
            note="events about somebody whom billing does not know, of a type that is not measured",
            pick=the_customer,
            wishes={},
            happening=send_page_views,
        ),
        "stored_twice": Oddity(
            note="the platform stored an event a second time, and it is billed once",
            pick=newest_subscription,
            wishes={"metered": True},
            happening=use_twice,
        ),
        "usage_came_back": Oddity(
            note="a term without usage, then usage as before",
            pick=newest_subscription,
            wishes={"metered": True},
            happening=pause,
        ),
        "self_serve_and_gone": Oddity(
            note="the subscription ended and its usage is billed to the end",
            pick=newest_subscription,
            wishes={"metered": True, "self_serve": True, "place": (DE, "EUR", "DE")},
            happening=leave,
        ),
    }
)
