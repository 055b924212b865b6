"""The payment systems in the register of recipients (P15, P17): what each gateway states about itself."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from billing.gateways import registry
from neuralbox.core.recipients import Purpose, Recipient


def payment_processors() -> Iterator[Recipient]:
    """One recipient for each gateway in the registry."""
    for slug, gateway in registry.GATEWAYS.items():
        facts = gateway.facts
        yield Recipient(
            name=slug,
            title=str(facts.name),
            company=facts.company,
            country=facts.country,
            purpose=Purpose.PAYMENT,
            sent=_("Amount, number of the payment and, where a fiscal receipt is due, the e-mail for it."),
            not_sent=_("Prompts, results, files. Card data is typed at the processor and never reaches us."),
            privacy_policy=facts.privacy_policy,
            kept=_("As long as the law asks of them."),
            is_used=gateway.is_configured(),
        )
