"""The HTTP face of the org: which request reaches which resource, and what every reply carries.

Belongs here: routing, versions, sessions, the daily quota and the refusals they cause. What a resource answers is in
the module of that resource.
Source: REST API Developer Guide (resources, status codes, Sforce-Limit-Info), help article 000354473 (410 for retired
versions), app limits cheat sheet (16,384 characters of URI).
"""

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from sync_assets.sandbox.vendors.salesforce import describe, records, replication
from sync_assets.sandbox.vendors.salesforce.bulk import BulkJobs
from sync_assets.sandbox.vendors.salesforce.columns import object_named
from sync_assets.sandbox.vendors.salesforce.cursors import Cursors
from sync_assets.sandbox.vendors.salesforce.errors import RefusalError, TokenRefusalError, malformed, not_found
from sync_assets.sandbox.vendors.salesforce.oauth import Logins
from sync_assets.sandbox.vendors.salesforce.org import Org
from sync_assets.sandbox.vendors.salesforce.schema import SObject
from sync_assets.sandbox.wire import Reply, Request

_URI_MAX = 16_384
_VERSION = re.compile(r"v(\d{1,3})\.0")
_DAY = timedelta(hours=24)

Resource: TypeAlias = Callable[[Request, str, tuple[str, ...]], Reply]


@dataclass(kw_only=True)
class Quota:
    """Requests of the last 24 hours, counted per minute of the org's clock."""

    org: Org
    used: int = 0
    _minutes: deque[tuple[datetime, int]] = field(default_factory=deque)

    def count(self) -> int:
        """Count one request; returns how many the rolling day now has."""
        now = self.org.shelf.clock.now()
        minute = now.replace(second=0, microsecond=0)
        if self._minutes and self._minutes[-1][0] == minute:
            self._minutes[-1] = (minute, self._minutes[-1][1] + 1)
        else:
            self._minutes.append((minute, 1))
        self.used += 1
        while self._minutes[0][0] <= now - _DAY:
            self.used -= self._minutes.popleft()[1]
        return self.used


