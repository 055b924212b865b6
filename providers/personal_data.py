"""What providers hold that leads to people's data elsewhere: what a provider was asked to erase."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from neuralbox.core.personal_data import Counts, Holder, Retention
from providers.models import Deletion

YEAR = timedelta(days=365)


class Providers(Holder):
    """Names of things at providers, of nobody in particular: no row leads to a person, so nothing is shown to one."""

    name = "providers"
    models: Iterable[str] = ("providers.Deletion",)

    def retention(self) -> Iterable[Retention]:
        return (
            Retention(
                kind="providers.deletions",
                title=_("Requests to AI providers to erase something"),
                effect=_("Settled requests are deleted, also those that were given up."),
                ground=_("Proof of destruction is kept for three years."),
                default=3 * YEAR,
                shortest=3 * YEAR,
                longest=5 * YEAR,
                models=("providers.Deletion",),
                due=lambda before: Deletion.objects.filter(finished_at__lt=before).exclude(
                    status=Deletion.Status.ASKED
                ),
                purge=_purge_deletions,
                owner="",
                age_from="finished_at",
            ),
        )


def _purge_deletions(keys: Sequence[Any]) -> Counts:
    return Deletion.objects.filter(pk__in=keys).delete()[1]
