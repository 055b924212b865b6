"""Puts generations in flight, many at once: holds, generations and provider tasks as the services would have written
them, and the tasks really ordered from the provider, which never ends them. Run as a program of the site.
"""

import random
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import django

PROMPT = "A lighthouse"
INPUT = {"prompt": PROMPT, "size": "512", "simulate": {"outcome": "never"}}
TOKENS = 3
CALLS_AT_ONCE = 8


def fill(count: int) -> None:
    """So many generations in flight, spread over the people of the benchmark."""
    from django.db import transaction
    from django.utils import timezone

    from accounts.models import ApiKey
    from billing.services import holds
    from generations.models import Generation, Model, ProviderTask
    from neuralbox.core import ids
    from providers import registry
    from providers.base import Submission

    model = Model.objects.get(slug="demo-image")
    if model.current_version_id is None:
        raise RuntimeError("the catalogue is not loaded")
    owners = list(ApiKey.objects.filter(name="benchmark").values_list("user_id", flat=True))
    now = timezone.now()
    generations = [
        Generation(
            id=ids.new(),
            user_id=owners[number % len(owners)],
            model=model,
            version_id=model.current_version_id,
            hold_id=ids.new(),
            modality=model.modality,
            status=Generation.Status.RUNNING,
            stage="rendering",
            provider="offline",
            input=INPUT,
            prompt=PROMPT,
            tokens_quoted=TOKENS,
            deadline=now + timedelta(hours=1),
            created_at=now,
            started_at=now,
        )
        for number in range(count)
    ]
    with transaction.atomic():
        for one in generations:
            reference = f"generation:{one.pk}"
            holds.place(owner_id=one.user_id, hold_id=one.hold_id, amount=TOKENS, reference=reference)
        Generation.objects.bulk_create(generations, batch_size=1000)

    adapter = registry.adapter("offline")

    def submitted(one: Generation) -> ProviderTask:
        task = ProviderTask(generation=one, number=1, provider="offline", provider_model=model.slug, prompt_sent_at=now)
        report = adapter.submit(Submission(str(task.pk), model.slug, INPUT, {}, ""))
        task.external_id, task.progress, task.status = report.external_id, report.progress, ProviderTask.Status.RUNNING
        # It has been asked about often, so the next time is within half a minute; all of them spread evenly.
        task.polls, task.next_poll_at = 7, timezone.now() + timedelta(seconds=30 * random.random())
        return task

    with ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
        tasks = list(pool.map(submitted, generations))
    ProviderTask.objects.bulk_create(tasks, batch_size=1000)


if __name__ == "__main__":
    django.setup()
    fill(int(sys.argv[1]))
