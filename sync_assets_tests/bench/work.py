"""One measured piece of work in a process of its own: `python -m sync_assets_tests.bench.work NAME URL`.

Prints its cost as JSON. The database is that of SYNC_HOME.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from sync_assets_tests.bench.meter import Cost, measured


def ours(url: str) -> Cost:
    """The product: raw, gated, canonical, versioned, as a real Dagster run."""
    os.environ.update({"SYNC_CHARGEBEE_URL": url, "SYNC_CHARGEBEE_API_KEY": "bench", "SYNC_CHARGEBEE_RATE": "1000000"})
    from sync_assets.automation import sync_tags, today
    from sync_assets.operate.home import prepare
    from sync_assets.operate.runs import run_job
    from sync_assets.store import embedded
    from sync_assets.store.engine import home, open_store

    prepare()
    open_store()
    mode = os.environ.get("BENCH_MODE", "sync")
    with measured(embedded.where(home())) as cost:
        result = run_job("sync_chargebee", tags=sync_tags(mode), partition_key=today())
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


WORK: dict[str, Callable[[str], Cost]] = {"ours": ours, "baseline": baseline}


def main() -> None:
    """Do one piece of work and print what it cost."""
    cost = WORK[sys.argv[1]](sys.argv[2])
    Path(os.environ["BENCH_RESULT"]).write_text(json.dumps(vars(cost)))


if __name__ == "__main__":
    main()
