"""The nightly audit of the books."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing import selectors
from billing.models import JournalEntry, Wallet


class Command(BaseCommand):
    help = "Computes the whole ledger again and fails at the first difference."

    def handle(self, *args: Any, **options: Any) -> None:
        """Exits with 1 and the difference, or prints how much was checked."""
        for difference in selectors.ledger_differences():
            raise CommandError(difference)
        self.stdout.write(
            f"The ledger is clean: {JournalEntry.objects.count()} entries, {Wallet.objects.count()} wallets."
        )
