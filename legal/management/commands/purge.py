"""Runs the retention rules by hand: a dry run, or one kind of data."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from legal.models import RetentionRun
from legal.services import retention
from neuralbox.core import personal_data


class Command(BaseCommand):
    help = "Purges what is older than its period, as every night; or counts and samples it with --dry-run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count and sample, change nothing")
        parser.add_argument("--kind", action="append", help="only this kind of data; may be given several times")

    def handle(self, *args: Any, **options: Any) -> None:
        unknown = set(options["kind"] or ()) - set(personal_data.rules())
        if unknown:
            raise CommandError(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(personal_data.rules())}")
        run = retention.run(is_dry=options["dry_run"], kinds=options["kind"])
        for result in run.results.all():
            self.stdout.write(
                f"{result.kind}: {result.due} due, {result.held} held, {sum(result.purged.values())} purged in "
                f"{result.batches} batches, {result.seconds:.1f} s {result.failure}".rstrip()
            )
        if run.status != RetentionRun.Status.DONE:
            raise CommandError("not everything could be done")
