"""What every adapter to an AI service speaks: the same few values in, the same few values out."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, BinaryIO, ClassVar, Protocol


class TaskStatus(StrEnum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SubmittedFile:
    """An upload of the user. `url` is a short-lived public link; `open` gives the bytes, from the start."""

    upload_id: str
    name: str
    mime: str
    bytes: int
    url: str
    open: Callable[[], BinaryIO]


def _unnoted(name: str) -> None:
    """For orders whose files nobody will want erased."""


@dataclass(frozen=True, slots=True)
class Submission:
    """One attempt. `reference` is ours, unguessable, and doubles as the idempotency key.

    In `input` a file stands as `{"upload": "<id>"}`; `files` holds it under that id. An adapter tells `stored` of each
    file that it has put into a store of the provider that `delete` reaches, as `delete` takes it: at once, for what
    comes of the order is not known yet.
    """

    reference: str
    model: str
    input: Mapping[str, Any]
    files: Mapping[str, SubmittedFile]
    webhook_url: str
    stored: Callable[[str], None] = _unnoted


@dataclass(frozen=True, slots=True)
class Output:
    """A result that waits at the provider. `kind` is one of image, video, audio, text."""

    url: str
    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a task ended badly. `code` is stable, `message` is for people and never parsed."""

    code: str
    message: str
    retryable: bool
    moderation: bool = False


@dataclass(frozen=True, slots=True)
class TaskReport:
    """News about a task, polled or pushed. `progress` is 0 to 1; `cost` is what the provider charges us."""

    external_id: str
    status: TaskStatus
    outputs: tuple[Output, ...] = ()
    progress: float | None = None
    stage: str = ""
    failure: Failure | None = None
    cost: Decimal | None = None
    cost_currency: str = ""
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class WebhookReport:
    """A webhook whose origin was checked. Without a `report` it is only a hint: fetch, and believe that."""

    delivery_id: str
    reference: str | None
    external_id: str
    report: TaskReport | None

    def is_about(self, external_id: str) -> bool:
        """Whether it names that task of ours. We may know it as `<family>:<their id>` while they tell the id alone."""
        return external_id == self.external_id or external_id.endswith(f":{self.external_id}")


@dataclass(frozen=True, slots=True)
class Download:
    """The body of an output, streamed. `content_length` is None when the provider does not say."""

    chunks: Iterator[bytes]
    content_length: int | None = None
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What an adapter can order under one of its model names. `inputs` names the settings that reach the provider."""

    kind: str
    inputs: frozenset[str]


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """What people are told about a provider, and what it allows us.

    `requests` are allowed per `per_seconds`, with `concurrent` tasks at once (None: it names no limit).
    `results_kept` is how long it keeps our results. `deletes_on_request`: it offers a call that erases a task
    (`ProviderAdapter.delete`).
    """

    name: str
    company: str
    country: str
    privacy_policy: str
    results_kept: timedelta
    requests: int
    per_seconds: int
    concurrent: int | None = None
    deletes_on_request: bool = False


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left of our money at a provider, in its own unit ("credits", "USD")."""

    amount: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a setting that the provider alone can list, such as a voice or an avatar."""

    value: str
    name: str
    language: str = ""
    gender: str = ""
    preview_url: str = ""


class ProviderAdapter(Protocol):
    """One AI service. Only the errors of `providers.errors` leave it; every call has a timeout."""

    slug: ClassVar[str]
    facts: ClassVar[ProviderFacts]
    has_idempotency_keys: ClassVar[bool]
    accepts_webhooks: ClassVar[bool]

    @property
    def models(self) -> Mapping[str, ModelFacts]:
        """By the provider's name of the model (a route's `provider_model`), what it takes and makes."""

    def build(self, submission: Submission) -> Mapping[str, Any]:
        """The body that `submit` would send, without calling anybody; files stand in it as links.

        Every setting in `submission.input` has its place in it. Raises ProviderRejected for what cannot be expressed.
        """

    def balance(self) -> Balance | None:
        """What is left at the provider; None: it cannot tell. Raises ProviderUnavailable, CredentialsRefused."""

    def choices(self, setting: str) -> tuple[Choice, ...]:
        """The values of a setting ("voice", "avatar"); empty: it lists none. Raises ProviderUnavailable."""

    def is_configured(self) -> bool:
        """Whether this installation holds what it takes to call the provider."""

    def submit(self, submission: Submission) -> TaskReport:
        """Order a task. Raises ProviderUnavailable and its kinds, SubmissionOutcomeUnknown, ProviderRejected."""

    def fetch(self, external_id: str) -> TaskReport:
        """What the provider says about its task now. Raises TaskNotFound, ProviderUnavailable."""

    def find(self, reference: str) -> TaskReport | None:
        """Look a lost submission up. None: the provider has no such task, or cannot say.

        Raises ProviderUnavailable.
        """

    def cancel(self, external_id: str) -> bool:
        """Ask the provider to stop. True: it will. False: too late, or it cannot. Raises ProviderUnavailable."""

    def delete(self, external_id: str) -> bool:
        """Have a task erased with its results, or a file that was put into the provider's store for one.

        True: it is gone, or was gone already. False: the provider offers no such call. Raises ProviderUnavailable,
        also while the task still runs.
        """

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookReport:
        """Check where the message comes from, then read it. Raises InvalidWebhook."""

    def open_output(self, output: Output) -> AbstractContextManager[Download]:
        """Stream a result. Raises ProviderUnavailable, also when the stream breaks or ends too soon."""
