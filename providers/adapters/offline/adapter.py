"""Our side of the offline wire, which is described in the README beside this file."""

import hmac
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar
from urllib.parse import quote

from django.conf import settings
from pydantic import BaseModel

from providers import calls
from providers.adapters.offline import messages, wire
from providers.adapters.offline.models import FACTS
from providers.base import (
    Balance,
    Choice,
    Download,
    Failure,
    ModelFacts,
    Output,
    ProviderFacts,
    Submission,
    SubmittedFile,
    TaskReport,
    WebhookReport,
)
from providers.calls import Answer, Caller
from providers.errors import (
    CredentialsRefused,
    InvalidWebhook,
    ProviderRejected,
    ProviderUnavailable,
    RateLimited,
    SubmissionOutcomeUnknown,
    TaskNotFound,
)


class OfflineAdapter:
    """Speaks to the engine that `manage.py offline_engine` runs. Offered in local mode only."""

    slug: ClassVar[str] = "offline"
    facts: ClassVar[ProviderFacts] = ProviderFacts(
        name="NeuralBox (this machine)",
        company="NeuralBox",
        country="",
        privacy_policy="",
        results_kept=timedelta(hours=1),
        requests=100_000,
        per_seconds=10,
    )
    has_idempotency_keys: ClassVar[bool] = True
    accepts_webhooks: ClassVar[bool] = True

    def __init__(self) -> None:
        self._caller = Caller(
            "the offline engine",
            base_urls=lambda: (self._base_url(),),
            headers=lambda: {"Authorization": f"Bearer {wire.api_key()}"},
        )

    @property
    def models(self) -> Mapping[str, ModelFacts]:
        return FACTS

    def build(self, submission: Submission) -> Mapping[str, Any]:
        files = {upload_id: file.url for upload_id, file in submission.files.items()}
        return {
            "model": submission.model,
            "input": _with_files(submission.input, files),
            "webhook_url": submission.webhook_url,
        }

    def balance(self) -> Balance | None:
        if self._call("GET", "/v1/health").status != HTTPStatus.OK:
            raise ProviderUnavailable("the offline engine is not well")
        return None

    def choices(self, setting: str) -> tuple[Choice, ...]:
        return ()

    def is_configured(self) -> bool:
        return bool(settings.LOCAL_MODE and self._base_url())

    def submit(self, submission: Submission) -> TaskReport:
        files = {upload_id: self._upload(file) for upload_id, file in submission.files.items()}
        order = {**self.build(submission), "input": _with_files(submission.input, files)}
        answer = self._caller.order(
            self._address("/v1/tasks"), json=order, headers={"Idempotency-Key": submission.reference}
        )
        match answer.status:
            case HTTPStatus.OK | HTTPStatus.CREATED:
                try:
                    return answer.read(messages.TaskMessage).as_report()
                except ValueError as error:
                    raise SubmissionOutcomeUnknown("the answer to the submission is unreadable") from error
            case HTTPStatus.TOO_MANY_REQUESTS | HTTPStatus.SERVICE_UNAVAILABLE | HTTPStatus.UNAUTHORIZED:
                raise _unavailable(answer)
            case status if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise SubmissionOutcomeUnknown(f"the offline engine answered {status}")
            case _:
                raise ProviderRejected(_failure(answer))

    def fetch(self, external_id: str) -> TaskReport:
        answer = self._call("GET", f"/v1/tasks/{quote(external_id, safe='')}")
        return _expect(messages.TaskMessage, answer).as_report()

    def fetch_many(self, external_ids: Sequence[str]) -> dict[str, TaskReport]:
        """News about up to 1,000 tasks in one call. Those that the engine does not know are missing."""
        answer = self._call("POST", "/v1/tasks/query", json={"ids": list(external_ids)})
        return {task.id: task.as_report() for task in _expect(messages.TaskList, answer).tasks}

    def find(self, reference: str) -> TaskReport | None:
        answer = self._call("GET", "/v1/tasks", params={"reference": reference})
        found = _expect(messages.TaskList, answer).tasks
        return found[0].as_report() if found else None

    def cancel(self, external_id: str) -> bool:
        answer = self._call("POST", f"/v1/tasks/{quote(external_id, safe='')}/cancel")
        if answer.status == HTTPStatus.CONFLICT:
            return False
        _expect(messages.TaskMessage, answer)
        return True

    def delete(self, external_id: str) -> bool:
        """The engine forgets by itself; nothing has left this machine."""
        return False

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookReport:
        lowered = calls.lower_case(headers)
        delivery_id = lowered.get(wire.DELIVERY_HEADER.lower(), "")
        try:
            timestamp = int(lowered.get(wire.TIMESTAMP_HEADER.lower(), ""))
        except ValueError as error:
            raise InvalidWebhook("no timestamp") from error
        expected = wire.signature(wire.api_key(), delivery_id=delivery_id, timestamp=timestamp, body=body)
        given = lowered.get(wire.SIGNATURE_HEADER.lower(), "")
        if not delivery_id or not hmac.compare_digest(expected.encode(), given.encode()):
            raise InvalidWebhook("the signature does not match")
        if not wire.is_fresh(timestamp):
            raise InvalidWebhook("the message is too old")
        try:
            task = messages.WebhookMessage.model_validate_json(body).task
        except ValueError as error:
            raise InvalidWebhook("the body is unreadable") from error
        return WebhookReport(delivery_id, task.reference, task.id, task.as_report())

    @contextmanager
    def open_output(self, output: Output) -> Iterator[Download]:
        with self._caller.open_output(output) as download:
            yield download

    def _upload(self, file: SubmittedFile) -> str:
        headers = {"Content-Type": file.mime, "File-Name": quote(file.name)}
        with file.open() as stream:
            answer = self._call("POST", "/v1/files", data=stream, headers=headers, timeout=calls.UPLOAD_TIMEOUT)
        if HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ProviderRejected(_failure(answer))
        return _expect(messages.FileMessage, answer).id

    def _call(self, method: str, path: str, **rest: Any) -> Answer:
        answer = self._caller.ask(method, self._address(path), **rest)
        if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS}:
            raise _unavailable(answer)
        return answer

    def _base_url(self) -> str:
        return str(getattr(settings, "OFFLINE_BASE_URL", "")).rstrip("/")

    def _address(self, path: str) -> str:
        if not self.is_configured():
            raise ProviderUnavailable("the offline provider works in local mode only")
        return self._base_url() + path


