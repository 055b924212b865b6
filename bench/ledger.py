"""Holds placed and settled by 8 processes: our service functions against the same SQL functions through a bare cursor,
and against the same steps written with the ORM and `select_for_update`; on 1,000 wallets and on one.

Run as a program this module is one of the processes: it takes commands on standard input and answers with counts.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from uuid import UUID

from bench import report
from bench.report import Row
from bench.site import REPOSITORY, BenchSite

PROCESSES = 8
WALLETS = 1000
SECONDS = 3.0
# The two that are compared closely are measured in turn, so that a slow moment of the machine meets both.
ORDER = ("cursor", "service", "orm", "service", "cursor")
TOKENS_EACH = 10**9


def run(site: BenchSite) -> list[Row]:
    rows = []
    with ExitStack() as stack:
        team = [stack.enter_context(_Process(site)) for _ in range(PROCESSES)]
        team[0].ask("prepare")
        for title, wallets in ((f"{WALLETS:,} wallets", WALLETS), ("one wallet", 1)):
            rates: dict[str, list[float]] = {}
            for way in ORDER:
                rates.setdefault(way, []).append(_rate(team, way, wallets))
            cursor, service, orm = (sum(rates[way]) / len(rates[way]) for way in ("cursor", "service", "orm"))
            rows += [
                report.plain(f"steps through a bare cursor, {title}", cursor, "1/s"),
                report.plain(f"steps through our services, {title}", service, "1/s"),
                report.plain(f"steps through the ORM, {title}", orm, "1/s"),
                report.at_least(f"services, share of the bare cursor's rate, {title}", service / cursor, "", 0.70),
                report.at_least(f"services, times the rate of the ORM, {title}", service / orm, "times", 4.0),
            ]
        differences = team[0].ask("check")
        rows.append(report.at_most("differences in the books afterwards", float(differences), "", 0))
    return rows


class _Process:
    """One process of the team. `tell` and `hear` apart let all of them work at once."""

    def __init__(self, site: BenchSite) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "bench.ledger"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=site.environment,
            cwd=REPOSITORY,
            text=True,
        )

    def __enter__(self) -> "_Process":
        return self

    def __exit__(self, *_error: object) -> None:
        self._child.stdin.close()  # type: ignore[union-attr]
        self._child.wait(timeout=30)

    def tell(self, *words: object) -> None:
        print(*words, file=self._child.stdin, flush=True)

    def hear(self) -> str:
        answer = self._child.stdout.readline().strip()  # type: ignore[union-attr]
        if not answer:
            raise RuntimeError("a process of the ledger benchmark ended early")
        return answer

    def ask(self, *words: object) -> str:
        self.tell(*words)
        return self.hear()


def _rate(team: list[_Process], way: str, wallets: int) -> float:
    """Steps per second of the whole team."""
    start = time.time() + 0.3
    for process in team:
        process.tell("work", way, wallets, start)
    return sum(int(process.hear()) for process in team) / SECONDS


# --- One process ---------------------------------------------------------------------------------


def main() -> None:
    import django

    django.setup()
    owners: list[UUID] = []
    for command in sys.stdin:
        name, *words = command.split()
        if name == "prepare":
            print(_prepare(), flush=True)
        elif name == "check":
            from billing.selectors import ledger_differences

            print(len(list(ledger_differences())), flush=True)
        else:
            way, wallets, start = words
            owners = owners or _owners()
            print(_work(_WAYS[way](), owners[: int(wallets)], float(start)), flush=True)


def _prepare() -> int:
    """People with tokens. Their wallets are opened and filled as in the product."""
    from accounts.models import User
    from billing.services import top_ups, wallets

    people = [User(email=f"ledger-{number}@example.com", password="!") for number in range(WALLETS)]  # noqa: S106
    for person in User.objects.bulk_create(people):
        wallet = wallets.open_for(person.pk)
        top_ups.credit(wallet_id=wallet.pk, amount=TOKENS_EACH, reference=f"bench:{person.pk}")
    return len(people)


def _owners() -> list[UUID]:
    from accounts.models import User

    return list(User.objects.filter(email__startswith="ledger-").order_by("email").values_list("pk", flat=True))


Steps = tuple[Callable[[UUID, UUID, int, str], object], Callable[[UUID], object], Callable[[UUID], object]]


def _work(steps: Steps, owners: list[UUID], start: float) -> int:
    """Place holds and settle them, three of four by capture, until the time is over. Returns the number of steps."""
    from neuralbox.core import ids

    place, capture, release = steps
    dice = random.Random(os.getpid())
    time.sleep(max(0.0, start - time.time()))
    end = time.perf_counter() + SECONDS
    done = 0
    while time.perf_counter() < end:
        hold_id = ids.new()
        place(dice.choice(owners), hold_id, dice.randint(1, 50), f"bench:{hold_id}")
        (release if done % 8 == 0 else capture)(hold_id)
        done += 2
    return done


def _through_services() -> Steps:
    from billing.services import holds

    def place(owner_id: UUID, hold_id: UUID, amount: int, reference: str) -> None:
        holds.place(owner_id=owner_id, hold_id=hold_id, amount=amount, reference=reference)

    return place, holds.capture, holds.release


def _through_cursor() -> Steps:
    from django.db import connection

    def call(sql: str, *arguments: UUID | int | str) -> object:
        with connection.cursor() as cursor:
            cursor.execute(sql, arguments)
            return cursor.fetchone()

    def place(owner_id: UUID, hold_id: UUID, amount: int, reference: str) -> None:
        call("SELECT * FROM billing_hold_place(%s, %s, %s, %s, '', NULL)", owner_id, hold_id, amount, reference)

    def capture(hold_id: UUID) -> object:
        return call("SELECT billing_hold_capture(%s, NULL)", hold_id)

    def release(hold_id: UUID) -> object:
        return call("SELECT billing_hold_release(%s)", hold_id)

    return place, capture, release


def _through_orm() -> Steps:
    """The same steps with the same guarantees, as one would write them with the ORM."""
    from django.db import transaction
    from django.utils import timezone

    from billing import verify_statement
    from billing.chain import line
    from billing.errors import InsufficientTokens
    from billing.models import Hold, JournalEntry, SpendUsage, Wallet

    def post(wallet: Wallet, hold: Hold, kind: str, *, paid: int, bonus: int, held: int, revenue: int = 0) -> None:
        entry = JournalEntry(
            wallet=wallet,
            sequence=wallet.entries_count + 1,
            kind=kind,
            reference=f"{kind}:{hold.reference}",
            hold=hold,
            created_at=timezone.now(),
            paid=paid,
            bonus=bonus,
            held=held,
            revenue=revenue,
            available_after=wallet.paid + wallet.bonus + paid + bonus,
            held_after=wallet.held + held,
            previous_hash=wallet.last_hash,
            hash=b"",
        )
        entry.hash = bytes.fromhex(verify_statement.entry_hash(line(entry)))
        entry.save(force_insert=True)
        wallet.paid, wallet.bonus, wallet.held = wallet.paid + paid, wallet.bonus + bonus, wallet.held + held
        wallet.entries_count, wallet.last_hash = entry.sequence, entry.hash
        wallet.save(update_fields=["paid", "bonus", "held", "entries_count", "last_hash"])

    @transaction.atomic
    def place(owner_id: UUID, hold_id: UUID, amount: int, reference: str) -> None:
        wallet = Wallet.objects.select_for_update(no_key=True).get(owner_id=owner_id)
        if Hold.objects.filter(reference=reference).exists():
            return
        if wallet.paid + wallet.bonus < amount:
            raise InsufficientTokens
        for usage in SpendUsage.objects.filter(wallet=wallet, spender=""):
            usage.used += amount
            usage.save(update_fields=["used"])
        bonus = min(wallet.bonus, amount)
        hold = Hold(id=hold_id, wallet=wallet, amount=amount, paid=amount - bonus, bonus=bonus, reference=reference)
        hold.save(force_insert=True)
        post(wallet, hold, "hold", paid=bonus - amount, bonus=-bonus, held=amount)

    @transaction.atomic
    def settle(hold_id: UUID, status: str) -> None:
        hold = Hold.objects.select_for_update(no_key=True).get(pk=hold_id)
        if hold.status != Hold.Status.ACTIVE:
            return
        wallet = Wallet.objects.select_for_update(no_key=True).get(pk=hold.wallet_id)
        hold.status, hold.settled_at = status, timezone.now()
        if status == Hold.Status.CAPTURED:
            hold.captured = hold.amount
        hold.save(update_fields=["status", "captured", "settled_at"])
        if hold.captured:
            post(wallet, hold, "capture", paid=0, bonus=0, held=-hold.amount, revenue=hold.amount)
        else:
            post(wallet, hold, "release", paid=hold.paid, bonus=hold.bonus, held=-hold.amount)

    return (
        place,
        lambda hold_id: settle(hold_id, Hold.Status.CAPTURED),
        lambda hold_id: settle(hold_id, Hold.Status.RELEASED),
    )


_WAYS: dict[str, Callable[[], Steps]] = {
    "cursor": _through_cursor,
    "service": _through_services,
    "orm": _through_orm,
}


if __name__ == "__main__":
    main()
