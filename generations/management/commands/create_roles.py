"""Brings the roles of staff in step with the code. May be repeated; part of every deployment."""

from typing import Any

from django.core.management.base import BaseCommand

from generations.services import roles


class Command(BaseCommand):
    help = "Creates the roles support, finance, privacy, catalogue and auditor, or brings their rights up to date."

    def handle(self, *args: Any, **options: Any) -> None:
        roles.create()
        self.stdout.write(f"Roles: {', '.join([*roles.ROLES, roles.AUDITOR])}")
