"""HeyGen, interface v3. We call a task `<path>:<id>`, by the address that tells about it.

Sources: developers.heygen.com, "Webhooks", "Error codes", "Usage limits", reference of v3 (2026).
"""

import hashlib
import hmac
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import quote

from django.conf import settings
from pydantic import BaseModel

from providers import calls
from providers.adapters.heygen import failures, messages
from providers.adapters.heygen.models import FACTS, MODELS, Model
from providers.adapters.places import refused
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
from providers.errors import (
    InvalidWebhook,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionOutcomeUnknown,
    TaskNotFound,
)

logger = logging.getLogger(__name__)

LARGEST_ASSET = 32 * 1024 * 1024
_ASSET_TYPES = frozenset(
    {"image/png", "image/jpeg", "video/mp4", "video/webm", "audio/mpeg", "audio/wav", "audio/x-wav"}
)
_MOST_PAGES = 60
_LISTED_FOR_SEARCH = 100
_ASSETS = "assets"
# What their `DELETE /v3/<path>/<id>` is documented for.
_DELETED = frozenset({"videos", "video-translations", "lipsyncs", _ASSETS})
_PATHS = frozenset(model.path for model in MODELS.values() if not model.answers_at_once)


class HeygenAdapter:
    """An order repeated under its key is the same order, so a lost answer is asked for again."""

    slug: ClassVar[str] = "heygen"
    facts: ClassVar[ProviderFacts] = ProviderFacts(
        name="HeyGen",
        company="HeyGen Technology Inc.",
        country="US",
        privacy_policy="https://www.heygen.com/privacy",
        # The life of a link. A fresh one is in the next answer about the task.
        results_kept=timedelta(days=7),
        # No page names a limit of requests; pay-as-you-go accounts have ten tasks at once.
        requests=20,
        per_seconds=10,
        concurrent=10,
        deletes_on_request=True,
    )
    has_idempotency_keys: ClassVar[bool] = True
    accepts_webhooks: ClassVar[bool] = True

    def __init__(self) -> None:
        self._caller = calls.Caller(
            self.slug, base_urls=self._base_urls, headers=lambda: {"X-Api-Key": str(settings.HEYGEN_API_KEY)}
        )

    @property
    def models(self) -> Mapping[str, ModelFacts]:
        return FACTS

    def is_configured(self) -> bool:
        return bool(settings.HEYGEN_API_KEY and settings.HEYGEN_BASE_URL and settings.HEYGEN_UPLOAD_BASE_URL)

    def build(self, submission: Submission) -> Mapping[str, Any]:
        links = {upload_id: {"type": "url", "url": file.url} for upload_id, file in submission.files.items()}
        return self._model(submission).body(submission, links)

    def submit(self, submission: Submission) -> TaskReport:
        self.build(submission)  # what cannot be expressed is refused before a file is sent anywhere
        model = self._model(submission)
        assets = {
            upload_id: self._asset(file, key=f"{submission.reference}:{upload_id}", stored=submission.stored)
            for upload_id, file in submission.files.items()
        }
        answer = self._caller.order(
            self._address(f"/v3/{model.path}"),
            json=model.body(submission, assets),
            headers={"Idempotency-Key": submission.reference},
        )
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in range(300, 400):
            raise SubmissionOutcomeUnknown(f"heygen answered {answer.status}")
        refusal = self._refusal(answer)
        if answer.status >= HTTPStatus.BAD_REQUEST or refusal.error:
            raise failures.of_refusal(answer.status, refusal.name, refusal.words, retry_after=answer.retry_after)
        try:
            return self._taken(model, submission, answer)
        except ValueError as error:
            raise SubmissionOutcomeUnknown("the answer of heygen is unreadable") from error

    def fetch(self, external_id: str) -> TaskReport:
        path, _colon, task_id = external_id.partition(":")
        if path not in _PATHS or not task_id:
            raise TaskNotFound("what was answered at once is not kept")
        task = self._ask(messages.Task, f"/v3/{path}/{quote(task_id, safe='')}")
        if path == "video-agents" and task.video_id:
            # The session tells which video it makes, and no more.
            task = self._ask(messages.Task, f"/v3/videos/{quote(task.video_id, safe='')}")
        return task.as_report(external_id)

    def find(self, reference: str) -> TaskReport | None:
        """By the title of a video, or by what else carries our reference in the lists of newest tasks."""
        for path, search in (
            ("videos", {"title": reference}),
            ("video-translations", {"limit": _LISTED_FOR_SEARCH}),
            ("lipsyncs", {"limit": _LISTED_FOR_SEARCH}),
        ):
            for task in self._page(messages.Task, f"/v3/{path}", search)[0]:
                if task.id and reference in {task.title, task.callback_id}:
                    return task.as_report(f"{path}:{task.id}")
        return None

    def cancel(self, external_id: str) -> bool:
        """There is no such call."""
        return False

    def delete(self, external_id: str) -> bool:
        """Videos, translations, lip syncs and files of ours. Of an agent, the video that it made."""
        path, _colon, task_id = external_id.partition(":")
        if path == "video-agents" and task_id:
            try:
                session = self._ask(messages.Task, f"/v3/{path}/{quote(task_id, safe='')}")
            except TaskNotFound:
                return True
            return bool(session.video_id) and self.delete(f"videos:{session.video_id}")
        if path not in _DELETED or not task_id:
            return False
        answer = self._caller.ask("DELETE", self._address(f"/v3/{path}/{quote(task_id, safe='')}"))
        try:
            self._expect(messages.Deleted, answer)
        except TaskNotFound:
            logger.info("it was gone already", extra={"provider": self.slug})
        return True

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookReport:
        """What is signed is theirs, to the last byte of the body. What is not is a hint.

        Only addresses that were registered have a secret; whether calls to the address of one task are signed is
        not documented. The time that comes with a signature is not covered by it, and proves nothing.
        """
        is_theirs = self._is_signed(calls.lower_case(headers), body)
        try:
            event = messages.Event.model_validate_json(body)
        except ValueError as error:
            raise InvalidWebhook("the body is unreadable") from error
        # Of the body, because a forged hint must not pass for the delivery of something signed.
        digest = hashlib.sha256(body).hexdigest()
        return WebhookReport(
            delivery_id=f"{'signed' if is_theirs else 'hint'}:{digest}",
            reference=event.event_data.callback_id or None,
            external_id=event.event_data.external_id,
            report=event.as_report() if is_theirs else None,
        )

    def open_output(self, output: Output) -> AbstractContextManager[Download]:
        return self._caller.open_output(output)

    def balance(self) -> Balance | None:
        try:
            return self._ask(messages.Account, "/v3/users/me").as_balance()
        except TaskNotFound:
            # One page spells it so.
            try:
                return self._ask(messages.Account, "/v3/user/me").as_balance()
            except TaskNotFound:
                return None

    def choices(self, setting: str) -> tuple[Choice, ...]:
        match setting:
            case "voice":
                # Of the engine that speech needs; presenters speak with any.
                search = {"engine": "starfish", "type": "public", "limit": 100}
                return tuple(voice.as_choice() for voice in self._all(messages.Voice, "/v3/voices", search))
            case "avatar":
                search = {"ownership": "public", "limit": 50}
                return tuple(look.as_choice() for look in self._all(messages.Look, "/v3/avatars/looks", search))
            case "language":
                names = self._ask(messages.Languages, "/v3/video-translations/languages").languages
                return tuple(Choice(name, name) for name in names)
        return ()

    def _taken(self, model: Model, submission: Submission, answer: calls.Answer) -> TaskReport:
        """Raises ValueError when the answer does not say which task was taken."""
        if model.answers_at_once:
            speech = _content(messages.Speech, answer)
            external_id = f"{model.path}:{speech.request_id or submission.reference}"
            return TaskReport(external_id, TaskStatus.SUCCEEDED, outputs=(Output(speech.audio_url, model.kind),))
        taken = _content(messages.Accepted, answer)
        task_id = taken.task_id(model.path)
        if not task_id:
            raise ValueError("no id")
        return TaskReport(f"{model.path}:{task_id}", TaskStatus.RUNNING, stage=taken.status.lower() or "waiting")

    def _asset(self, file: SubmittedFile, *, key: str, stored: Callable[[str], None]) -> Mapping[str, str]:
        """The file in their store; our link where their store does not take it."""
        if file.bytes > LARGEST_ASSET or file.mime not in _ASSET_TYPES:
            return {"type": "url", "url": file.url}
        with file.open() as stream:
            form = calls.MultipartFile(file, stream, name=calls.random_name(file.mime), fields={})
            answer = self._caller.ask(
                "POST",
                self._address("/v3/assets", base=str(settings.HEYGEN_UPLOAD_BASE_URL)),
                data=form,
                headers={"Content-Type": form.content_type, "Idempotency-Key": key},
                timeout=calls.UPLOAD_TIMEOUT,
            )
        if HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            refusal = self._refusal(answer)
            error = failures.of_refusal(answer.status, refusal.name, refusal.words, retry_after=answer.retry_after)
            # An upload in flight is nothing that was bought.
            raise (
                error if isinstance(error, ProviderUnavailable | ProviderRejected) else ProviderUnavailable(str(error))
            )
        asset_id = self._expect(messages.Asset, answer).asset_id
        stored(f"{_ASSETS}:{asset_id}")
        return {"type": "asset_id", "asset_id": asset_id}

    def _is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Raises InvalidWebhook for a signature that is wrong."""
        given = headers.get("heygen-signature") or headers.get("signature") or ""
        secret = str(settings.HEYGEN_WEBHOOK_SECRET)
        if not given or not secret:
            return False
        expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), given.lower().encode()):
            raise InvalidWebhook("the signature does not match")
        return True

    def _all(self, kind: type[messages.Content], path: str, search: Mapping[str, Any]) -> Iterator[messages.Content]:
        """The rows of all pages of a list, up to a bound that no list of theirs has reached."""
        token = ""
        for _number in range(_MOST_PAGES):
            rows, token = self._page(kind, path, {**search, **({"token": token} if token else {})})
            yield from rows
            if not token:
                return

    def _page(
        self, kind: type[messages.Content], path: str, search: Mapping[str, Any]
    ) -> tuple[list[messages.Content], str]:
        """One page of a list, and what asks for the next one; empty at the end."""
        page = self._expect(_Page, self._caller.ask("GET", self._address(path), params=search), whole=True)
        try:
            rows = [kind.model_validate(row) for row in page.data]
        except ValueError as error:
            raise ProviderUnavailable("a list of heygen is unreadable") from error
        return rows, (page.next_token or "") if page.has_more else ""

    def _ask(self, kind: type[messages.Content], path: str) -> messages.Content:
        return self._expect(kind, self._caller.ask("GET", self._address(path)))

    def _expect(self, kind: type[messages.Content], answer: calls.Answer, *, whole: bool = False) -> messages.Content:
        """What a question brought. Raises TaskNotFound, and the kinds of ProviderUnavailable."""
        refusal = self._refusal(answer)
        if answer.status == HTTPStatus.NOT_FOUND or refusal.name.endswith("not_found"):
            raise TaskNotFound("heygen knows no such thing")
        if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES or refusal.error:
            error = failures.of_refusal(answer.status, refusal.name, refusal.words, retry_after=answer.retry_after)
            if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR and isinstance(error, ProviderUnavailable):
                raise error
            raise ProviderUnavailable(f"heygen answered {answer.status}", retry_after=answer.retry_after)
        try:
            return answer.read(kind) if whole else _content(kind, answer)
        except ValueError as error:
            raise ProviderUnavailable("the answer of heygen is unreadable") from error

    def _refusal(self, answer: calls.Answer) -> messages.Refusal:
        try:
            return answer.read(messages.Refusal)
        except ValueError:
            return messages.Refusal()

    def _model(self, submission: Submission) -> Model:
        try:
            return MODELS[submission.model]
        except KeyError as error:
            raise refused("unknown_model", f"heygen has no model {submission.model}") from error

    def _address(self, path: str, *, base: str = "") -> str:
        if not self.is_configured():
            raise ProviderUnavailable("heygen is not configured")
        return (base or str(settings.HEYGEN_BASE_URL)).rstrip("/") + path

    def _base_urls(self) -> tuple[str, ...]:
        return tuple(filter(None, (str(settings.HEYGEN_BASE_URL), str(settings.HEYGEN_UPLOAD_BASE_URL))))


class _Envelope(BaseModel):
    data: Any


class _Page(BaseModel):
    data: list[Any]
    has_more: bool = False
    next_token: str | None = None


def _content(kind: type[messages.Content], answer: calls.Answer) -> messages.Content:
    """What stands in `data`. Raises ValueError."""
    return kind.model_validate(answer.read(_Envelope).data)
