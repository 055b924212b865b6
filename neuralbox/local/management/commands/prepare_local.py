"""What `up` does to the database before the site starts: migrations, catalogue, the staff login."""

import secrets
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from accounts.models import User
from accounts.services import users

STAFF_EMAIL = "admin@example.com"


class Command(BaseCommand):
    help = "Migrates the local database, loads catalogue and documents, creates the staff login, which it prints last."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("load_catalogue", verbosity=0)
        call_command("load_products", verbosity=0)
        call_command("load_documents", stdout=StringIO())
        call_command("create_roles", stdout=StringIO())
        self.stdout.write(f"{STAFF_EMAIL} / {_staff_password()}")


def _staff_password() -> str:
    """The same at every start; kept in a file that only this user may read. Restored when somebody changed it."""
    path = settings.DATA_DIR / "staff-password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(12))
    password = path.read_text().strip()
    staff = User.objects.filter(email=STAFF_EMAIL).first() or users.join(email=STAFF_EMAIL, name="Admin", language="en")
    if not (staff.is_superuser and staff.check_password(password)):
        staff.is_staff = staff.is_superuser = True
        staff.set_password(password)
        staff.save(update_fields=["is_staff", "is_superuser", "password"])
    return password
