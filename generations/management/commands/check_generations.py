"""Check that generations and holds agree."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generations.services import reconciliation


class Command(BaseCommand):
    help = "Compares generations with their holds. Prints what disagrees, and exits with 1 then."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(reconciliation.differences())
        for difference in found:
            self.stdout.write(difference)
        if found:
            raise CommandError(f"{len(found)} differences")
        self.stdout.write("Generations and holds agree.")
