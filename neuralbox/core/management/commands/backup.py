"""Writes a backup of the database and of all files."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from neuralbox.core import backups


class Command(BaseCommand):
    help = "Writes all rows, as of one moment, and all files into an empty folder. Keep it as safe as the site itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, required=True, help="an empty folder, or one that is not there yet")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = backups.make(options["to"])
            backups.check(options["to"])
        except backups.BackupProblem as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{made.rows} rows of {made.tables} tables, {made.files} files of {made.bytes} bytes")
