"""Every file under static/vendor is the one that its MANIFEST.json records, and each recorded file is there."""

import hashlib
import json
import sys
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"


def faults() -> list[str]:
    recorded = {entry["file"]: entry["sha256"] for entry in json.loads((VENDOR / "MANIFEST.json").read_text())}
    present = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "MANIFEST.json"
    }
    return [
        *(f"not recorded: {name}" for name in sorted(present.keys() - recorded.keys())),
        *(f"missing: {name}" for name in sorted(recorded.keys() - present.keys())),
        *(f"changed: {name}" for name in sorted(present.keys() & recorded.keys()) if present[name] != recorded[name]),
    ]


if __name__ == "__main__":
    found = faults()
    sys.stdout.writelines(f"{fault}\n" for fault in found)
    sys.exit(1 if found else 0)
