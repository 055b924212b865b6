"""What `up` does to the database before the site starts: migrations, catalogue, the staff login."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand

STAFF_EMAIL = "admin@example.com"


class Command(BaseCommand):
    help = "Migrates the local database, loads the catalogue, creates the staff login; prints the login last."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        if "load_catalogue" in get_commands():
            call_command("load_catalogue", verbosity=0)
        self.stdout.write(f"{STAFF_EMAIL} / {_staff_password()}")


def _staff_password() -> str:
    """The same at every start; kept in a file that only this user may read. Restored when somebody changed it."""
    path = settings.DATA_DIR / "staff-password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(12))
    password = path.read_text().strip()
    users = get_user_model().objects
    staff = users.filter(email=STAFF_EMAIL).first()
    if staff is None:
        users.create_superuser(email=STAFF_EMAIL, password=password)
    elif not staff.check_password(password):
        staff.set_password(password)
        staff.save(update_fields=["password"])
    return password
