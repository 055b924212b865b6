"""HeyGen's JSON, read once and turned into our types: interface v3, and the webhooks of v1 and v2."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from providers import calls
from providers.adapters.heygen import failures
from providers.base import Balance, Choice, Failure, Output, TaskReport, TaskStatus

_STATUSES = {
    "waiting": TaskStatus.RUNNING,
    "pending": TaskStatus.RUNNING,
    "processing": TaskStatus.RUNNING,
    "running": TaskStatus.RUNNING,
    # A session of the video agent.
    "thinking": TaskStatus.RUNNING,
    "waiting_for_input": TaskStatus.RUNNING,
    "reviewing": TaskStatus.RUNNING,
    "generating": TaskStatus.RUNNING,
    "completed": TaskStatus.SUCCEEDED,
    "success": TaskStatus.SUCCEEDED,
    "failed": TaskStatus.FAILED,
    "deleted": TaskStatus.FAILED,
}
_AT_WORK = frozenset({"processing", "running", "generating"})


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore", defer_build=True, frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any, info: Any) -> Any:
        field = cls.model_fields[info.field_name]
        return field.get_default(call_default_factory=True) if value is None and not field.is_required() else value


Content = TypeVar("Content", bound=BaseModel)


class Accepted(_Message):
    """The answer to an order. Each kind of task has a name of its own for its id."""

    id: str = ""
    video_id: str = ""
    session_id: str = ""
    lipsync_id: str = ""
    video_translation_ids: tuple[str, ...] = ()
    status: str = ""

    def task_id(self, path: str) -> str:
        """The id under which `GET /v3/<path>/<id>` knows the task; empty when there is none."""
        if path == "video-agents":
            return self.session_id
        first = next(iter(self.video_translation_ids), "")
        return self.video_id or self.lipsync_id or first or self.id


class Speech(_Message):
    audio_url: str = Field(min_length=1)
    request_id: str = ""


class Task(_Message):
    """A video, a translation, a lip sync, a cut-out or a session: what they have in common, and what they have not."""

    id: str = ""
    status: str
    title: str = ""
    callback_id: str = ""
    video_id: str = ""
    video_url: str = ""
    captioned_video_url: str = ""
    layers: Mapping[str, str] = Field(default_factory=dict)
    failure_code: str = ""
    failure_message: str = ""
    error: Any = ""

    def as_report(self, external_id: str) -> TaskReport:
        """The news about the task. An unknown status is "running", and an alarm."""
        word = self.status.lower()
        status = _STATUSES.get(word)
        if status is None:
            calls.unknown_status("heygen", word)
            status = TaskStatus.RUNNING
        outputs = self._outputs() if status is TaskStatus.SUCCEEDED else ()
        if status is TaskStatus.SUCCEEDED and not outputs:
            # The link may follow a moment after the status.
            return TaskReport(external_id, TaskStatus.RUNNING, progress=0.99, stage="finishing")
        return TaskReport(
            external_id=external_id,
            status=status,
            outputs=outputs,
            progress=0.0 if word in _AT_WORK else None,
            stage=word if status is TaskStatus.RUNNING else "",
            failure=self._failure() if status is TaskStatus.FAILED else None,
        )

    def _outputs(self) -> tuple[Output, ...]:
        """The film; with its captions burned in when they were ordered. Thumbnails and the like are made by us."""
        link = self.captioned_video_url or self.video_url or self.layers.get("foreground", "")
        return (Output(link, "video"),) if link else ()

    def _failure(self) -> Failure:
        if self.status.lower() == "deleted":
            return failures.GONE
        error = self.error if isinstance(self.error, Mapping) else {"message": self.error}
        code = self.failure_code or str(error.get("code") or "")
        return failures.of_task(code, self.failure_message or str(error.get("message") or ""))


class Refusal(_Message):
    """`{error: {code, message}}`, or `{code, message}` as v1 and v2 say it."""

    error: Any = None
    code: int | str = ""
    message: str = ""

    @property
    def name(self) -> str:
        code = self.error.get("code") if isinstance(self.error, Mapping) else self.code
        return str(code or "")

    @property
    def words(self) -> str:
        if isinstance(self.error, Mapping):
            return str(self.error.get("message") or "")
        return str(self.error or self.message)


class EventData(_Message):
    video_id: str = ""
    video_translate_id: str = ""
    lipsync_id: str = ""
    session_id: str = ""
    callback_id: str = ""
    url: str = ""
    video_url: str = ""
    msg: str = ""
    message: str = ""
    error: Any = ""

    @property
    def external_id(self) -> str:
        """The task in our words; empty when the event names none."""
        for path, task_id in (
            ("video-agents", self.session_id),
            ("video-translations", self.video_translate_id),
            ("lipsyncs", self.lipsync_id),
            ("videos", self.video_id),
        ):
            if task_id:
                return f"{path}:{task_id}"
        return ""

    @property
    def words(self) -> str:
        error = self.error.get("message") if isinstance(self.error, Mapping) else self.error
        return self.msg or self.message or str(error or "")


class Event(_Message):
    event_type: str = Field(min_length=1)
    event_data: EventData

    def as_report(self) -> TaskReport | None:
        """What the event says for certain, its origin granted. None: the record says it better, or there is none.

        The link in the success of an avatar's video is the one without captions, so that record is read.
        """
        external_id = self.event_data.external_id
        if not external_id:
            return None
        if self.event_type.endswith(".fail"):
            failure = failures.of_task("", self.event_data.words)
            return TaskReport(external_id, TaskStatus.FAILED, failure=failure)
        link = self.event_data.url or self.event_data.video_url
        if self.event_type == "video_translate.success" and link:
            return TaskReport(external_id, TaskStatus.SUCCEEDED, outputs=(Output(link, "video"),))
        return None


class Asset(_Message):
    asset_id: str = Field(min_length=1)


class Deleted(_Message):
    """The answer to a deletion: the id of what is gone."""

    id: str = ""


class Voice(_Message):
    voice_id: str
    name: str = ""
    language: str = ""
    gender: str = ""
    preview_audio_url: str = ""

    def as_choice(self) -> Choice:
        return Choice(self.voice_id, self.name, self.language, self.gender, self.preview_audio_url)


class Look(_Message):
    id: str
    name: str = ""
    gender: str = ""
    preview_image_url: str = ""

    def as_choice(self) -> Choice:
        return Choice(self.id, self.name, "", self.gender, self.preview_image_url)


class Languages(_Message):
    languages: tuple[str, ...] = ()


class Wallet(_Message):
    currency: str = "usd"
    remaining_balance: Decimal


class Credits(_Message):
    premium_credits: Any = 0
    add_on_credits: Any = 0


class Subscription(_Message):
    credits: Credits


class Account(_Message):
    """Exactly one of the ways of paying is filled. Their other fields are about our own account, and not read."""

    wallet: Wallet | None = None
    subscription: Subscription | None = None

    def as_balance(self) -> Balance | None:
        if self.wallet:
            unit = "USD" if self.wallet.currency.lower() == "usd" else self.wallet.currency
            return Balance(self.wallet.remaining_balance, unit)
        if self.subscription:
            credits = self.subscription.credits
            return Balance(_left(credits.premium_credits) + _left(credits.add_on_credits), "credits")
        return None


def _left(credits: Any) -> Decimal:
    """A number, or an object that holds what remains."""
    if isinstance(credits, Mapping):
        credits = credits.get("remaining", 0)
    return Decimal(str(credits or 0))
