"""The promises to users: in plain words, what in the product keeps each, and how its tests went.

The test run writes a report (see `neuralbox.tests.promises`); a deployment brings a copy along. Without one the page
says that it does not know: it never claims a test that was not run.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Promise:
    """`kept_by` says what in the product makes `words` true."""

    number: str
    words: LazyText
    kept_by: LazyText


PROMISES: tuple[Promise, ...] = (
    Promise(
        "P1",
        _("From your login we take your name, e-mail, picture and number there, nothing more."),
        _("Everything else in the provider's answer is dropped before it is stored; its tokens are not kept."),
    ),
    Promise(
        "P2",
        _("You can see what we keep of your use: requests, prompts, API calls, payments, balance."),
        _("History, wallet and privacy center show it, and the export holds all of it."),
    ),
    Promise(
        "P3",
        _("Address, browser and device serve security and our own figures, and go on schedule."),
        _("You see your devices; old entries are purged every night; nobody else receives them."),
    ),
    Promise(
        "P4",
        _("History and balance can be followed to the last token."),
        _("The history lists every generation, the wallet every movement with the balance after it."),
    ),
    Promise(
        "P5",
        _("Payments are processed exactly."),
        _("A double-entry ledger that the database protects, chained by hashes that you can check yourself."),
    ),
    Promise(
        "P6",
        _("Fraud and abuse are prevented, and the terms are enforced."),
        _("Terms are accepted with version and time; rate limits; blocks by staff with a reason that you see."),
    ),
    Promise(
        "P7",
        _("The service gets better from our own figures, which leave our database nowhere."),
        _("Sums for staff only; no page and no process sends figures to anybody."),
    ),
    Promise(
        "P8",
        _("We write when it matters, and never advertise."),
        _("Each message has a kind, and no kind is advertising; you see all of them."),
    ),
    Promise(
        "P9",
        _("Your data is on secure servers."),
        _("The site does not start with unsafe settings; connections are encrypted; secrets are outside of the code."),
    ),
    Promise(
        "P10",
        _("The history is kept for your convenience, and deleted after a time that we tell you."),
        _("A nightly purge keeps to the periods below, and warns you 14 days before results go."),
    ),
    Promise(
        "P11",
        _("Your uploads are private, and go once they are not needed."),
        _("Private storage, links that end after minutes, and a purge after the last generation that used them."),
    ),
    Promise(
        "P12",
        _("Payment records stay as long as the law wants, and without your name after you leave."),
        _("No setting purges them sooner; an erasure leaves amounts and numbers, and nobody's name."),
    ),
    Promise(
        "P13",
        _("A prompt goes to the AI provider that is named, and nothing about you goes with it."),
        _("Each model names its providers; each generation records who received it; orders carry no account data."),
    ),
    Promise(
        "P14",
        _("You see all that a login told us."),
        _("The profile shows it, under your logins."),
    ),
    Promise(
        "P15",
        _("You pay on the page of the payment service; card data never reaches us."),
        _("There is no field for a card here; messages of payment services are masked before they are stored."),
    ),
    Promise(
        "P16",
        _("Results and uploads are on storage that is compatible with S3."),
        _("One private bucket for all files, byte for byte as they were made."),
    ),
    Promise(
        "P17",
        _("Nothing is sold. Others get only what their job needs, or what the law demands."),
        _("The register of recipients below comes from the program itself; demands of authorities have a register."),
    ),
    Promise(
        "P18",
        _("You can see, export, hide and delete what is yours, and leave with everything erased."),
        _("Privacy center: one archive, deletion with a deadline of 30 days, and an act of what was erased."),
    ),
    Promise(
        "P19",
        _("Your browser keeps three things: sign-in, language, theme. Nobody follows you."),
        _("A real browser reads every page for cookies, storage and calls to others."),
    ),
    Promise(
        "P20",
        _("Encrypted connections, short-lived sign-ins, keys that are kept as fingerprints."),
        _("HTTPS only; access for five minutes at a time; a key is shown once, can be limited and revoked."),
    ),
    Promise(
        "P21",
        _("The service is not for people under 16."),
        _("A statement before the first sign-in; a child's account is deleted at once when somebody tells us."),
    ),
    Promise(
        "P22",
        _("You hear of changes to these documents before they hold."),
        _("Versions that cannot be altered, differences word by word, a notice a week before, your agreement again."),
    ),
    Promise(
        "P23",
        _("Questions about privacy reach a person."),
        _("The address is on every page; every letter has a deadline in the queue of our staff."),
    ),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the tests of one promise went: `state` is "passed", "failed" or "unknown"."""

    state: str
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The last test run that a report is there of. `finished_at` is None when there is none."""

    finished_at: datetime | None
    commit: str
    outcomes: Mapping[str, Outcome]


def report() -> Report:
    """Read from `PROMISES_REPORT`. A file that is missing, damaged or of a partial run counts as none."""
    try:
        found: dict[str, Any] = json.loads(Path(settings.PROMISES_REPORT).read_text(encoding="utf-8"))
        finished_at = datetime.fromisoformat(found["finished_at"])
        outcomes = {number: _outcome(tests) for number, tests in found["promises"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Report(None, "", {})
    return Report(finished_at, str(found.get("commit", ""))[:12], outcomes)


def _outcome(tests: Mapping[str, str]) -> Outcome:
    state = "passed" if tests and all(outcome == "passed" for outcome in tests.values()) else "failed"
    return Outcome(state, tuple(sorted(tests)))


def rows() -> list[dict[str, Any]]:
    """Every promise with how its tests went."""
    outcomes = report().outcomes
    unknown = Outcome("unknown", ())
    return [{"promise": promise, "outcome": outcomes.get(promise.number, unknown)} for promise in PROMISES]
