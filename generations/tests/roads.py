"""One model of each provider, and what tests of whole roads do with it: order, work, look at what went out."""

import time
from collections.abc import Iterable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from generations.models import Generation
from generations.services import uploads
from generations.tests import samples
from generations.tests.work import run_due_jobs, work_until_ended
from providers.fakes import Frame

PROVIDERS = ("kie", "piapi", "goapi", "suno", "heygen")
# Of each provider a model that only it makes, or that is ordered there because the others have no key.
ORDERS: dict[str, tuple[str, dict[str, Any]]] = {
    "kie": ("z-image", {"prompt": "A lighthouse at dusk"}),
    "piapi": ("flux-schnell", {"prompt": "A lighthouse at dusk"}),
    "goapi": ("midjourney", {"prompt": "A lighthouse at dusk"}),
    "suno": ("suno-v5", {"prompt": "A quiet song about a lighthouse"}),
    "heygen": ("heygen-avatar", {"script": "Good evening from the lighthouse."}),
}
# How each provider is asked to begin a task.
SUBMISSIONS = {
    "kie": "/kie/api/v1/jobs/createTask",
    "piapi": "/piapi/api/v1/task",
    "goapi": "/goapi/api/v1/task",
    "suno": "/suno/api/v1/generate",
    "heygen": "/heygen/v3/videos",
}
KEYS = {slug: f"{slug.upper()}_API_KEY" for slug in PROVIDERS}


def only(settings: Any, *wanted: str) -> None:
    """Leave keys of these providers alone."""
    settings.OFFLINE_BASE_URL = ""
    for slug in PROVIDERS:
        if slug not in wanted:
            setattr(settings, KEYS[slug], "")


def order(client: Any, model: str, given: dict[str, Any]) -> dict[str, Any]:
    """Order through the API. Returns the generation as it was created."""
    created = client.post("/api/v1/generations", {"model": model, "input": given}, format="json")
    assert created.status_code == 202, created.content
    return created.json()


def end(client: Any, model: str, given: dict[str, Any], *, seconds: float = 60) -> Generation:
    """Order and work until it has ended."""
    return work_until_ended(order(client, model, given)["id"], seconds=seconds)


def submissions(frame: Frame, provider: str) -> list[Any]:
    """The calls that ordered something there."""
    return [call for call in frame.calls(SUBMISSIONS[provider]) if call.method == "POST"]


def picture_of(user: User) -> dict[str, str]:
    """An upload of the user, as an input names it."""
    file = SimpleUploadedFile(f"{user.name}.png", samples.image_bytes(), "image/png")
    return {"upload": str(uploads.receive(user_id=user.pk, file=file).pk)}


def telling(frame: Frame, secrets: Iterable[str]) -> list[str]:
    """Which of the secrets stand in anything that was ever sent to the providers, whatever the case."""
    said = [
        " ".join((call.method, call.path, str(call.query), str(call.headers), call.body.decode("latin-1"))).lower()
        for call in frame.calls()
    ]
    return [secret for secret in secrets if any(secret.lower() in one for one in said)]


def secrets_of(user: User) -> list[str]:
    """What would tell a provider who ordered."""
    return [user.email, user.email.partition("@")[0], user.name, str(user.pk), user.pk.hex]


def run_jobs_until_ended(generation_id: Any, *, seconds: float = 60) -> Generation:
    """Run jobs as webhooks make them, and never poll. Raises AssertionError when it does not end."""
    ended = Generation.objects.filter(pk=generation_id, status__in=Generation.TERMINAL)
    deadline = time.monotonic() + seconds
    while not ended.exists():
        assert time.monotonic() < deadline, "it did not end by webhooks alone"
        if not run_due_jobs():
            time.sleep(0.02)
    return ended.get()
