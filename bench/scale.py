"""The same calls on a small site and on a large one, in turn: a million generations must not make them slower.

Both sites run side by side and differ in their data alone. As many people call on either, spread over all of them, and
each has the same number of generations, so the answers are alike.
"""

import contextlib
import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench import ledger, load, million, people, report
from bench import site as sites
from bench.api import GENERATIONS, ORDER
from bench.report import Row
from bench.site import BenchSite

SMALL, LARGE = 10, 10_000
CALLERS = 10
CONNECTIONS = 16
SECONDS = 2.0
# A slow moment of the machine meets both sites.
TURNS = ("small", "large", "large", "small", "small", "large")
READS = {
    "history": GENERATIONS,
    "history, filtered": f"{GENERATIONS}?status=succeeded&modality=image&model=demo-image&q=no.%203",
    "ledger": "/api/v1/ledger",
}
ADMIN_LIST = "/admin/generations/generation/"
ADMIN_FILTERED = f"{ADMIN_LIST}?status__exact=failed"


@dataclass(frozen=True, slots=True)
class Filled:
    """A site with its data, served on `port`."""

    site: BenchSite
    port: int
    keys: list[str]


def run(site: BenchSite) -> list[Row]:
    """Rates and numbers of queries at a million generations against those at a thousand."""
    with contextlib.ExitStack() as stack:
        small = stack.enter_context(sites.start(site.folder / "small"))
        large = stack.enter_context(sites.start(site.folder / "large"))
        begun = time.perf_counter()
        keys = {"small": _fill(small, SMALL), "large": _fill(large, LARGE)}
        rows = [report.plain("seconds to load both", time.perf_counter() - begun, "s")]
        rows += _ledger_steps({"small": small, "large": large})
        filled = {
            name: Filled(one, stack.enter_context(one.web()), keys[name])
            for name, one in (("small", small), ("large", large))
        }
        rows += _calls(filled)
    return rows


def _fill(site: BenchSite, count: int) -> list[str]:
    """Returns the keys of the callers."""
    database_url = site.environment["DATABASE_URL"]
    everybody = people.create(database_url, count)
    million.fill(database_url, [person.id for person in everybody])
    return [person.key for person in everybody[:: count // CALLERS]]


def _ledger_steps(pair: dict[str, BenchSite]) -> list[Row]:
    """Holds placed and settled through our services, as in the benchmark of the ledger."""
    rates: dict[str, list[float]] = {name: [] for name in pair}
    with contextlib.ExitStack() as stack:
        teams = {
            name: [stack.enter_context(ledger._Process(one)) for _number in range(4)] for name, one in pair.items()
        }
        for team in teams.values():
            team[0].ask("prepare")
        for turn in TURNS[:4]:
            rates[turn].append(ledger._rate(teams[turn], "service", ledger.WALLETS))
    return [_compared("hold, capture, release", {name: sum(these) / len(these) for name, these in rates.items()})]


def _calls(filled: dict[str, Filled]) -> list[Row]:
    """Every call on both sites, and its queries."""
    rows = []
    requests = {name: _requests(one) for name, one in filled.items()}
    queries = {name: _queries(one) for name, one in filled.items()}
    for call in requests["small"]:
        results = {name: load.Result() for name in filled}
        for turn in TURNS:
            one = load.run(
                filled[turn].port,
                itertools.cycle(requests[turn][call]),
                connections=CONNECTIONS,
                seconds=SECONDS,
                warm_up=0.5,
            )
            if not set(one.statuses) <= {200, 202}:
                raise RuntimeError(f"{call}: {one.statuses}")
            results[turn].duration += one.duration
            results[turn].seconds += one.seconds
        rows.append(_compared(call, {name: result.rate for name, result in results.items()}))
        more = queries["large"][call] - queries["small"][call]
        rows.append(
            report.at_most(f"{call}: {queries['large'][call]} queries, more than on the small site", more, "", 0)
        )
    return rows


def _compared(call: str, rates: dict[str, float]) -> Row:
    name = f"{call}: {rates['large']:.0f}/s, share of {rates['small']:.0f}/s at 1,000"
    return report.at_least(name, rates["large"] / rates["small"], "", 0.80)


def _paths(one: Filled) -> Iterator[tuple[str, str, str]]:
    """Each read of each caller: name, path, key."""
    for key in one.keys:
        _status, listed = load.fetch(one.port, load.request("GET", GENERATIONS, key))
        yield "one generation", f"{GENERATIONS}/{json.loads(listed)['results'][0]['id']}", key
        for name, path in READS.items():
            yield name, path, key


def _requests(one: Filled) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    for name, path, key in _paths(one):
        found.setdefault(name, []).append(load.request("GET", path, key))
    cookie = f"Cookie: sessionid={one.site.python('-m', 'bench.queries', 'session').strip()}\r\n"
    found["admin list"] = [load.request("GET", ADMIN_LIST, "", headers=cookie)]
    found["admin list, filtered"] = [load.request("GET", ADMIN_FILTERED, "", headers=cookie)]
    # Orders last: what they add must not be in the way of the reads.
    found["order"] = [load.request("POST", GENERATIONS, key, ORDER) for key in one.keys]
    return found


def _queries(one: Filled) -> dict[str, int]:
    """How many queries each call makes, counted inside one process of the site."""
    asked = {name: ["GET", path, key] for name, path, key in _paths(one)}
    asked["admin list"] = ["ADMIN", ADMIN_LIST, ""]
    asked["admin list, filtered"] = ["ADMIN", ADMIN_FILTERED, ""]
    asked["order"] = ["POST", GENERATIONS, one.keys[0]]
    counted: dict[str, int] = json.loads(one.site.python("-m", "bench.queries", "count", json.dumps(asked)))
    return counted