def _with_files(value: Any, files: Mapping[str, str]) -> Any:
    """The input with `{"upload": id}` replaced by `{"file": …}`, at any depth."""
    if isinstance(value, Mapping):
        if set(value) == {"upload"}:
            return {"file": files[value["upload"]]}
        return {name: _with_files(inner, files) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_with_files(inner, files) for inner in value]
    return value


Message = TypeVar("Message", bound=BaseModel)


def _expect(kind: type[Message], answer: Answer) -> Message:
    if answer.status == HTTPStatus.NOT_FOUND:
        raise TaskNotFound("the offline engine knows no such task")
    if answer.status >= HTTPStatus.BAD_REQUEST:
        raise _unavailable(answer)
    try:
        return answer.read(kind)
    except ValueError as error:
        raise ProviderUnavailable("the answer of the offline engine is unreadable") from error


def _failure(answer: Answer) -> Failure:
    try:
        return answer.read(messages.Refusal).error.as_failure()
    except ValueError:
        return Failure("refused", f"the offline engine answered {answer.status}", retryable=False)


def _unavailable(answer: Answer) -> ProviderUnavailable:
    kinds: dict[int, type[ProviderUnavailable]] = {
        HTTPStatus.UNAUTHORIZED: CredentialsRefused,
        HTTPStatus.TOO_MANY_REQUESTS: RateLimited,
    }
    error = kinds.get(answer.status, ProviderUnavailable)
    return error(f"the offline engine answered {answer.status}", retry_after=answer.retry_after)
