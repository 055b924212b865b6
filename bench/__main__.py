"""`python -m bench [part …]`: run the benchmarks, print a table, save JSON. Exits with 1 when a target is missed."""

import importlib
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench import report, site

PARTS = {
    "ledger": "Ledger",
    "notifications": "Notifications of payments",
    "api": "API",
    "scale": "Scale",
    "submissions": "Submissions",
    "inflight": "In flight",
    "streams": "Event streams",
    "purge": "Purge of a million rows",
    "export": "Export of 10,000 generations",
}


def main(wanted: list[str]) -> int:
    data_dir = Path(os.environ.get("NEURALBOX_DATA_DIR", "var")).resolve()
    folder = data_dir / "bench"
    shutil.rmtree(folder / "site", ignore_errors=True)
    done = {}
    with site.start(folder / "site") as live:
        for name in wanted or PARTS:
            rows = importlib.import_module(f"bench.{name}").run(live)
            report.show(PARTS[name], rows)
            done[name] = rows
    # Gigabytes. Kept only when something failed, with the log of the processes.
    shutil.rmtree(folder / "site")
    saved = folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    report.save(saved, done)
    print(f"\nSaved as {saved}")
    return int(any(row.ok is False for rows in done.values() for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
