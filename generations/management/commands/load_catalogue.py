"""Load the catalogue files into the database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generations.catalogue import files
from generations.services import catalogue_loading


class Command(BaseCommand):
    help = "Loads the catalogue files. Changed terms become new versions; open quotes keep theirs."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = catalogue_loading.load(files.read_all())
        except files.InvalidCatalogueFile as error:
            raise CommandError(str(error)) from error
        for what in ("created", "changed", "withdrawn"):
            if slugs := getattr(done, what):
                self.stdout.write(f"{what}: {', '.join(slugs)}")
        self.stdout.write(f"unchanged: {len(done.unchanged)}")
