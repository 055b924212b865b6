"""Brings a backup back."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from neuralbox.core import backups


class Command(BaseCommand):
    help = "Restores a backup into an empty database and an empty store, after comparing every byte with its manifest."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", type=Path, required=True, dest="folder", help="what `backup --to` has written")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            back = backups.restore(options["folder"])
        except backups.BackupProblem as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{back.rows} rows of {back.tables} tables, {back.files} files of {back.bytes} bytes")
        self.stdout.write("Now run: manage.py check_ledger")
