"""A rendering process: reads orders from standard input, one JSON object a line, and tells how they go.

Order: `{"model", "input", "folder"}`; files in the input are `{"path", "name", "mime"}`. Answers, one a line:
`{"event": "progress", "progress", "stage"}`, then `{"event": "done", "results", "seed"}` or
`{"event": "failed", "code", "message"}`. Ends when its input does.
"""

import contextlib
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any, TextIO

from providers.adapters.offline.render import studio
from providers.adapters.offline.render.orders import BadOrder

_NICENESS = 5


def _serve(orders: TextIO, answers: TextIO) -> None:
    def say(event: str, **rest: Any) -> None:
        print(json.dumps({"event": event, **rest}), file=answers, flush=True)

    def progress(share: float, stage: str) -> None:
        say("progress", progress=share, stage=stage)

    for line in orders:
        order = json.loads(line)
        try:
            made = studio.render(order["model"], order["input"], Path(order["folder"]), progress)
        except BadOrder as refusal:
            say("failed", code="invalid_input", message=str(refusal))
        except Exception:  # noqa: BLE001 - one bad order must not end the process; the engine reports it as failed
            traceback.print_exc(file=sys.stderr)
            say("failed", code="render_failed", message="Rendering failed.")
        else:
            say(
                "done",
                results=[{"name": one.name, "kind": one.kind, "mime": one.mime} for one in made.files],
                seed=made.seed,
            )


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the engine, which then ends this process
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a chatty library must not speak into the protocol
    _serve(sys.stdin, answers)


if __name__ == "__main__":
    main()
