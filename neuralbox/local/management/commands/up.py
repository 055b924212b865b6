"""`manage.py up`: the whole site on this machine, until Ctrl-C."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from neuralbox.local.up import CannotRun, run


class Command(BaseCommand):
    help = "Starts PostgreSQL, Valkey, web, worker, beat and the demonstration engine, and stops them with Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="of the site (8000)")

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        try:
            run(port=port)
        except CannotRun as reason:
            raise CommandError(str(reason)) from None
