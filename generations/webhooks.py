"""Calls of providers about their tasks: stored first, answered at once, applied once.

Where a signature covers the whole message, it is believed. Otherwise it is a hint: a job reads the record back.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from generations.models import ProviderTask, WebhookDelivery
from generations.services import reports, webhook_addresses
from neuralbox.core import jobs
from neuralbox.core.problems import problem_response
from providers import registry
from providers.base import WebhookReport
from providers.errors import InvalidWebhook

logger = logging.getLogger(__name__)
LARGEST_BODY = 1024 * 1024
KEPT_OF_BODY = 64 * 1024
SUBMISSION_ENDS_WITHIN = timedelta(seconds=1)


@csrf_exempt
@require_POST
def receive(request: HttpRequest, provider: str, token: str) -> HttpResponse:
    """400 for what is not theirs; 200 for everything else, known or not, first or repeated."""
    task_id = webhook_addresses.task_id_of(token)
    if task_id is None or provider not in registry.ADAPTERS:
        return problem_response(request, status=404, code="not_found", title=_("Not found"))
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BODY:
        return problem_response(request, status=413, code="too_large", title=_("The body is too large"))
    try:
        news = registry.adapter(provider).parse_webhook(request.headers, request.body)
    except InvalidWebhook as error:
        logger.warning("provider webhook refused: %s", error, extra={"provider": provider})
        return problem_response(request, status=400, code="invalid_webhook", title=_("This is not a valid webhook"))
    task = ProviderTask.objects.select_related("generation").filter(pk=task_id, provider=provider).first()
    if task is None or not _is_about(task, news):
        return JsonResponse({"received": True, "known": False})
    with transaction.atomic():
        body = request.body[:KEPT_OF_BODY].decode("utf-8", "replace").replace("\x00", "")
        _delivery, is_new = WebhookDelivery.objects.get_or_create(
            provider=provider, delivery_id=news.delivery_id, defaults={"task": task, "body": body}
        )
        if is_new:
            _apply(task, news)
    return JsonResponse({"received": True})


def _apply(task: ProviderTask, news: WebhookReport) -> None:
    if news.report is not None:
        reports.apply(task, news.report)
        return
    # It may be faster than the answer to our submission, or all that we ever hear of it.
    is_early = task.status == ProviderTask.Status.SUBMITTING
    if is_early or task.status in ProviderTask.OPEN:
        if not task.external_id:
            reports.found(task, news.external_id)
        delay = SUBMISSION_ENDS_WITHIN if is_early else timedelta(0)
        jobs.enqueue("generations.ask_provider", str(task.pk), delay=delay)


def _is_about(task: ProviderTask, news: WebhookReport) -> bool:
    """A genuine message about one task proves nothing about another one's address."""
    if news.reference is not None and news.reference != str(task.pk):
        return False
    return not task.external_id or news.is_about(task.external_id)
