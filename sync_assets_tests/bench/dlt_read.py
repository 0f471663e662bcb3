"""The peer: dlt's REST source reading the same pages into the same server. Runs in dlt's own environment.

`python dlt_read.py URL DATABASE FOLDER default|tuned`. Source: dlthub.com/docs (REST API source, performance).
"""

import os
import sys

TUNED = {
    "DATA_WRITER__BUFFER_MAX_ITEMS": "50000",
    "NORMALIZE__DATA_WRITER__FILE_MAX_ITEMS": "100000",
    "NORMALIZE__WORKERS": "2",
    "LOAD__WORKERS": "4",
    "NORMALIZE__LOADER_FILE_FORMAT": "csv",
    "SCHEMA__NAMING": "direct",
}
"""What dlt's page on performance advises for one resource with many small pages."""


def main() -> None:
    """Read every invoice once, keyed by its id."""
    url, database, folder, how = sys.argv[1:5]
    os.environ.update({"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"})
    os.environ.update(TUNED if how == "tuned" else {})
    import dlt  # type: ignore[import-not-found, unused-ignore]
    from dlt.sources.rest_api import rest_api_source  # type: ignore[import-not-found, unused-ignore]

    source = rest_api_source(
        {
            "client": {
                "base_url": url,
                "paginator": {"type": "cursor", "cursor_path": "next_offset", "cursor_param": "offset"},
            },
            "resources": [
                {
                    "name": "invoices",
                    "primary_key": "id",
                    "write_disposition": "merge",
                    "endpoint": {
                        "path": "api/v2/invoices",
                        "params": {"limit": 100},
                        "data_selector": "list[*].invoice",
                    },
                }
            ],
        }
    )
    pipeline = dlt.pipeline(
        pipeline_name=f"bench_{how}",
        destination=dlt.destinations.postgres(database),
        dataset_name=f"dlt_{how}",
        pipelines_dir=folder,
    )
    pipeline.run(source)


if __name__ == "__main__":
    main()
