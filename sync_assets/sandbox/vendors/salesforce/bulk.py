"""Bulk API 2.0 query jobs: created, polled, read in CSV chunks, aborted, deleted.

Source: Bulk API 2.0 Developer Guide, query jobs (states, results with Sforce-Locator and Sforce-NumberOfRecords, same
API version for creation and results, nothing but plain columns); the client `simple_salesforce.bulk2`.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from sync_assets.sandbox.shelf import Record
from sync_assets.sandbox.vendors.salesforce.errors import RefusalError, not_found
from sync_assets.sandbox.vendors.salesforce.ids import numbered_id
from sync_assets.sandbox.vendors.salesforce.org import Org
from sync_assets.sandbox.vendors.salesforce.query import Result, run
from sync_assets.sandbox.vendors.salesforce.soql import parse
from sync_assets.sandbox.vendors.salesforce.values import csv_text, stamp
from sync_assets.sandbox.wire import Reply, Request

_DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
_ENDED = {"JobComplete", "Failed", "Aborted"}


@dataclass(kw_only=True)
class _Job:
    info: dict[str, Any]
    result: Result
    polls: int = 0


@dataclass(kw_only=True)
class BulkJobs:
    """The query jobs of an org."""

    org: Org
    _jobs: dict[str, _Job] = field(default_factory=dict)
    _created: int = 0

    def create(self, request: Request, version: str) -> Reply:
        """A new job.

        Raises:
            RefusalError: the body is no job, or its query is not one a job may run.
        """
        asked = _body(request)
        operation = asked.get("operation")
        choices = (operation, asked.get("columnDelimiter", "COMMA"), asked.get("lineEnding", "LF"))
        if operation not in {"query", "queryAll"} or choices[1] not in _DELIMITERS or choices[2] not in _ENDINGS:
            raise RefusalError(400, "INVALIDJOB", f"Unable to create the job: {choices}")
        result = self._result(str(asked.get("query", "")), with_deleted=operation == "queryAll")
        self._created += 1
        now = stamp(self.org.shelf.clock.now())
        info = {
            "id": numbered_id("750", self.org.pod, self._created),
            "operation": operation,
            "object": result.sobject.name,
            "createdById": self.org.user_id,
            "createdDate": now,
            "systemModstamp": now,
            "state": "UploadComplete",
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(version[1:]),
            "lineEnding": choices[2],
            "columnDelimiter": choices[1],
        }
        self._jobs[info["id"]] = _Job(info=info, result=result)
        return Reply.of(info)

    def listed(self) -> Reply:
        """Every job, newest first."""
        jobs = [job.info for job in reversed(self._jobs.values())]
        return Reply.of({"done": True, "records": jobs, "nextRecordsUrl": None})

    def state(self, job_id: str) -> Reply:
        """One job; asking moves it on, as time does for the vendor."""
        job = self._job(job_id)
        if job.info["state"] not in _ENDED:
            job.polls += 1
            if job.polls <= self.org.quirks.bulk_polls:
                self._move(job, "InProgress")
            elif self.org.quirks.bulk_fails is not None:
                self._move(job, "Failed", errorMessage=self.org.quirks.bulk_fails)
            else:
                self._move(
                    job, "JobComplete", numberRecordsProcessed=len(job.result.records), retries=0, totalProcessingTime=0
                )
        return Reply.of(job.info)

    def change(self, job_id: str, request: Request) -> Reply:
        """Abort a job that has not ended.

        Raises:
            RefusalError: INVALIDJOBSTATE.
        """
        job = self._job(job_id)
        if _body(request).get("state") != "Aborted" or job.info["state"] in _ENDED:
            raise RefusalError(400, "INVALIDJOBSTATE", f"Aborting already {job.info['state']} Job not allowed")
        self._move(job, "Aborted")
        return Reply.of(job.info)

    def delete(self, job_id: str) -> Reply:
        """Forget a job that has ended, and its results.

        Raises:
            RefusalError: INVALIDJOBSTATE.
        """
        if self._job(job_id).info["state"] not in _ENDED:
            raise RefusalError(400, "INVALIDJOBSTATE", "Deleting a job that has not ended is not allowed")
        del self._jobs[job_id]
        return Reply(status=204)

    def results(self, job_id: str, request: Request, version: str) -> Reply:
        """One chunk of a completed job as CSV with its header row; readable again by its locator.

        Raises:
            RefusalError: the job is not complete, the version or the locator is not the job's.
        """
        job = self._job(job_id)
        if job.info["apiVersion"] != float(version[1:]):
            raise RefusalError(409, "API_ERROR", "Results are read with the API version that created the job")
        if job.info["state"] != "JobComplete":
            raise RefusalError(400, "INVALIDJOBSTATE", f"Job is {job.info['state']}: results are not available")
        first, asked = _place(request.arg("locator")), request.arg("maxRecords", "50000")
        if first is None or not asked.isdigit() or int(asked) < 1:
            raise RefusalError(400, "API_ERROR", "Invalid locator or maxRecords")
        last = min(first + min(int(asked), self.org.quirks.bulk_rows_max), len(job.result.records))
        records = job.result.records[first:last]
        headers = {
            "Content-Type": "text/csv; charset=UTF-8",
            "Sforce-Locator": "null" if last >= len(job.result.records) else f"{last:x}Z",
            "Sforce-NumberOfRecords": str(len(records)),
        }
        return Reply(body=_csv(job, list(records)).encode("utf-8", "surrogatepass"), headers=headers)

    def _result(self, soql: str, *, with_deleted: bool) -> Result:
        query = parse(soql)
        if query.aggregates or query.offset:
            raise RefusalError(400, "API_ERROR", "Aggregate functions and OFFSET are not supported in Bulk Query")
        result = run(self.org, query, with_deleted=with_deleted)
        if any(column.kind == "address" for column in result.columns):
            raise RefusalError(400, "API_ERROR", "Selecting compound data not supported in Bulk Query")
        return result

    def _job(self, job_id: str) -> _Job:
        if job_id not in self._jobs:
            raise not_found()
        return self._jobs[job_id]

    def _move(self, job: _Job, state: str, **more: Any) -> None:
        job.info.update(state=state, systemModstamp=stamp(self.org.shelf.clock.now()), **more)


def _body(request: Request) -> dict[str, Any]:
    try:
        body = request.json()
    except json.JSONDecodeError as wrong:
        raise RefusalError(400, "JSON_PARSER_ERROR", f"Unexpected character: {wrong}") from wrong
    if not isinstance(body, dict):
        raise RefusalError(400, "JSON_PARSER_ERROR", "The body is no JSON object")
    return body


def _place(locator: str) -> int | None:
    if not locator or locator == "null":
        return 0
    try:
        return int(locator.removesuffix("Z"), 16)
    except ValueError:
        return None


def _csv(job: _Job, records: list[Record]) -> str:
    delimiter, ending = _DELIMITERS[job.info["columnDelimiter"]], _ENDINGS[job.info["lineEnding"]]
    columns = job.result.columns
    head = delimiter.join(csv_text(column.name, "string") for column in columns)
    rows = [delimiter.join([csv_text(column.read(record), column.kind) for column in columns]) for record in records]
    return ending.join([head, *rows, ""])
