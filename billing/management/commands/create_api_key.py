"""An API key with tokens, for trying the API out on one's own machine."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from accounts.models import ApiKey, User
from accounts.services import api_keys, users
from billing.services import top_ups, wallets
from neuralbox.core import ids
from neuralbox.core.errors import DomainError


class Command(BaseCommand):
    help = "Prints a new API key of all scopes; the person joins if need be, and gets tokens. Local mode only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True, help="whose key, such as alice@example.com")
        parser.add_argument("--tokens", type=int, default=0, help="paid tokens to add to the balance")
        parser.add_argument("--name", default="command line", help="name of the key")

    def handle(self, *args: Any, email: str, tokens: int, name: str, **options: Any) -> None:
        """Writes the key alone to standard output, so that a script can take it; the rest to standard error."""
        if not settings.LOCAL_MODE:
            raise CommandError("Only in local mode: elsewhere people create their keys on the site.")
        if tokens < 0:
            raise CommandError("--tokens cannot be negative.")
        try:
            validate_email(email)
            secret = self._create(email, tokens, name)
        except ValidationError as error:
            raise CommandError(f"Not an e-mail address: {email}") from error
        except DomainError as refusal:
            raise CommandError(str(refusal.detail)) from refusal
        self.stderr.write(f"API key of {email}, {tokens} tokens added:")
        self.stdout.write(secret)

    @transaction.atomic
    def _create(self, email: str, tokens: int, name: str) -> str:
        person = User.objects.filter(email=User.objects.normalize_email(email)).first()
        person = person or users.join(email=email, name=email.partition("@")[0])
        if tokens:
            wallet = wallets.open_for(person.id)
            top_ups.credit(
                wallet_id=wallet.pk, amount=tokens, reference=f"command:{ids.new()}", description="create_api_key"
            )
        return api_keys.create(user=person, name=name, scopes=ApiKey.Scope.values).secret
