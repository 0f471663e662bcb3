"""The entitlement routes: the old ones under subjects, the new ones under customers, and the flat lists.

Source: client operations entitlements, entitlements_v2, subjects, customer_entitlements_v2, customer_entitlement_v2,
customer_entitlement.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from sync_assets.sandbox.shelf import Record
from sync_assets.sandbox.vendors.product import entitlements, lists, subject_entitlements, writes
from sync_assets.sandbox.vendors.product.customers import subjects_of
from sync_assets.sandbox.vendors.product.pages import by_number, flag
from sync_assets.sandbox.vendors.product.platform import Platform
from sync_assets.sandbox.vendors.product.problems import ProblemError
from sync_assets.sandbox.vendors.product.values import answer, instant_of
from sync_assets.sandbox.wire import Reply, Request

Names: TypeAlias = tuple[str, ...]
Handle: TypeAlias = Callable[[Platform, Request, Names], Reply]


def _v1(platform: Platform, _request: Request, names: Names) -> Reply:
    return _shown_v1(platform, lists.one(platform, "entitlements", names[0]))


def _v2(platform: Platform, _request: Request, names: Names) -> Reply:
    record = lists.one(platform, "entitlements", names[0])
    customer = platform.attribution.customer_of(record["subjectKey"])
    if customer is None:
        raise ProblemError(412, f"customer not found [subject={record['subjectKey']}]")
    return answer(entitlements.v2(record, platform.now(), customer))


def _shown_v1(platform: Platform, record: Record, status: int = 200) -> Reply:
    return answer(entitlements.v1(record, platform.now()), status)


def _subject(platform: Platform, name: str) -> str:
    record = platform.resources.find("subjects", name)
    return name if record is None else str(record["key"])


def _of_subject(platform: Platform, _request: Request, names: Names) -> Record:
    return subject_entitlements.one(platform, [_subject(platform, names[0])], names[1])


def _list_of_subject(platform: Platform, request: Request, names: Names) -> Reply:
    with_deleted = flag(request, "includeDeleted")
    found = subject_entitlements.held(platform, [_subject(platform, names[0])], with_deleted=with_deleted)
    return answer([entitlements.v1(each, platform.now()) for each in found])


def _get_of_subject(platform: Platform, request: Request, names: Names) -> Reply:
    return _shown_v1(platform, _of_subject(platform, request, names))


def _grant_to_subject(platform: Platform, request: Request, names: Names) -> Reply:
    body = writes.body_of(request)
    return _shown_v1(platform, subject_entitlements.grant(platform, _subject(platform, names[0]), body), 201)


def _override_of_subject(platform: Platform, request: Request, names: Names) -> Reply:
    old = _of_subject(platform, request, names)
    new = subject_entitlements.override(platform, old["subjectKey"], old, writes.body_of(request))
    return _shown_v1(platform, new, 201)


def _withdraw_of_subject(platform: Platform, request: Request, names: Names) -> Reply:
    return writes.delete(platform, "entitlements", _of_subject(platform, request, names)["id"])


def _value_of_subject(platform: Platform, request: Request, names: Names) -> Reply:
    return _value(platform, request, _of_subject(platform, request, names))


def _value(platform: Platform, request: Request, record: Record) -> Reply:
    at = instant_of(request.arg("time"), "time") if request.arg("time") else platform.now()
    return answer(subject_entitlements.value(platform, record, at))


def _of_customer(platform: Platform, names: Names) -> tuple[Record, Record]:
    customer = writes.living(platform, "customers", names[0])
    return customer, subject_entitlements.one(platform, subjects_of(customer), names[1])


def _list_of_customer(platform: Platform, request: Request, names: Names) -> Reply:
    customer = writes.living(platform, "customers", names[0])
    with_deleted = flag(request, "includeDeleted")
    found = subject_entitlements.held(platform, subjects_of(customer), with_deleted=with_deleted)
    page = by_number(request)
    shown = [entitlements.v2(each, platform.now(), customer) for each in page.slice(found)]
    return answer(page.numbered(shown, len(found)))


def _get_of_customer(platform: Platform, _request: Request, names: Names) -> Reply:
    customer, record = _of_customer(platform, names)
    return answer(entitlements.v2(record, platform.now(), customer))


def _grant_to_customer(platform: Platform, request: Request, names: Names) -> Reply:
    customer = writes.living(platform, "customers", names[0])
    subjects = subjects_of(customer)
    if not subjects:
        raise ProblemError(409, f"customer has no usage attribution [customer.id={customer['id']}]")
    record = subject_entitlements.grant(platform, subjects[0], writes.body_of(request))
    return answer(entitlements.v2(record, platform.now(), customer), 201)


def _override_of_customer(platform: Platform, request: Request, names: Names) -> Reply:
    customer, old = _of_customer(platform, names)
    new = subject_entitlements.override(platform, old["subjectKey"], old, writes.body_of(request))
    return answer(entitlements.v2(new, platform.now(), customer), 201)


def _withdraw_of_customer(platform: Platform, _request: Request, names: Names) -> Reply:
    return writes.delete(platform, "entitlements", _of_customer(platform, names)[1]["id"])


def _value_of_customer(platform: Platform, request: Request, names: Names) -> Reply:
    return _value(platform, request, _of_customer(platform, names)[1])


ROUTES: Mapping[tuple[str, str], Handle] = {
    ("GET", "v1/entitlements"): lambda platform, request, _names: lists.entitlements_v1(platform, request),
    ("GET", "v1/entitlements/*"): _v1,
    ("GET", "v2/entitlements"): lambda platform, request, _names: lists.entitlements_v2(platform, request),
    ("GET", "v2/entitlements/*"): _v2,
    ("GET", "v1/subjects/*/entitlements"): _list_of_subject,
    ("POST", "v1/subjects/*/entitlements"): _grant_to_subject,
    ("GET", "v1/subjects/*/entitlements/*"): _get_of_subject,
    ("DELETE", "v1/subjects/*/entitlements/*"): _withdraw_of_subject,
    ("PUT", "v1/subjects/*/entitlements/*/override"): _override_of_subject,
    ("GET", "v1/subjects/*/entitlements/*/value"): _value_of_subject,
    ("GET", "v1/customers/*/entitlements/*/value"): _value_of_customer,
    ("GET", "v2/customers/*/entitlements"): _list_of_customer,
    ("POST", "v2/customers/*/entitlements"): _grant_to_customer,
    ("GET", "v2/customers/*/entitlements/*"): _get_of_customer,
    ("DELETE", "v2/customers/*/entitlements/*"): _withdraw_of_customer,
    ("PUT", "v2/customers/*/entitlements/*/override"): _override_of_customer,
    ("GET", "v2/customers/*/entitlements/*/value"): _value_of_customer,
}
"""Every entitlement route; a star stands for one id or key."""
