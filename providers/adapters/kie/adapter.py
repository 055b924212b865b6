"""Our side of Kie.ai's wire: one adapter for the jobs API, the older families and its Suno."""

import base64
import hashlib
import hmac
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any, ClassVar

from providers.adapters.enveloped import Envelope, EnvelopedAdapter, Order
from providers.adapters.kie import codes, messages
from providers.adapters.kie.models import FACTS, MODELS, SUNO
from providers.adapters.kie.older import ALEPH, FLUX, FULL_HD, GPT_4O, RUNWAY, ULTRA_HD, VEO
from providers.adapters.kie.orders import JOBS
from providers.adapters.suno_wire import messages as suno_messages
from providers.base import Download, ModelFacts, Output, ProviderFacts, Submission, TaskReport, TaskStatus
from providers.calls import OutputGone
from providers.errors import InvalidWebhook, ProviderError, ProviderUnavailable, TaskNotFound

# They name no window; a replayed pair of headers is a hint about the same task, and no more than that.
SIGNATURE_LIFETIME = timedelta(minutes=10)
_KINDS = {name: order.kind for name, order in MODELS.items()}


class KieAdapter(EnvelopedAdapter):
    """Their signature covers the task's id and the time, never the body: so a webhook is a hint."""

    slug: ClassVar[str] = "kie"
    facts: ClassVar[ProviderFacts] = ProviderFacts(
        name="Kie.ai",
        company="Kie.ai",
        country="",
        privacy_policy="https://kie.ai/privacy-policy",
        # 14 days on most pages; one says that links usually die after a day, and that is what is counted on.
        results_kept=timedelta(hours=24),
        requests=20,
        per_seconds=10,
        concurrent=100,
    )
    settings_prefix: ClassVar[str] = "KIE"
    orders: ClassVar[Mapping[str, Order]] = {**MODELS, **SUNO}
    known_models: ClassVar[Mapping[str, ModelFacts]] = FACTS
    record_paths: ClassVar[Mapping[str, str]] = {
        JOBS: "jobs/recordInfo",
        GPT_4O: "gpt4o-image/record-info",
        FLUX: "flux/kontext/record-info",
        VEO: "veo/record-info",
        RUNWAY: "runway/record-detail",
        ALEPH: "aleph/record-info",
        ULTRA_HD: "veo/record-info",
        **suno_messages.RECORD_PATHS,
    }
    balance_path: ClassVar[str] = "chat/credit"

    def is_configured(self) -> bool:
        return super().is_configured() and bool(self._setting("UPLOAD_BASE_URL"))

    def submit(self, submission: Submission) -> TaskReport:
        """A film in 1080p is asked for like a question, again and again until it is there.

        Larger versions may bear the id of the film that they are made of, so our reference tells two orders apart.
        """
        order = self._order(submission)
        if order.family == FULL_HD:
            return self._full_hd(f"{FULL_HD}/{submission.reference}", order.body(submission, {})["taskId"])
        report = super().submit(submission)
        if order.family == ULTRA_HD:
            return replace(report, external_id=report.external_id.replace(":", f"/{submission.reference}:", 1))
        return report

    @contextmanager
    def open_output(self, output: Output) -> Iterator[Download]:
        """A dead link is asked for anew once: files that they made outlive their links."""
        with ExitStack() as stack:
            try:
                download = stack.enter_context(super().open_output(output))
            except OutputGone:
                renewed = replace(output, url=self._renewed(output.url))
                download = stack.enter_context(super().open_output(renewed))
            yield download

    def _refusal(self, order: Order, envelope: Envelope, retry_after: float | None) -> ProviderError:
        return codes.refusal(envelope.code, envelope.message or "", retry_after, lyrics=order.family == "lyrics")

    def _trouble(self, envelope: Envelope, retry_after: float | None) -> ProviderError:
        return codes.trouble(envelope.code, envelope.message or "", retry_after)

    def _report(self, family: str, external_id: str, data: Mapping[str, Any]) -> TaskReport:
        if record := messages.RECORDS.get(family):
            return record.model_validate(data).as_report(external_id, _KINDS)
        return suno_messages.Record.model_validate(data).as_report(self.facts.name, family, external_id)

    def _record(self, family: str, task_id: str) -> TaskReport:
        kind, _slash, _reference = family.partition("/")
        if kind == FULL_HD:
            return self._full_hd(family, task_id)
        return replace(super()._record(kind, task_id), external_id=f"{family}:{task_id}")

    def _full_hd(self, family: str, task_id: str) -> TaskReport:
        """The film in 1080p, or that it is being made: the code is not 200 then, and no page says which it is."""
        order = MODELS["veo/1080p"]
        answer = self._caller.ask("GET", self._address(order.path), params={"taskId": task_id, **order.fixed})
        try:
            envelope = answer.read(Envelope)
        except ValueError as error:
            raise ProviderUnavailable(f"Kie.ai answered with HTTP {answer.status}") from error
        if envelope.code in codes.NOT_READY:
            return TaskReport(f"{family}:{task_id}", TaskStatus.RUNNING, progress=0.0, stage="processing")
        if envelope.code != HTTPStatus.OK:
            raise codes.trouble(envelope.code, envelope.message or "", answer.retry_after)
        return messages.FullHd.model_validate(envelope.data or {}).as_report(f"{family}:{task_id}")

    def _renewed(self, url: str) -> str:
        """A link of twenty minutes to a file that Kie.ai made. Raises ProviderUnavailable for any other."""
        try:
            envelope = self._ask("POST", "common/download-url", json={"url": url})
        except TaskNotFound as error:
            raise OutputGone("a result of Kie.ai is gone") from error
        if not isinstance(envelope.data, str):
            raise OutputGone("a result of Kie.ai is gone")
        return envelope.data

    def _prove(self, headers: Mapping[str, str], task_id: str) -> None:
        """Without a key at their settings page nothing is signed: the secret address alone speaks for the sender."""
        key = self._setting("WEBHOOK_HMAC_KEY")
        if not key:
            return
        timestamp = headers.get("x-webhook-timestamp", "")
        digest = hmac.digest(key.encode(), f"{task_id}.{timestamp}".encode(), hashlib.sha256)
        given = headers.get("x-webhook-signature", "")
        if not hmac.compare_digest(base64.b64encode(digest), given.encode()):
            raise InvalidWebhook("the signature does not match")
        if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > SIGNATURE_LIFETIME.total_seconds():
            raise InvalidWebhook("the message is too old")
