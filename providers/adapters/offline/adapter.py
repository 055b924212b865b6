"""Our side of the offline wire, which is described in the README beside this file."""

import hmac
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar
from urllib.parse import quote

import requests
from django.conf import settings
from pydantic import BaseModel
from urllib3.exceptions import NewConnectionError

from neuralbox.core import http
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
from providers.errors import (
    InvalidWebhook,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionOutcomeUnknown,
    TaskNotFound,
)

_CHUNK_BYTES = 64 * 1024
_CALL_TIMEOUT = (3.0, 15.0)
_UPLOAD_TIMEOUT = (3.0, 60.0)
_DOWNLOAD_TIMEOUT = (3.0, 30.0)


class _OfThread(threading.local):
    """What each thread keeps for itself: sessions are not made to be shared."""

    session: requests.Session | None = None
    built_for: tuple[str, str] | None = None


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
        self._of_thread = _OfThread()

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
        if not self._call("GET", "/v1/health").ok:
            raise ProviderUnavailable("the offline engine is not well")
        return None

    def choices(self, setting: str) -> tuple[Choice, ...]:
        return ()

    def is_configured(self) -> bool:
        return bool(settings.LOCAL_MODE and self._base_url())

    def submit(self, submission: Submission) -> TaskReport:
        files = {upload_id: self._upload(file) for upload_id, file in submission.files.items()}
        order = {**self.build(submission), "input": _with_files(submission.input, files)}
        try:
            answer = self._session().post(
                self._address("/v1/tasks"),
                json=order,
                headers={"Idempotency-Key": submission.reference},
                timeout=_CALL_TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            if _never_left(error):
                raise ProviderUnavailable("the offline engine cannot be reached") from error
            raise SubmissionOutcomeUnknown("the answer to the submission was lost") from error
        match answer.status_code:
            case HTTPStatus.OK | HTTPStatus.CREATED:
                try:
                    return _read(messages.TaskMessage, answer.content).as_report()
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
        if answer.status_code == HTTPStatus.CONFLICT:
            return False
        _expect(messages.TaskMessage, answer)
        return True

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookReport:
        lowered = {name.lower(): value for name, value in headers.items()}
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
            task = _read(messages.WebhookMessage, body).task
        except ValueError as error:
            raise InvalidWebhook("the body is unreadable") from error
        return WebhookReport(delivery_id, task.reference, task.id, task.as_report())

    @contextmanager
    def open_output(self, output: Output) -> Iterator[Download]:
        try:
            with self._session().get(
                output.url, stream=True, timeout=_DOWNLOAD_TIMEOUT, allow_redirects=False
            ) as answer:
                if answer.status_code != HTTPStatus.OK:
                    raise _unavailable(answer)
                length = answer.headers.get("Content-Length", "")
                yield Download(
                    chunks=_chunks(answer),
                    content_length=int(length) if length.isdecimal() else None,
                    content_type=answer.headers.get("Content-Type", ""),
                )
        except requests.RequestException as error:
            raise ProviderUnavailable("the result could not be read") from error

    def _upload(self, file: SubmittedFile) -> str:
        headers = {"Content-Type": file.mime, "File-Name": quote(file.name)}
        with file.open() as stream:
            answer = self._call("POST", "/v1/files", data=stream, headers=headers, timeout=_UPLOAD_TIMEOUT)
        if HTTPStatus.BAD_REQUEST <= answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ProviderRejected(_failure(answer))
        return _expect(messages.FileMessage, answer).id

    def _call(self, method: str, path: str, **rest: Any) -> requests.Response:
        """A call that may be repeated: whatever went wrong with it, it may be tried again."""
        try:
            answer = self._session().request(
                method, self._address(path), **{"timeout": _CALL_TIMEOUT, "allow_redirects": False, **rest}
            )
        except requests.RequestException as error:
            raise ProviderUnavailable("the offline engine cannot be reached") from error
        if answer.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS}:
            raise _unavailable(answer)
        return answer

    def _base_url(self) -> str:
        return str(getattr(settings, "OFFLINE_BASE_URL", "")).rstrip("/")

    def _address(self, path: str) -> str:
        if not self.is_configured():
            raise ProviderUnavailable("the offline provider works in local mode only")
        return self._base_url() + path

    def _session(self) -> requests.Session:
        """One session per thread and address, so that polls reuse their connections."""
        base_url, key = self._base_url(), wire.api_key()
        mine = self._of_thread
        if mine.session is None or mine.built_for != (base_url, key):
            mine.session = http.session(trusted_base_urls=[base_url])
            mine.session.headers["Authorization"] = f"Bearer {key}"
            mine.built_for = (base_url, key)
        return mine.session


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


def _read(kind: type[Message], body: bytes) -> Message:
    """Raises ValueError when `body` is not such a message."""
    return kind.model_validate_json(body)


def _expect(kind: type[Message], answer: requests.Response) -> Message:
    if answer.status_code == HTTPStatus.NOT_FOUND:
        raise TaskNotFound("the offline engine knows no such task")
    if not answer.ok:
        raise _unavailable(answer)
    try:
        return _read(kind, answer.content)
    except ValueError as error:
        raise ProviderUnavailable("the answer of the offline engine is unreadable") from error


def _failure(answer: requests.Response) -> Failure:
    try:
        return _read(messages.Refusal, answer.content).error.as_failure()
    except ValueError:
        return Failure("refused", f"the offline engine answered {answer.status_code}", retryable=False)


def _unavailable(answer: requests.Response) -> ProviderUnavailable:
    wait = answer.headers.get("Retry-After", "")
    return ProviderUnavailable(
        f"the offline engine answered {answer.status_code}", retry_after=float(wait) if wait.isdecimal() else None
    )


def _never_left(error: requests.RequestException) -> bool:
    """Whether the request surely did not reach them: no connection was made."""
    if isinstance(error, requests.ConnectTimeout | http.AddressRefused):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", cause), NewConnectionError)


def _chunks(answer: requests.Response) -> Iterator[bytes]:
    try:
        yield from answer.iter_content(_CHUNK_BYTES)
    except requests.RequestException as error:
        raise ProviderUnavailable("the result broke off") from error
