"""Loads the catalogue files into the database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generations.catalogue import files
from generations.catalogue.files import InvalidFile
from generations.services import catalogue_loading


class Command(BaseCommand):
    help = "Makes the models what the catalogue files say. May be repeated; says what it changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--folder", type=Path, default=files.FOLDER, help="where the files lie")
        parser.add_argument("--check", action="store_true", help="only check the files, without a database")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            entries = files.read_all(options["folder"])
            if options["check"]:
                self.stdout.write(f"{len(entries)} files are right")
                return
            loaded = catalogue_loading.load(entries)
        except InvalidFile as error:
            raise CommandError(str(error)) from error
        if options["verbosity"] < 1:
            return
        for one in loaded:
            self.stdout.write(f"{one.slug}: {'; '.join(one.changes) or 'unchanged'}")
