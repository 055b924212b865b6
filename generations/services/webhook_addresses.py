"""The address that a provider calls about one task. It names the task and cannot be guessed."""

import hmac
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

from generations.models import ProviderTask


def _proof(task_id: UUID) -> str:
    return salted_hmac("generations.provider-webhook", task_id.hex, algorithm="sha256").hexdigest()[:40]


def url_for(task: ProviderTask) -> str:
    return f"{settings.WEBHOOK_BASE_URL}/webhooks/providers/{task.provider}/{task.pk.hex}{_proof(task.pk)}"


def task_id_of(token: str) -> UUID | None:
    """The task that a webhook's token stands for. None: the token is not one of ours."""
    try:
        task_id = UUID(token[:32])
    except ValueError:
        return None
    return task_id if hmac.compare_digest(token[32:], _proof(task_id)) else None
