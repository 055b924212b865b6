"""Adapters of providers that answer nearly everything with HTTP 200 and `{code, msg, data}`, where the code decides.

A task of theirs has a record of its family, at an address of that family. So we know a task as `<family>:<their id>`.
What their webhooks say is not covered by a signature: they are hints, and the record is read back.
"""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any, ClassVar, Protocol

from django.conf import settings
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from providers import calls
from providers.adapters.places import Body, refused
from providers.adapters.suno_wire import messages as suno_messages
from providers.adapters.suno_wire.orders import TIMED_LYRICS
from providers.base import (
    Balance,
    Choice,
    Download,
    ModelFacts,
    Output,
    ProviderFacts,
    Submission,
    SubmittedFile,
    TaskReport,
    TaskStatus,
    WebhookReport,
)
from providers.calls import Answer, Caller, MultipartFile
from providers.errors import (
    CredentialsRefused,
    InvalidWebhook,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    SubmissionOutcomeUnknown,
    TaskNotFound,
)

_ID = AliasChoices("taskId", "task_id")
_UPLOAD_FOLDER = "inputs"
# What a server before theirs answers with when it is asked too often.
_PAUSE_SECONDS = 10.0


class Order(Protocol):
    """How one model is ordered."""

    @property
    def family(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def facts(self) -> ModelFacts: ...
    def body(self, submission: Submission, links: Mapping[str, str]) -> Body: ...


class Envelope(BaseModel):
    """What everything comes in. Some pages spell `msg` as `message`."""

    model_config = ConfigDict(extra="ignore", defer_build=True)

    code: int
    message: str | None = Field(default="", validation_alias=AliasChoices("msg", "message"))
    data: Any = None


class _Named(BaseModel):
    """A thing that bears the id of a task."""

    model_config = ConfigDict(extra="ignore", defer_build=True, coerce_numbers_to_str=True)

    task_id: str = Field(default="", validation_alias=_ID)


class _UploadedFile(BaseModel):
    """A file in their store. The names in it vary with the version of the page."""

    model_config = ConfigDict(extra="ignore", defer_build=True)

    download_url: str | None = Field(default="", alias="downloadUrl")
    file_url: str | None = Field(default="", alias="fileUrl")

    @property
    def link(self) -> str:
        return self.download_url or self.file_url or ""


class EnvelopedAdapter(ABC):
    """One such provider. A subclass says what its codes and its records mean."""

    slug: ClassVar[str]
    facts: ClassVar[ProviderFacts]
    has_idempotency_keys: ClassVar[bool] = False
    accepts_webhooks: ClassVar[bool] = True
    # Of our settings: `<prefix>_API_KEY`, `<prefix>_BASE_URL`.
    settings_prefix: ClassVar[str]
    orders: ClassVar[Mapping[str, Order]]
    known_models: ClassVar[Mapping[str, ModelFacts]]
    # Below /api/v1: where the record of each family is read, and where the balance is.
    record_paths: ClassVar[Mapping[str, str]]
    balance_path: ClassVar[str]

    def __init__(self) -> None:
        self._caller = Caller(
            self.facts.name,
            base_urls=self._base_urls,
            headers=lambda: {"Authorization": f"Bearer {self._setting('API_KEY')}"},
        )

    @property
    def models(self) -> Mapping[str, ModelFacts]:
        return self.known_models

    def is_configured(self) -> bool:
        return bool(self._setting("API_KEY") and self._setting("BASE_URL"))

    def build(self, submission: Submission) -> Mapping[str, Any]:
        return self._order(submission).body(submission, {name: file.url for name, file in submission.files.items()})

    def submit(self, submission: Submission) -> TaskReport:
        self.build(submission)  # refuses what cannot be ordered before any file is sent
        order = self._order(submission)
        links = {name: self._link(file) for name, file in submission.files.items()}
        answer = self._caller.order(self._address(order.path), json=order.body(submission, links))
        envelope = _envelope(answer)
        if envelope is None:
            raise self._by_status(answer) or SubmissionOutcomeUnknown(
                f"{self.facts.name} answered an order with HTTP {answer.status}"
            )
        if envelope.code != HTTPStatus.OK:
            raise self._refusal(order, envelope, answer.retry_after)
        if answer.status == HTTPStatus.OK and (outputs := self._at_once(order, envelope.data)):
            return TaskReport(f"{order.family}:{submission.reference}", TaskStatus.SUCCEEDED, outputs, progress=1.0)
        if answer.status != HTTPStatus.OK or not (task_id := _task_id(envelope.data)):
            raise SubmissionOutcomeUnknown(f"{self.facts.name} accepted the task without telling its id")
        return TaskReport(f"{order.family}:{task_id}", TaskStatus.RUNNING)

    def fetch(self, external_id: str) -> TaskReport:
        family, known, task_id = external_id.rpartition(":")
        if known:
            return self._record(family, task_id)
        # Only its webhook told us of this task, and webhooks do not name the family.
        for family in self.record_paths:
            try:
                return self._record(family, task_id)
            except TaskNotFound:
                continue
        raise TaskNotFound(f"{self.facts.name} knows no such task")

    def find(self, reference: str) -> TaskReport | None:
        return None

    def cancel(self, external_id: str) -> bool:
        return False

    def delete(self, external_id: str) -> bool:
        """Neither provider has such a call: results go by themselves after two weeks."""
        return False

    def choices(self, setting: str) -> tuple[Choice, ...]:
        return ()

    def balance(self) -> Balance | None:
        envelope = self._ask("GET", self.balance_path)
        try:
            return Balance(Decimal(str(envelope.data)), "credits")
        except InvalidOperation as error:
            raise ProviderUnavailable(f"the balance at {self.facts.name} is unreadable") from error

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookReport:
        try:
            message = json.loads(body)
        except ValueError as error:
            raise InvalidWebhook("the body is unreadable") from error
        if not isinstance(message, dict):
            raise InvalidWebhook("the body is no object")
        # Aleph alone puts the id beside the data.
        task_id = _task_id(message.get("data")) or _task_id(message)
        if not task_id:
            raise InvalidWebhook("it names no task")
        self._prove(calls.lower_case(headers), task_id)
        digest = hashlib.sha256(body).hexdigest()[:32]
        return WebhookReport(f"{task_id[:100]}:{digest}", None, task_id, None)

    @contextmanager
    def open_output(self, output: Output) -> Iterator[Download]:
        with self._caller.open_output(output) as download:
            yield download

    @abstractmethod
    def _refusal(self, order: Order, envelope: Envelope, retry_after: float | None) -> ProviderError:
        """What a code other than 200 means when it answers an order."""

    @abstractmethod
    def _trouble(self, envelope: Envelope, retry_after: float | None) -> ProviderError:
        """What a code other than 200 means when it answers a question."""

    @abstractmethod
    def _report(self, family: str, external_id: str, data: Mapping[str, Any]) -> TaskReport:
        """What a record says. Raises ValueError when it is none."""

    def _at_once(self, order: Order, data: Any) -> tuple[Output, ...]:
        """What the answer to an order brings already; nothing: the task has begun."""
        return suno_messages.timed_lyrics(data) if order.family == TIMED_LYRICS else ()

    def _link(self, file: SubmittedFile) -> str:
        """Where they find an input: in their own store, which keeps it for three days, or at our link without a store.

        An equal name would overwrite another's file there, so ours are random. Raises ProviderUnavailable.
        """
        if not self._setting("UPLOAD_BASE_URL"):
            return file.url
        name = calls.random_name(file.mime)
        fields = {"uploadPath": _UPLOAD_FOLDER, "fileName": name}
        with file.open() as stream:
            form = MultipartFile(file, stream, name=name, fields=fields)
            try:
                envelope = self._ask(
                    "POST",
                    "/api/file-stream-upload",
                    base="UPLOAD_BASE_URL",
                    data=form,
                    headers={"Content-Type": form.content_type},
                    timeout=calls.UPLOAD_TIMEOUT,
                )
                link = _UploadedFile.model_validate(envelope.data).link
            except (ValueError, TaskNotFound) as error:
                raise ProviderUnavailable(f"{self.facts.name} did not take an input file") from error
        if not link:
            raise ProviderUnavailable(f"{self.facts.name} took an input file without telling where it is")
        return link

    @abstractmethod
    def _prove(self, headers: Mapping[str, str], task_id: str) -> None:
        """Check where a webhook comes from, as far as that can be. Raises InvalidWebhook."""

    def _record(self, family: str, task_id: str) -> TaskReport:
        path = self.record_paths.get(family)
        if path is None:
            raise TaskNotFound(f"{self.facts.name} has no tasks of the kind {family}")
        envelope = self._ask("GET", path, params={"taskId": task_id})
        if not isinstance(envelope.data, Mapping):
            raise TaskNotFound(f"{self.facts.name} shows no record yet")
        try:
            return self._report(family, f"{family}:{task_id}", envelope.data)
        except ValueError as error:
            raise ProviderUnavailable(f"a record of {self.facts.name} is unreadable") from error

    def _ask(self, method: str, path: str, *, base: str = "BASE_URL", **rest: Any) -> Envelope:
        """The envelope of a question that was answered with code 200. Raises TaskNotFound, ProviderUnavailable."""
        answer = self._caller.ask(method, self._address(path, base=base), **rest)
        envelope = _envelope(answer)
        if envelope is None:
            raise self._by_status(answer) or ProviderUnavailable(
                f"{self.facts.name} answered with HTTP {answer.status}", retry_after=answer.retry_after
            )
        if envelope.code != HTTPStatus.OK and not _task_id(envelope.data):
            raise self._trouble(envelope, answer.retry_after)
        return envelope

    def _by_status(self, answer: Answer) -> ProviderUnavailable | None:
        """What somebody on the way says, in no envelope of theirs. None: nothing that is sure."""
        message = f"{self.facts.name} answered with HTTP {answer.status}"
        match answer.status:
            case HTTPStatus.TOO_MANY_REQUESTS:
                return RateLimited(message, retry_after=answer.retry_after or _PAUSE_SECONDS)
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
                return CredentialsRefused(message)
            case status if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
                return ProviderUnavailable(message, retry_after=answer.retry_after)
        return None

    def _order(self, submission: Submission) -> Order:
        order = self.orders.get(submission.model)
        if order is None:
            raise refused("unknown_model", f"{self.facts.name} has no model {submission.model}")
        return order

    def _setting(self, name: str) -> str:
        return str(getattr(settings, f"{self.settings_prefix}_{name}", ""))

    def _base_urls(self) -> tuple[str, ...]:
        names = ("BASE_URL", "UPLOAD_BASE_URL")
        return tuple(filter(None, (self._setting(name) for name in names)))

    def _address(self, path: str, *, base: str = "BASE_URL") -> str:
        """Below /api/v1, or a path of its own when it begins with a slash."""
        return self._setting(base) + (path if path.startswith("/") else f"/api/v1/{path}")


def _envelope(answer: Answer) -> Envelope | None:
    try:
        return answer.read(Envelope)
    except ValueError:
        return None


def _task_id(data: object) -> str:
    if not isinstance(data, Mapping):
        return ""
    try:
        return _Named.model_validate(data).task_id
    except ValueError:
        return ""
