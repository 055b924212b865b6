"""The API under load, against an empty view and hand-written views in the same server and run."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import psycopg

from bench import load, people, report
from bench.report import Row
from bench.site import BenchSite

CONNECTIONS = 32
SECONDS = 3.0
GENERATIONS = "/api/v1/generations"
ORDER = json.dumps({"model": "demo-image", "input": {"prompt": "A lighthouse", "size": "512"}}).encode()


def run(site: BenchSite) -> list[Row]:
    """Orders, one generation and the list of 20; each measured in turn with what it is compared with."""
    [person] = people.create(site.environment["DATABASE_URL"], 1)
    with site.web() as port:
        rows = _orders(port, person.key)
        finish_all(site.environment["DATABASE_URL"])
        rows += _reads(port, person.key)
    return rows


def _orders(port: int, key: str) -> list[Row]:
    empty, ours = _against(
        port, load.request("POST", "/bench/empty", key, ORDER), load.request("POST", GENERATIONS, key, ORDER), 202
    )
    return [
        report.plain("POST to an empty view", empty.rate, "1/s"),
        report.plain("POST /generations", ours.rate, "1/s"),
        report.at_least("POST /generations, share of the empty view's rate", ours.rate / empty.rate, "", 0.40),
        report.plain("POST /generations, p50", 1000 * ours.median, "ms"),
        report.at_most("POST /generations, p99 over p50", ours.percentile(0.99) / ours.median, "", 4.0),
    ]


def _reads(port: int, key: str) -> list[Row]:
    _status, listed = load.fetch(port, load.request("GET", GENERATIONS, key))
    some_id = json.loads(listed)["results"][0]["id"]
    rows = []
    for name, path in (("one generation", f"/{some_id}"), ("list of 20", "")):
        asked_by_hand = load.request("GET", f"/bench/generations{path}", key)
        asked = load.request("GET", f"{GENERATIONS}{path}", key)
        _same_bytes(port, asked_by_hand, asked)
        by_hand, ours = _against(port, asked_by_hand, asked, 200)
        rows += [
            report.plain(f"GET {name}, written by hand", by_hand.rate, "1/s"),
            report.plain(f"GET {name}", ours.rate, "1/s"),
            report.at_least(f"GET {name}, share of the hand-written rate", ours.rate / by_hand.rate, "", 0.50),
        ]
    return rows


def _against(port: int, other: bytes, ours: bytes, status: int) -> tuple[load.Result, load.Result]:
    """Both measured twice, in the order ABBA, so that a slow moment of the machine meets both."""
    results = [load.Result(), load.Result()]
    for which in (0, 1, 1, 0):
        requests: Iterator[bytes] = itertools.repeat((other, ours)[which])
        one = load.run(port, requests, connections=CONNECTIONS, seconds=SECONDS)
        if set(one.statuses) != {status}:
            raise RuntimeError(f"answers other than {status}: {one.statuses}")
        results[which].duration += one.duration
        results[which].seconds += one.seconds
    return results[0], results[1]


def _same_bytes(port: int, one: bytes, other: bytes) -> None:
    """The comparison is fair only while both answers say the same. Raises RuntimeError."""
    bodies = [load.fetch(port, request)[1] for request in (one, other)]
    if _without_page_links(bodies[0]) != _without_page_links(bodies[1]):
        raise RuntimeError(f"the hand-written view answers differently:\n{bodies[0]!r}\n{bodies[1]!r}")
    if abs(len(bodies[0]) - len(bodies[1])) > max(64, len(bodies[1]) // 20):
        raise RuntimeError(f"the hand-written view answers {len(bodies[0])} bytes, ours {len(bodies[1])}")


def _without_page_links(body: bytes) -> Any:
    content = json.loads(body)
    return content.get("results", content)


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
