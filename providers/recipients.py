"""The AI providers in the register of recipients (P13, P17): what each adapter states about itself."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from neuralbox.core.recipients import Purpose, Recipient
from providers import registry
from providers.adapters.offline.adapter import OfflineAdapter
from providers.base import ProviderFacts


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
            kept=f"{_period(facts.results_kept)}. {_erasure(slug, facts)}",
            deletes_on_request=facts.deletes_on_request,
            is_used=adapter.is_configured(),
        )


def _erasure(slug: str, facts: ProviderFacts) -> str:
    """Whether an erasure here is passed on."""
    if facts.deletes_on_request:
        return gettext("What is erased here is erased there too, at our request.")
    if slug == OfflineAdapter.slug:
        return gettext("Nothing leaves this machine.")
    return gettext("It offers no erasure on request: results go by themselves.")


def _period(period: timedelta) -> str:
    """How long results stay there, in days, or in hours where it is less than two days."""
    if period < timedelta(days=2):
        hours = round(period.total_seconds() / 3600)
        return ngettext("Results: %(hours)d hour", "Results: %(hours)d hours", hours) % {"hours": hours}
    return ngettext("Results: %(days)d day", "Results: %(days)d days", period.days) % {"days": period.days}
