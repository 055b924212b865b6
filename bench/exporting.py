"""Makes an archive as a worker does, and tells how far the memory of the process rose. Run as a program of the site:

`python -m bench.exporting NOBODY PERSON`: the archive of the first, who has nothing, loads all code beforehand.
"""

import json
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import django


def main(nobody: str, person: str) -> None:
    django.setup()
    _made(nobody)
    # From here on, the highest mark is that of this archive.
    Path("/proc/self/clear_refs").write_text("5")
    baseline = _memory("VmRSS")
    began = time.monotonic()
    export = _made(person)
    seconds = time.monotonic() - began
    growth = _memory("VmHWM") - baseline
    content = _content(export)
    print(json.dumps({"growth": growth, "baseline": baseline, "seconds": seconds, **content}))


def _made(person: str) -> Any:
    from accounts.models import User
    from legal.services import exports

    export = exports.request(user=User.objects.get(pk=person), language="en")
    while exports.make_part(export.pk):
        pass
    export.refresh_from_db()
    return export


def _memory(name: str) -> int:
    """In bytes, as the kernel counts it."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"the kernel does not tell {name}")


def _content(export: Any) -> dict[str, int]:
    from neuralbox.core import storage

    found = {"files": 0, "damaged": 0, "bytes": 0}
    for part in export.parts.all():
        with storage.store().open_file(part.storage_key) as file, zipfile.ZipFile(file) as archive:
            found["files"] += len(archive.namelist())
            found["damaged"] += archive.testzip() is not None
        found["bytes"] += part.bytes
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
