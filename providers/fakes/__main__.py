"""`python -m providers.fakes --port 8020`: all stand-ins in a process of their own."""

import argparse
import contextlib
import sys

from providers.fakes import APPS, SEEN_PACE, environment
from providers.fakes.faults import FAULTS
from providers.fakes.frame import Frame, Pace


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Stand-ins for the AI providers, on this machine.")
    parser.add_argument("--port", type=int, default=8020)
    parser.add_argument("--accept", type=float, default=SEEN_PACE.accept, help="seconds until an order is taken")
    parser.add_argument("--work", type=float, default=SEEN_PACE.work, help="seconds until a task is done")
    options = parser.parse_args()
    frame = Frame(APPS, port=options.port, pace=Pace(accept=options.accept, work=options.work))
    sys.stdout.write("\n".join([f"Stand-ins for the AI providers: {frame.url}", *_explained(frame.url), ""]))
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        frame.serve_forever()


def _explained(url: str) -> list[str]:
    """What a person at a terminal wants to know: the settings of a site that uses these, and the faults."""
    if not sys.stdout.isatty():
        return []
    settings = [f"{name}={value}" for name, value in environment(url).items()]
    faults = [f"  [fault:{name}]  {meaning}" for name, meaning in FAULTS.items()]
    return ["", *settings, "", "In a prompt:", *faults]


if __name__ == "__main__":
    main()
