"""The AI providers in the register of recipients (P13, P17): what each adapter states about itself."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from neuralbox.core.recipients import Purpose, Recipient
from providers import registry


def ai_providers() -> Iterator[Recipient]:
    """One recipient for each adapter in the registry."""
    for slug, adapter in registry.ADAPTERS.items():
        facts = adapter.facts
        yield Recipient(
            name=slug,
            title=facts.name,
            company=facts.company,
            country=facts.country,
            purpose=Purpose.GENERATION,
            sent=_("The prompt, the settings and the files of an order, under a number that means nothing elsewhere."),
            not_sent=_("Name, e-mail, address, account, balance."),
            privacy_policy=facts.privacy_policy,
            kept=_period(facts.results_kept),
            deletes_on_request=facts.deletes_on_request,
            is_used=adapter.is_configured(),
        )


def _period(period: timedelta) -> str:
    """How long results stay there, in days, or in hours where it is less than two days."""
    if period < timedelta(days=2):
        hours = round(period.total_seconds() / 3600)
        return ngettext("Results: %(hours)d hour", "Results: %(hours)d hours", hours) % {"hours": hours}
    return ngettext("Results: %(days)d day", "Results: %(days)d days", period.days) % {"days": period.days}
