"""`python -m billing.fakes --port 8011 --site http://localhost:8000`: all stand-ins until Ctrl-C."""

import argparse
import contextlib

from billing.fakes.server import Fakes, environment


def main() -> None:
    parser = argparse.ArgumentParser(description="Stand-ins for the payment systems, on loopback.")
    parser.add_argument("--port", type=int, default=8011)
    parser.add_argument("--site", default="", help="the address of the site, for cabinets that hold one")
    parser.add_argument("--environment", action="store_true", help="print the site's environment and end")
    options = parser.parse_args()
    if options.environment:
        for name, value in environment(f"http://127.0.0.1:{options.port}").items():
            print(f"{name}={value}")  # noqa: T201
        return
    with contextlib.suppress(KeyboardInterrupt):
        Fakes(options.port, site_url=options.site.rstrip("/")).serve()


if __name__ == "__main__":
    main()
