"""Puts the first packages and prices into an empty shop."""

from typing import Any

from django.core.management.base import BaseCommand

from billing.services import starter_shop


class Command(BaseCommand):
    help = "Puts the first packages and prices into a shop that has none. What staff have set is left alone."

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = starter_shop.load()
        if options["verbosity"]:
            self.stdout.write("the shop has been filled" if loaded else "the shop has packages already")
