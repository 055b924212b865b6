"""`python -m accounts.fakes --port 8020`."""

import argparse
import sys
import threading

from accounts.fakes.server import Fakes


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m accounts.fakes", description=__doc__)
    parser.add_argument("--port", type=int, default=8020)
    fakes = Fakes(port=parser.parse_args().port)
    fakes.start()
    sys.stdout.write(f"login providers: {fakes.url}\n")
    sys.stdout.flush()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        fakes.stop()


if __name__ == "__main__":
    main()
