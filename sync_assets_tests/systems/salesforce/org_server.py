"""Plays a Salesforce org over loopback HTTP: the documented answers to login, describe, queries, delete log, bulk jobs.

Reads the few query forms that the connector sends; anything else is answered as Salesforce would: MALFORMED_QUERY.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sync_assets.connect.settings import Settings
from sync_assets.connect.spec import Page, Stream, Window
from sync_assets.http.client import Client
from sync_assets.systems.salesforce.spec import SYSTEM
from sync_assets_tests.page_server import Answer, Asked, PageServer, serving

DATA = "/services/data/v67.0"
Record = dict[str, Any]
Override = Callable[[Asked], Answer | None]

END = datetime(2026, 11, 20, 12, 0, 0, 250_000, tzinfo=UTC)
EVERYTHING = Window(start=None, end=END, earliest=datetime(2024, 11, 1, tzinfo=UTC))
RECENT = Window(start=datetime(2026, 11, 20, 9, 59, 59, 900_000, tzinfo=UTC), end=END, earliest=EVERYTHING.earliest)


@dataclass(kw_only=True)
class FakeOrg:
    """The org's records by object, and what the server was told to do differently."""

    records: dict[str, list[Record]] = field(default_factory=dict)
    deleted: dict[str, Any] = field(default_factory=dict)
    fields_missing: set[str] = field(default_factory=set)
    override: Override = lambda _asked: None
    batch: int = 2000
    org_id: str = "00Dx0000000BV7zEAG"
    sessions: int = 0
    jobs: dict[str, list[Record]] = field(default_factory=dict)
    job_states: list[str] = field(default_factory=lambda: ["JobComplete"])
    server: PageServer = field(default_factory=lambda: PageServer(url=""))

    def answer(self, asked: Asked) -> Answer:
        """The documented answer to one request."""
        overridden = self.override(asked)
        if overridden is not None:
            return overridden
        if asked.path == "/services/oauth2/token":
            self.sessions += 1
            identity = f"https://login.salesforce.com/id/{self.org_id}/005x00000012Q9PAAU"
            session = f"session-{self.sessions}"
            return as_json({"access_token": session, "instance_url": self.server.url, "id": identity})
        path = asked.path.removeprefix(DATA)
        for pattern, reply in self._routes().items():
            found = re.fullmatch(pattern, path)
            if found:
                return reply(asked, *found.groups())
        return refusal(404, "NOT_FOUND", "The requested resource does not exist")

    def _routes(self) -> dict[str, Callable[..., Answer]]:
        return {
            "/limits": lambda _asked: as_json({}),
            r"/sobjects/(\w+)/describe": self._describe,
            r"/sobjects/(\w+)/deleted/": self._deleted,
            "/queryAll": lambda asked: self._query(asked.query["q"]),
            "/jobs/query": self._job,
            r"/jobs/query/(\w+)": self._job_state,
            r"/jobs/query/(\w+)/results": self._results,
        }

    def _describe(self, _asked: Asked, sobject: str) -> Answer:
        stream = next(one for one in SYSTEM.streams if one.read["sobject"] == sobject)
        names = [name for name in stream.read["fields"] if name not in self.fields_missing]
        return as_json({"name": sobject, "fields": [{"name": name, "type": "string"} for name in names]})

    def _deleted(self, _asked: Asked, sobject: str) -> Answer:
        log = self.deleted.get(sobject, {})
        return as_json(
            {
                "deletedRecords": log.get("records", []),
                "earliestDateAvailable": log.get("earliest", "2026-01-01T00:00:00.000+0000"),
                "latestDateCovered": log.get("covered", "2026-11-20T12:00:00.000+0000"),
            }
        )

    def _query(self, query: str) -> Answer:
        found = self._found(query)
        if found is None:
            return refusal(400, "MALFORMED_QUERY", "unexpected token")
        some = found[: self.batch]
        return as_json({"totalSize": len(found), "done": len(some) == len(found), "records": some})

    def _found(self, query: str) -> list[Record] | None:
        parts = re.fullmatch(r"SELECT (\S+) FROM (\w+)(?: WHERE (.+?))?(?: ORDER BY (.+?))?(?: LIMIT (\d+))?", query)
        if not parts:
            return None
        names, sobject, where, order, limit = parts.groups()
        chosen = [record for record in self.records.get(sobject, []) if _matches(record, where or "")]
        chosen.sort(key=_place, reverse=" DESC" in (order or ""))
        attributes = {name: {"type": sobject, "url": f"{DATA}/sobjects/{sobject}/"} for name in ("attributes",)}
        rows = []
        for record in chosen[: int(limit) if limit else None]:
            own = {"type": sobject, "url": attributes["attributes"]["url"] + record["Id"]}
            rows.append({"attributes": own, **{name: record.get(name) for name in names.split(",")}})
        return rows

    def _job(self, asked: Asked) -> Answer:
        wanted = json.loads(asked.body)
        assert wanted["operation"] == "queryAll"
        found = self._found(wanted["query"])
        assert found is not None
        job = f"750{len(self.jobs):012d}AAA"
        self.jobs[job] = found[::-1]
        return as_json({"id": job, "state": "UploadComplete"})

    def _job_state(self, asked: Asked, job: str) -> Answer:
        if asked.method == "DELETE":
            return Answer(body=b"", status=204 if self.jobs.pop(job, None) is not None else 404)
        if job not in self.jobs:
            return refusal(404, "NOT_FOUND", "no such job")
        state = self.job_states.pop(0) if len(self.job_states) > 1 else self.job_states[0]
        return as_json({"id": job, "state": state})

    def _results(self, asked: Asked, job: str) -> Answer:
        if job not in self.jobs:
            return refusal(404, "NOT_FOUND", "no such job")
        start, step = int(asked.query.get("locator", "0")), 3
        rows = self.jobs[job]
        more = str(start + step) if start + step < len(rows) else "null"
        some = rows[start : start + step]
        return Answer(
            body=as_csv(some),
            headers={"Content-Type": "text/csv", "Sforce-Locator": more, "Sforce-NumberOfRecords": str(len(some))},
        )