@dataclass(kw_only=True)
class Api:
    """The resources of one org."""

    org: Org
    logins: Logins
    cursors: Cursors
    jobs: BulkJobs
    quota: Quota

    def answer(self, request: Request) -> Reply:
        """The reply to one request, refusals included."""
        try:
            return self._route(request)
        except (RefusalError, TokenRefusalError) as refused:
            return refused.reply()

    def _route(self, request: Request) -> Reply:
        if len(request.raw_target) > _URI_MAX:
            return Reply(status=414, body=b"<h1>414 URI Too Long</h1>", headers={"Content-Type": "text/html"})
        parts = tuple(part for part in request.path.split("/") if part)
        if parts == ("services", "oauth2", "token"):
            return self.logins.token(request)
        if parts[:2] != ("services", "data"):
            if parts[:2] == ("services", "oauth2") and parts[2:] == ("userinfo",):
                self.logins.check(request)
                return Reply.of({"user_id": self.org.user_id, "organization_id": self.org.org_id})
            raise not_found()
        if len(parts) == 2:
            return Reply.of(describe.versions())
        version = _living_version(parts[2])
        self.logins.check(request)
        used, allowed = self.quota.count(), self.org.quirks.daily_requests_max
        if used > allowed:
            raise RefusalError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        return _with_usage(self._resource(request, version, parts[3:]), used, allowed)

    def _resource(self, request: Request, version: str, parts: tuple[str, ...]) -> Reply:
        try:
            return self._named(parts)(request, version, parts)
        except RefusalError as refused:
            return refused.reply()

    def _named(self, parts: tuple[str, ...]) -> Resource:
        named: Mapping[str, Resource] = {
            "": lambda _request, version, _parts: Reply.of(describe.resources(version)),
            "query": self._query,
            "queryAll": self._query,
            "limits": self._limits,
            "sobjects": self._sobjects,
            "jobs": self._jobs,
            "connect": self._connect,
        }
        resource = named.get(parts[0] if parts else "")
        if resource is None:
            raise not_found()
        return resource

    def _query(self, request: Request, version: str, parts: tuple[str, ...]) -> Reply:
        _allow(request, "GET")
        if len(parts) == 2:
            return self.cursors.more(version, parts[1])
        soql = request.arg("q")
        if len(parts) > 2 or not soql:
            raise not_found() if len(parts) > 2 else malformed("A query string has to be specified")
        return self.cursors.first(parts[0], version, soql, request.headers)

    def _limits(self, request: Request, _version: str, _parts: tuple[str, ...]) -> Reply:
        _allow(request, "GET")
        return Reply.of(describe.limits(self.quota.used, self.org.quirks.daily_requests_max))

    def _connect(self, request: Request, version: str, parts: tuple[str, ...]) -> Reply:
        if parts != ("connect", "organization"):
            raise not_found()
        _allow(request, "GET")
        return Reply.of(describe.organization(self.org, version))

    def _jobs(self, request: Request, version: str, parts: tuple[str, ...]) -> Reply:
        if parts[1:2] != ("query",) or len(parts) > 4:
            raise not_found()
        job = parts[2] if len(parts) > 2 else ""
        if len(parts) == 4:
            _allow(request, "GET")
            if parts[3] != "results":
                raise not_found()
            return self.jobs.results(job, request, version)
        allowed: dict[str, Callable[[], Reply]] = (
            {
                "GET": lambda: self.jobs.state(job),
                "PATCH": lambda: self.jobs.change(job, request),
                "DELETE": lambda: self.jobs.delete(job),
            }
            if job
            else {"GET": self.jobs.listed, "POST": lambda: self.jobs.create(request, version)}
        )
        _allow(request, *allowed)
        return allowed[request.method]()

    def _sobjects(self, request: Request, version: str, parts: tuple[str, ...]) -> Reply:
        if len(parts) == 1:
            _allow(request, "GET")
            return Reply.of(describe.described_global(self.org, version))
        try:
            sobject = object_named(self.org, parts[1])
        except RefusalError as unknown:
            raise not_found() from unknown
        if len(parts) == 2:
            return self._object(request, version, sobject)
        about: Mapping[str, Callable[[], Reply]] = {
            "describe": lambda: Reply.of(describe.described(self.org, sobject, version)),
            "deleted": lambda: replication.deleted(self.org, sobject, request),
            "updated": lambda: replication.updated(self.org, sobject, request),
        }
        if len(parts) == 3 and parts[2] in about:
            _allow(request, "GET")
            return about[parts[2]]()
        if len(parts) != 3:
            raise not_found()
        return self._record(request, version, sobject, parts[2])

    def _object(self, request: Request, version: str, sobject: SObject) -> Reply:
        _allow(request, "GET", "POST")
        if request.method == "POST":
            return records.create(self.org, sobject, request)
        return Reply.of(describe.basic(sobject, version))

    def _record(self, request: Request, version: str, sobject: SObject, record_id: str) -> Reply:
        _allow(request, "GET", "PATCH", "DELETE")
        if request.method == "PATCH":
            return records.change(self.org, sobject, record_id, request)
        if request.method == "DELETE":
            return records.delete(self.org, sobject, record_id)
        return records.fetch(self.org, sobject, record_id, request, version)


def _living_version(text: str) -> str:
    match = _VERSION.fullmatch(text)
    if match is None or int(match.group(1)) > describe.VERSION_NEWEST:
        raise not_found()
    if int(match.group(1)) < describe.VERSION_OLDEST:
        raise RefusalError(410, "GONE", f"API version {match.group(1)}.0 is retired and no longer available")
    return text


def _allow(request: Request, *methods: str) -> None:
    if request.method not in methods:
        allowed = ", ".join(methods)
        message = f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}"
        raise RefusalError(405, "METHOD_NOT_ALLOWED", message)


def _with_usage(reply: Reply, used: int, allowed: int) -> Reply:
    return replace(reply, headers={**reply.headers, "Sforce-Limit-Info": f"api-usage={used}/{allowed}"})
