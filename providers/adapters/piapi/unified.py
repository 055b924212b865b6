"""The task interface that PiAPI and GoAPI both answer: `POST /api/v1/task`, `GET /api/v1/task/{id}`, one webhook.

Sources: piapi.ai/docs, "Unified API Schema", "Unified Webhook", "Cancel Task" (2026).
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import quote

from django.conf import settings

from providers import calls
from providers.adapters.piapi import failures, messages, secrets
from providers.adapters.piapi.models import Model
from providers.adapters.places import refused
from providers.base import (
    Balance,
    Choice,
    Download,
    ModelFacts,
    Output,
    Submission,
    SubmittedFile,
    TaskReport,
    WebhookReport,
)
from providers.errors import (
    InvalidWebhook,
    ProviderUnavailable,
    SubmissionOutcomeUnknown,
    TaskNotFound,
)

_SUCCESS = 200


class UnifiedAdapter:
    """All that the two have in common. A subclass says who it is, and may know more."""

    slug: ClassVar[str]
    has_idempotency_keys: ClassVar[bool] = False
    accepts_webhooks: ClassVar[bool] = True
    # Names of settings begin with it.
    settings_prefix: ClassVar[str]
    orders: ClassVar[Mapping[str, Model]]
    known_models: ClassVar[Mapping[str, ModelFacts]]

    def __init__(self) -> None:
        self._caller = calls.Caller(
            self.slug, base_urls=self._base_urls, headers=lambda: {"X-API-Key": self._setting("API_KEY")}
        )

    @property
    def models(self) -> Mapping[str, ModelFacts]:
        return self.known_models

    def is_configured(self) -> bool:
        return bool(self._setting("API_KEY") and self._setting("BASE_URL"))

    def build(self, submission: Submission) -> Mapping[str, Any]:
        return self._order(submission, {upload_id: file.url for upload_id, file in submission.files.items()})

    def submit(self, submission: Submission) -> TaskReport:
        self.build(submission)  # what cannot be expressed is refused before a file is sent anywhere
        links = {upload_id: self._link(file) for upload_id, file in submission.files.items()}
        answer = self._caller.order(self._address("/api/v1/task"), json=self._order(submission, links))
        return self._accepted(answer)

    def fetch(self, external_id: str) -> TaskReport:
        answer = self._caller.ask("GET", self._address(f"/api/v1/task/{quote(external_id, safe='')}"))
        task = self._read(answer, messages.TaskAnswer)
        if task.data is None or not task.data.task_id:
            raise ProviderUnavailable(f"{self.slug} answered without a task")
        return task.data.as_report(self.slug)

    def find(self, reference: str) -> TaskReport | None:
        """Their list of tasks counts them, but names none."""
        return None

    def cancel(self, external_id: str) -> bool:
        """Possible for some models, and while a task is waiting. A refusal says that it is neither."""
        answer = self._caller.ask("DELETE", self._address(f"/api/v1/task/{quote(external_id, safe='')}"))
        if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS} or answer.status >= 500:
            raise self._not_answered(answer)
        return answer.status == HTTPStatus.OK and self._refusal(answer).code in {_SUCCESS, None}

    def delete(self, external_id: str) -> bool:
        """There is no such call: `DELETE` stops a waiting task of some models, and erases nothing."""
        return False

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookReport:
        """The secret proves who sends, and about which task of ours. The body is not signed: it is only a hint."""
        given = calls.lower_case(headers).get("x-webhook-secret", "")
        reference = secrets.reference_in(given, self._setting("WEBHOOK_SECRET"))
        if reference is None:
            raise InvalidWebhook("the secret is not one of ours")
        try:
            message = messages.WebhookMessage.model_validate_json(body)
        except ValueError as error:
            raise InvalidWebhook("the body is unreadable") from error
        if not message.data.task_id:
            raise InvalidWebhook("the body names no task")
        # A message that is sent again has the time of the first one.
        delivery_id = f"{message.data.task_id}:{message.timestamp}:{message.data.status.lower()}"
        return WebhookReport(delivery_id, reference, message.data.task_id, None)

    def open_output(self, output: Output) -> AbstractContextManager[Download]:
        return self._caller.open_output(output)

    def balance(self) -> Balance | None:
        answer = self._caller.ask("GET", self._address("/account/info"))
        try:
            account = self._read(answer, messages.AccountAnswer).data
        except TaskNotFound:
            return None
        return Balance(account.equivalent_in_usd, "USD")

    def choices(self, setting: str) -> tuple[Choice, ...]:
        return ()

    def _order(self, submission: Submission, links: Mapping[str, str]) -> dict[str, Any]:
        model = self._model(submission)
        config: dict[str, Any] = {"service_mode": "public"}
        if submission.webhook_url and (master := self._setting("WEBHOOK_SECRET")):
            secret = secrets.secret_for(submission.reference, master)
            config["webhook_config"] = {"endpoint": submission.webhook_url, "secret": secret}
        return {
            "model": model.model,
            "task_type": model.task_type,
            "input": model.input(submission, links),
            "config": config,
        }

    def _model(self, submission: Submission) -> Model:
        try:
            return self.orders[submission.model]
        except KeyError as error:
            raise refused("unknown_model", f"{self.slug} has no model {submission.model}") from error

    def _link(self, file: SubmittedFile) -> str:
        """Where they find the file: our own link to it, unless they take uploads."""
        return file.url

    def _accepted(self, answer: calls.Answer) -> TaskReport:
        """What became of an order: taken, refused, or nobody knows. The body decides where it can be read."""
        try:
            task = answer.read(messages.TaskAnswer)
        except ValueError:
            task = messages.TaskAnswer()
        if answer.status < HTTPStatus.MULTIPLE_CHOICES:
            if task.code in {_SUCCESS, 0} and task.data and task.data.task_id:
                return task.data.as_report(self.slug)
            self._raise_refusal(answer, task.code)
        self._raise_refusal(answer, answer.status)
        raise SubmissionOutcomeUnknown(f"{self.slug} answered {answer.status} with code {task.code}")

    def _raise_refusal(self, answer: calls.Answer, code: int) -> None:
        """Raises what a documented refusal means; does nothing about any other code."""
        if HTTPStatus.BAD_REQUEST <= code < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise failures.of_refusal(code, self._refusal(answer).words, retry_after=answer.retry_after)

    def _read(self, answer: calls.Answer, kind: type[calls.Message]) -> calls.Message:
        """The answer to a question. Raises TaskNotFound, and the kinds of ProviderUnavailable."""
        refusal = self._refusal(answer)
        if HTTPStatus.NOT_FOUND in {answer.status, refusal.code}:
            raise TaskNotFound(f"{self.slug} knows no such task")
        if answer.status != HTTPStatus.OK or refusal.code not in {_SUCCESS, 0, None}:
            raise self._not_answered(answer)
        try:
            return answer.read(kind)
        except ValueError as error:
            raise ProviderUnavailable(f"the answer of {self.slug} is unreadable") from error

    def _not_answered(self, answer: calls.Answer) -> ProviderUnavailable:
        refusal = self._refusal(answer)
        for code in (answer.status, refusal.code or 0):
            if HTTPStatus.BAD_REQUEST <= code < HTTPStatus.INTERNAL_SERVER_ERROR:
                error = failures.of_refusal(code, refusal.words, retry_after=answer.retry_after)
                if isinstance(error, ProviderUnavailable):
                    return error
        return ProviderUnavailable(f"{self.slug} answered {answer.status}", retry_after=answer.retry_after)

    def _refusal(self, answer: calls.Answer) -> messages.Refusal:
        try:
            return answer.read(messages.Refusal)
        except ValueError:
            return messages.Refusal()

    def _setting(self, name: str) -> str:
        return str(getattr(settings, f"{self.settings_prefix}_{name}", ""))

    def _address(self, path: str, *, base: str = "BASE_URL") -> str:
        if not self.is_configured():
            raise ProviderUnavailable(f"{self.slug} is not configured")
        return self._setting(base).rstrip("/") + path

    def _base_urls(self) -> tuple[str, ...]:
        return tuple(filter(None, (self._setting("BASE_URL"), self._setting("UPLOAD_BASE_URL"))))
