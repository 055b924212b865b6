"""The API under load, against an empty view and hand-written views in the same server and run."""

import itertools
import json
from collections.abc import Callable, Iterator

import psycopg

from bench import load, report
from bench.report import Row
from bench.site import BenchSite

CONNECTIONS = 32
SECONDS = 6.0


def run(site: BenchSite) -> list[Row]:
    """Orders, one generation and the list of 20; each measured right after what it is compared with."""
    printed = site.manage("create_api_key", "--email", "bench@example.com", "--tokens", "1000000000")
    key = next(word for word in printed.split() if word.startswith("nb_live_"))
    with site.web() as port:
        rows = _orders(port, key)
        finish_all(site.environment["DATABASE_URL"])
        rows += _reads(port, key, _some_id(site))
    return rows


def repeated(one: bytes) -> Iterator[bytes]:
    return itertools.repeat(one)


def _orders(port: int, key: str) -> list[Row]:
    body = json.dumps({"model": "demo-image", "input": {"prompt": "A lighthouse", "size": "512"}}).encode()
    empty, ours = _against(
        port,
        repeated(load.request("POST", "/bench/empty", key, body)),
        repeated(load.request("POST", GENERATIONS, key, body)),
    )
    assert set(ours.statuses) == {202}, ours.statuses
    return [
        report.plain("POST to an empty view", empty.rate, "1/s"),
        report.plain("POST /generations", ours.rate, "1/s"),
        report.at_least("POST /generations, share of the empty view's rate", ours.rate / empty.rate, "", 0.40),
        report.at_most("POST /generations, p99 over p50", ours.percentile(0.99) / ours.median, "", 4.0),
    ]


def _reads(port: int, key: str, generation_id: str) -> list[Row]:
    rows = []
    for name, path in (("one generation", f"/{generation_id}"), ("list of 20", "")):
        by_hand, ours = _against(
            port,
            repeated(load.request("GET", f"/bench/generations{path}", key)),
            repeated(load.request("GET", f"{GENERATIONS}{path}", key)),
        )
        assert set(ours.statuses) == set(by_hand.statuses) == {200}, (ours.statuses, by_hand.statuses)
        rows += [
            report.plain(f"GET {name}, written by hand", by_hand.rate, "1/s"),
            report.plain(f"GET {name}", ours.rate, "1/s"),
            report.at_least(f"GET {name}, share of the hand-written rate", ours.rate / by_hand.rate, "", 0.50),
        ]
    return rows


GENERATIONS = "/api/v1/generations"


def _against(port: int, other: Iterator[bytes], ours: Iterator[bytes]) -> tuple[load.Result, load.Result]:
    measure: Callable[[Iterator[bytes]], load.Result] = lambda requests: load.run(  # noqa: E731
        port, requests, connections=CONNECTIONS, seconds=SECONDS
    )
    return measure(other), measure(ours)


def finish_all(database_url: str) -> None:
    """Make every waiting generation look finished, with one picture each, so that reads have something to show."""
    with psycopg.connect(database_url) as connection:
        connection.execute("DELETE FROM core_job")
        connection.execute(
            """UPDATE generations_generation SET status = 'succeeded', provider = 'offline', started_at = created_at,
                      finished_at = now(), progress = 1, tokens_captured = tokens_quoted WHERE status = 'queued'"""
        )
        connection.execute(
            """INSERT INTO generations_asset (id, generation_id, position, kind, mime, bytes, width, height, sha256,
                                              storage_key, thumbnail_key, is_late)
               SELECT gen_random_uuid(), id, 0, 'image', 'image/png', 1650195, 1024, 1024, repeat('a', 64),
                      'results/' || user_id || '/' || id || '/0.png',
                      'results/' || user_id || '/' || id || '/0.thumb.webp', false
               FROM generations_generation"""
        )
        connection.execute("ANALYZE")


def _some_id(site: BenchSite) -> str:
    with psycopg.connect(site.environment["DATABASE_URL"]) as connection:
        row = connection.execute("SELECT id FROM generations_generation LIMIT 1").fetchone()
    assert row
    return str(row[0])
