"""GoAPI: the task interface on its host, and Midjourney v2, whose tasks we call `mj:<id>`.

Sources: GoAPI's documentation, "Midjourney API v2", "Task result", "Webhook" (2024), and its list of models (2026).
Whether the older interface still answers is not known; its models are offered only where the catalogue has a route.
"""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, ClassVar

from providers import calls
from providers.adapters.goapi import messages
from providers.adapters.goapi.models import FACTS, LEGACY, MODELS
from providers.adapters.piapi import failures, secrets
from providers.adapters.piapi.models import Model
from providers.adapters.piapi.unified import UnifiedAdapter
from providers.base import ModelFacts, ProviderFacts, Submission, TaskReport, WebhookReport
from providers.errors import InvalidWebhook, ProviderUnavailable, SubmissionOutcomeUnknown, TaskNotFound


class GoapiAdapter(UnifiedAdapter):
    """Files go as our own links: it names no place for uploads."""

    slug: ClassVar[str] = "goapi"
    settings_prefix: ClassVar[str] = "GOAPI"
    facts: ClassVar[ProviderFacts] = ProviderFacts(
        name="GoAPI",
        company="GoAPI",
        country="",
        privacy_policy="https://www.goapi.ai/privacy-policy",
        # Named for Midjourney's pictures only: five days. For everything else only a day is counted on.
        results_kept=timedelta(hours=24),
        requests=20,
        per_seconds=10,
    )
    orders: ClassVar[Mapping[str, Model]] = MODELS
    known_models: ClassVar[Mapping[str, ModelFacts]] = FACTS

    def submit(self, submission: Submission) -> TaskReport:
        model = self._model(submission)
        if model.model != LEGACY:
            return super().submit(submission)
        answer = self._caller.order(self._address(f"/{LEGACY}/{model.task_type}"), json=dict(self.build(submission)))
        return self._accepted_legacy(answer)

    def fetch(self, external_id: str) -> TaskReport:
        if not external_id.startswith(messages.PREFIX):
            return super().fetch(external_id)
        wanted = external_id.removeprefix(messages.PREFIX)
        answer = self._caller.ask("POST", self._address(f"/{LEGACY}/fetch"), json={"task_id": wanted})
        if answer.status != HTTPStatus.OK:
            if answer.status == HTTPStatus.NOT_FOUND:
                raise TaskNotFound(f"{self.slug} knows no such task")
            raise self._not_answered(answer)
        try:
            return answer.read(messages.LegacyTask).as_report()
        except ValueError as error:
            if "not found" in self._refusal(answer).words.lower():
                raise TaskNotFound(f"{self.slug} knows no such task") from error
            raise ProviderUnavailable(f"the answer of {self.slug} is unreadable") from error

    def cancel(self, external_id: str) -> bool:
        """The older interface cannot."""
        return not external_id.startswith(messages.PREFIX) and super().cancel(external_id)

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookReport:
        """Either interface's message; the older one has the task itself for a body."""
        try:
            task = messages.LegacyTask.model_validate_json(body)
        except ValueError:
            return super().parse_webhook(headers, body)
        given = calls.lower_case(headers).get("x-webhook-secret", "")
        reference = secrets.reference_in(given, self._setting("WEBHOOK_SECRET"))
        if reference is None:
            raise InvalidWebhook("the secret is not one of ours")
        external_id = messages.PREFIX + task.task_id
        delivery_id = f"{external_id}:{task.status.lower()}:{task.task_result.task_progress:g}"
        return WebhookReport(delivery_id, reference, external_id, None)

    def _order(self, submission: Submission, links: Mapping[str, str]) -> dict[str, Any]:
        model = self._model(submission)
        if model.model != LEGACY:
            return super()._order(submission, links)
        order = model.input(submission, links)
        if submission.webhook_url and (master := self._setting("WEBHOOK_SECRET")):
            order["webhook_endpoint"] = submission.webhook_url
            order["webhook_secret"] = secrets.secret_for(submission.reference, master)
            order["notify_progress"] = True
        return order

    def _accepted_legacy(self, answer: calls.Answer) -> TaskReport:
        if answer.status < HTTPStatus.MULTIPLE_CHOICES:
            try:
                taken = answer.read(messages.Accepted)
            except ValueError as error:
                raise SubmissionOutcomeUnknown(f"the answer of {self.slug} is unreadable") from error
            if taken.task_id and taken.status.lower() != "failed":
                return messages.LegacyTask(task_id=taken.task_id).as_report()
            if taken.status.lower() == "failed":
                raise failures.of_refusal(HTTPStatus.BAD_REQUEST, taken.message)
        self._raise_refusal(answer, answer.status)
        raise SubmissionOutcomeUnknown(f"{self.slug} answered {answer.status} without a task")