def _place(record: Record) -> tuple[str, str]:
    return record["SystemModstamp"], record["Id"]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _matches(record: Record, where: str) -> bool:
    named = re.fullmatch(r"Id IN \((.+)\)", where)
    if named:
        return f"'{record['Id']}'" in named[1].split(",")
    stamp = _instant(record["SystemModstamp"])
    key = re.search(r"\(SystemModstamp > (\S+) OR \(SystemModstamp = (\S+) AND Id > '(\w+)'\)\)", where)
    if key and (stamp, record["Id"]) <= (_instant(key[1]), key[3]):
        return False
    low, high = re.search(r"SystemModstamp >= (\S+)", where), re.search(r"SystemModstamp <= (\S+)", where)
    return not (low and stamp < _instant(low[1])) and not (high and stamp > _instant(high[1]))


def as_json(value: Any, status: int = 200) -> Answer:
    """A documented JSON answer, compact as Salesforce writes it."""
    return Answer(status=status, body=json.dumps(value, separators=(",", ":")).encode())


def refusal(status: int, code: str, message: str) -> Answer:
    """A documented error: a list of objects."""
    return Answer(status=status, body=json.dumps([{"errorCode": code, "message": message}]).encode())


def as_csv(rows: list[Record]) -> bytes:
    """Rows as Bulk writes them: empty for null, lower-case booleans, instants with Z."""
    text = io.StringIO(newline="")
    names = [name for name in rows[0] if name != "attributes"] if rows else ["Id"]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in names])
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return re.sub(r"(\.\d{3})\+0000$", r"\1Z", str(value))


def settings_for(url: str, **more: str) -> Settings:
    """Settings as read from the environment."""
    given = {"URL": url, "CLIENT_ID": "key", "API_VERSION": "67.0", **(more or {"CLIENT_SECRET": "secret"})}
    chosen = next(group for group in SYSTEM.credentials if all(name in given for name in group))
    return Settings(system="salesforce", url=url, chosen=chosen, values=given)


@contextmanager
def playing(org: FakeOrg, **settings: str) -> Iterator[Client]:
    """A client of the connector in front of the org."""
    with serving(org.answer) as server:
        org.server = server
        client = SYSTEM.open(settings_for(server.url, **settings), lambda: None)
        client.sleep = lambda _seconds: None
        yield client


def read_all(client: Client, stream: Stream, window: Window) -> list[Page]:
    """Every page of a window."""
    pages = [SYSTEM.read(client, stream, window, None)]
    while pages[-1].next is not None:
        pages.append(SYSTEM.read(client, stream, window, pages[-1].next))
    return pages


def account(number: int, stamp: str = "2026-11-20T10:00:00.000+0000", **more: object) -> Record:
    """An account of that number, changed at that time."""
    return {"Id": f"001{number:012d}AAA", "Name": f"A{number}", "IsDeleted": False, "SystemModstamp": stamp, **more}


def ids(pages: list[Page]) -> list[str]:
    """The ids of all records of the pages, in order."""
    return [json.loads(raw)["Id"] for page in pages for raw in page.records]
