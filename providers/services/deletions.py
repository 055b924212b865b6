"""Having providers erase what was erased here: asked for in the transaction that erases, sent until it is answered."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from neuralbox.core import audit, ids, jobs, states
from providers import registry
from providers.errors import ProviderUnavailable
from providers.models import Deletion, ProviderHealth

logger = logging.getLogger(__name__)

JOB = "providers.delete"
# Between attempts. With the last one given up, four days have passed.
PAUSES = (
    *(timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6)),
    *(timedelta(hours=12), timedelta(hours=24), timedelta(hours=24), timedelta(hours=24)),
)
AT_ONCE = 500


def ask(named: Iterable[tuple[str, str]]) -> Mapping[str, int]:
    """Have these things erased (provider, its id) once this transaction has committed. Returns how many by provider.

    Providers that offer no deletion are passed over.
    """
    asked: Counter[str] = Counter()
    rows = []
    for provider, external_id in dict.fromkeys(named):
        one = registry.ADAPTERS.get(provider)
        if external_id and one is not None and one.facts.deletes_on_request:
            rows.append(Deletion(id=ids.new(), provider=provider, external_id=external_id))
            asked[provider] += 1
    Deletion.objects.bulk_create(rows, batch_size=AT_ONCE)
    for row in rows:
        jobs.enqueue(JOB, str(row.pk))
    return asked


def send(deletion_id: UUID) -> None:
    """Ask the provider once more, and note what it says. After the last pause it is given up, and staff are told."""
    row = Deletion.objects.filter(pk=deletion_id, status=Deletion.Status.ASKED).first()
    if row is None:
        return
    try:
        is_gone = registry.adapter(row.provider).delete(row.external_id)
    except ProviderUnavailable as error:
        _later(row, str(error))
        return
    to = Deletion.Status.DONE if is_gone else Deletion.Status.NOT_OFFERED
    states.move(row, to, external_id="", detail="", attempts=row.attempts + 1, finished_at=timezone.now())


@transaction.atomic
def again(*, provider: str, reason: str, by: Any) -> int:
    """Staff's wish: begin anew with all that was given up there. Returns how many.

    Raises InvalidInput without a reason.
    """
    reason = audit.checked_reason(reason)
    given_up = list(Deletion.objects.filter(provider=provider, status=Deletion.Status.GAVE_UP))
    for row in given_up:
        if states.move(row, Deletion.Status.ASKED, attempts=0, finished_at=None):
            jobs.enqueue(JOB, str(row.pk))
    if given_up:
        audit.record(
            ProviderHealth.objects.get(provider=provider),
            by=by,
            event="erasures_asked_again",
            reason=reason,
            provider=provider,
        )
    return len(given_up)


def _later(row: Deletion, words: str) -> None:
    attempts = row.attempts + 1
    if attempts > len(PAUSES):
        # Its name stays, for a person to have it erased by letter.
        states.move(row, Deletion.Status.GAVE_UP, attempts=attempts, detail=words[:300], finished_at=timezone.now())
        logger.error("a provider does not erase what it was asked to", extra={"provider": row.provider})
        return
    Deletion.objects.filter(pk=row.pk, status=Deletion.Status.ASKED).update(attempts=attempts, detail=words[:300])
    jobs.enqueue(JOB, str(row.pk), delay=PAUSES[attempts - 1])
