"""One measured piece of work in a process of its own: `python -m sync_assets_tests.bench.work NAME URL`.

Prints its cost as JSON. The database is that of SYNC_HOME.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sync_assets_tests.bench.meter import Cost, measured, peak_mb


def ours(url: str) -> Cost:
    """The product: raw, gated, canonical, versioned, as a real Dagster run; with BENCH_RAW only the raw invoices."""
    os.environ.update({"SYNC_CHARGEBEE_URL": url, "SYNC_CHARGEBEE_API_KEY": "bench", "SYNC_CHARGEBEE_RATE": "1000000"})
    from sync_assets.automation import sync_tags, today
    from sync_assets.connect.assets import raw_key
    from sync_assets.operate.home import prepare
    from sync_assets.operate.runs import run_job
    from sync_assets.store import embedded
    from sync_assets.store.engine import home, open_store
    from sync_assets.systems.chargebee.spec import SYSTEM

    prepare()
    open_store()
    mode = os.environ.get("BENCH_MODE", "sync")
    only = [raw_key(SYSTEM, SYSTEM.stream("invoices"))] if os.environ.get("BENCH_RAW") else None
    with measured(embedded.where(home())) as cost:
        result = run_job("sync_chargebee", tags=sync_tags(mode), partition_key=today(), only=only)
    if result.failures:
        raise SystemExit("; ".join(result.failures))
    return cost


def baseline(url: str) -> Cost:
    """The floor: fetch the same pages, decode them, COPY each record's text with its id; nothing else."""
    import msgspec
    import psycopg
    import requests

    from sync_assets.store import embedded
    from sync_assets.store.engine import home, locate

    database = locate().ours.render_as_string(hide_password=False)
    session, offset = requests.Session(), None
    with measured(embedded.where(home())) as cost, psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS public.floor (id text, total bigint, body text)")
        connection.execute("TRUNCATE public.floor")
        while True:
            params = {"limit": "100", **({"offset": offset} if offset else {})}
            body = session.get(url + "/api/v2/invoices", params=params, timeout=60).content
            answer = msgspec.json.decode(body)
            with connection.cursor().copy("COPY public.floor FROM STDIN") as copy:
                for element in answer["list"]:
                    row = element["invoice"]
                    copy.write_row((row["id"], row["total"], msgspec.json.encode(row).decode()))
            connection.commit()
            offset = answer.get("next_offset")
            if offset is None:
                break
    return cost


def at_rest(_url: str) -> Cost:
    """The server at rest after a large read."""
    from sync_assets.store import embedded
    from sync_assets.store.engine import home, open_store
    from sync_assets_tests.bench.billed_company import quieten

    store = open_store()
    with measured(embedded.where(home())) as cost:
        quieten(store)
    return cost


def reread(url: str) -> Cost:
    """The product once more on the same records; it must write neither a version nor a copy."""
    from sqlalchemy import text

    from sync_assets.store.engine import open_store

    count = text("SELECT (SELECT count(*) FROM raw.version), (SELECT last_value FROM canonical.change)")

    def written() -> tuple[int, int]:
        with open_store().begin() as connection:
            return connection.execute(count).one()._tuple()

    before = written()
    os.environ["BENCH_MODE"] = "full"
    cost = ours(url)
    if written() != before:
        raise SystemExit(f"A second read wrote rows: {before} became {written()}.")
    return cost


def dlt(url: str) -> Cost:
    """The peer, in its own environment, into a schema of the same server."""
    from sync_assets.store import embedded
    from sync_assets.store.engine import home, locate

    database = locate().ours.render_as_string(hide_password=False)
    script = Path(__file__).with_name("dlt_read.py")
    command = [os.environ["BENCH_DLT_PYTHON"], str(script), url, database, str(home() / "pipelines")]
    with measured(embedded.where(home())) as cost:
        subprocess.run([*command, os.environ["BENCH_DLT"]], check=True, capture_output=True)
    return cost


def load(_url: str) -> Cost:
    """The code location as Dagster loads it; heavy libraries must not come with it."""
    from sync_assets.operate.home import prepare

    prepare()
    began = time.process_time()
    from sync_assets.definitions import graph

    graph()
    heavy = {"great_expectations", "pandas"} & set(sys.modules)
    if heavy:
        raise SystemExit(f"The code location imports {', '.join(sorted(heavy))}.")
    peak = peak_mb()
    return Cost(client_s=time.process_time() - began, peak_mb=peak)


def reconcile_first(_url: str) -> Cost:
    """The first rules on some changed invoices among many."""
    from sync_assets_tests.bench.reconciling import judge_first_changes

    return judge_first_changes()


def reconcile(_url: str) -> Cost:
    """All rules on some changed invoices among many."""
    from sync_assets_tests.bench.reconciling import judge_changes

    return judge_changes()


def everything(_url: str) -> Cost:
    """All rules on all that there is."""
    from sync_assets_tests.bench.reconciling import judge_everything

    return judge_everything()


def febrl(_url: str) -> Cost:
    """FEBRL's people and their spoiled copies linked."""
    from sync_assets_tests.bench.linking import febrl

    return febrl()


def link(_url: str) -> Cost:
    """All customers linked from nothing."""
    from sync_assets_tests.bench.linking import link_all

    return link_all(int(os.environ["BENCH_CUSTOMERS"]))


def link_more(_url: str) -> Cost:
    """New customers linked among all those."""
    from sync_assets_tests.bench.linking import link_new

    return link_new(int(os.environ["BENCH_CUSTOMERS"]))


def audit(url: str) -> Cost:
    """An audit of what was read."""
    from sync_assets_tests.bench.auditing import audit_clean

    return audit_clean(url)


def damage(url: str) -> Cost:
    """Stored records spoiled at random."""
    from sync_assets_tests.bench import auditing

    return auditing.damage(url)


def audit_damaged(url: str) -> Cost:
    """An audit of what was spoiled."""
    from sync_assets_tests.bench import auditing

    return auditing.audit_damaged(url)


WORK: dict[str, Callable[[str], Cost]] = {
    "ours": ours,
    "reread": reread,
    "at_rest": at_rest,
    "baseline": baseline,
    "dlt": dlt,
    "load": load,
    "reconcile_first": reconcile_first,
    "reconcile": reconcile,
    "everything": everything,
    "febrl": febrl,
    "link": link,
    "link_more": link_more,
    "audit": audit,
    "damage": damage,
    "audit_damaged": audit_damaged,
}


def main() -> None:
    """Do one piece of work and print what it cost."""
    cost = WORK[sys.argv[1]](sys.argv[2])
    Path(os.environ["BENCH_RESULT"]).write_text(json.dumps(vars(cost)))


if __name__ == "__main__":
    main()
