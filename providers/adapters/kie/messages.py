"""Records of Kie.ai as types, and what they mean: one kind for the jobs API and one for each older family.

JSON inside text (sometimes twice), numbers as text, null or an empty text for "nothing": all are read. The whole
numbers of `successFlag` mean something else in each family.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from providers import calls
from providers.adapters.kie import codes
from providers.adapters.kie.older import ALEPH, FLUX, GPT_4O, RUNWAY, ULTRA_HD, VEO
from providers.adapters.kie.orders import JOBS
from providers.base import Failure, Output, TaskReport, TaskStatus

PROVIDER = "Kie.ai"
# A vocal separation is listed at 10 credits and at 0.05 dollars.
USD_PER_CREDIT = Decimal("0.005")
_QUEUED, _WORKING = "queued", "generating"
_NO_RESULT = Failure("no_result", "it succeeded without a result", retryable=True)
_EXPIRED = Failure("result_expired", "the result is no longer kept", retryable=True)


class _Record(BaseModel):
    """What all records share. `kinds` says what each model makes, for results that do not tell."""

    model_config = ConfigDict(extra="ignore", defer_build=True, populate_by_name=True)

    refusals_are_400: ClassVar[bool] = True

    error_code: int | None = Field(default=None, alias="errorCode")
    error_message: str = Field(default="", alias="errorMessage")

    @field_validator("error_message", "fail_message", mode="before", check_fields=False)
    @classmethod
    def _text(cls, value: object) -> str:
        return "" if value is None else str(value)

    @field_validator("error_code", "fail_code", "success_flag", "expire_flag", mode="before", check_fields=False)
    @classmethod
    def _number(cls, value: object) -> int | None:
        """Codes come as numbers and as text, and some are words ("GENERATION_FAILED")."""
        words = str(value).strip()
        return int(words) if words.lstrip("-").isdecimal() else None

    @field_validator("response", "result", "video_info", mode="before", check_fields=False)
    @classmethod
    def _object(cls, value: object) -> dict[str, Any]:
        return as_object(value)

    def as_report(self, external_id: str, kinds: Mapping[str, str]) -> TaskReport:
        raise NotImplementedError

    def _failed(self, external_id: str, code: int | None = None, message: str = "") -> TaskReport:
        failure = codes.failure(
            code or self.error_code, message or self.error_message, refusals_are_400=self.refusals_are_400
        )
        return TaskReport(external_id, TaskStatus.FAILED, failure=failure)


class JobRecord(_Record):
    refusals_are_400: ClassVar[bool] = False

    model: str | None = ""
    state: str = ""
    result: dict[str, Any] = Field(default_factory=dict, alias="resultJson")
    fail_code: int | None = Field(default=None, alias="failCode")
    fail_message: str = Field(default="", alias="failMsg")
    progress: float | None = None
    credits: Decimal | None = Field(default=None, alias="creditsConsumed")

    @field_validator("progress", mode="before")
    @classmethod
    def _share(cls, value: object) -> float | None:
        return as_share(value)

    def as_report(self, external_id: str, kinds: Mapping[str, str]) -> TaskReport:
        """Only `state` decides: their own example waits with a result filled in."""
        cost = None if self.credits is None else self.credits * USD_PER_CREDIT
        match self.state:
            case "waiting" | "queuing":
                return TaskReport(external_id, TaskStatus.RUNNING, stage=_QUEUED)
            case "generating":
                return TaskReport(external_id, TaskStatus.RUNNING, progress=self.progress or 0.0, stage=_WORKING)
            case "success":
                outputs = self._outputs(kinds.get(self.model or "", ""))
                return _succeeded(external_id, outputs, cost)
            case "fail":
                return self._failed(external_id, self.fail_code, self.fail_message)
        calls.unknown_status(PROVIDER, self.state)
        return TaskReport(external_id, TaskStatus.RUNNING)

    def _outputs(self, kind: str) -> tuple[Output, ...]:
        if urls := as_list(self.result.get("resultUrls")):
            return tuple(Output(url, kind or kind_of(url)) for url in urls)
        if answer := self.result.get("resultObject"):
            return (calls.text_output(json.dumps(answer, ensure_ascii=False, indent=2), "result"),)
        return ()


class Gpt4oRecord(_Record):
    status: str | None = ""
    success_flag: int | None = Field(default=None, alias="successFlag")
    progress: float | None = None
    response: dict[str, Any] = Field(default_factory=dict)

    @field_validator("progress", mode="before")
    @classmethod
    def _share(cls, value: object) -> float | None:
        return as_share(value)

    def as_report(self, external_id: str, kinds: Mapping[str, str]) -> TaskReport:
        match self.status or {0: "GENERATING", 1: "SUCCESS", 2: "GENERATE_FAILED"}.get(self.success_flag or 0):
            case "GENERATING":
                return TaskReport(external_id, TaskStatus.RUNNING, progress=self.progress or 0.0, stage=_WORKING)
            case "SUCCESS":
                return _succeeded(external_id, _links(self.response.get("resultUrls"), "image"))
            case "CREATE_TASK_FAILED" | "GENERATE_FAILED":
                return self._failed(external_id)
        calls.unknown_status(PROVIDER, self.status)
        return TaskReport(external_id, TaskStatus.RUNNING)


class FluxRecord(_Record):
    success_flag: int | None = Field(default=None, alias="successFlag")
    response: dict[str, Any] = Field(default_factory=dict)

    def as_report(self, external_id: str, kinds: Mapping[str, str]) -> TaskReport:
        """0 generating, 1 success, 2 not created, 3 not generated."""
        match self.success_flag:
            case 0:
                return TaskReport(external_id, TaskStatus.RUNNING, progress=0.0, stage=_WORKING)
            case 1:
                return _succeeded(external_id, _links(self.response.get("resultImageUrl"), "image"))
            case 2 | 3:
                return self._failed(external_id)
        calls.unknown_status(PROVIDER, self.success_flag)
        return TaskReport(external_id, TaskStatus.RUNNING)


class VeoRecord(_Record):
    success_flag: int | None = Field(default=None, alias="successFlag")
    response: dict[str, Any] = Field(default_factory=dict)

    def as_report(self, external_id: str, kinds: Mapping[str, str]) -> TaskReport:
        """0 running, 1 success, 2 failed, 3 created but failed upstream. A fallback never served it: it is off."""
        match self.success_flag:
            case 0:
                return TaskReport(external_id, TaskStatus.RUNNING, progress=0.0, stage=_WORKING)
            case 1:
                return _succeeded(external_id, _links(self.response.get("resultUrls"), "video"))
            case 2 | 3:
                return self._failed(external_id)
        calls.unknown_status(PROVIDER, self.success_flag)
        return TaskReport(external_id, TaskStatus.RUNNING)


class Veo4kRecord(VeoRecord):
    """May be asked for under the id of the film that it is made of: a smaller one is not it."""

    def as_report(self, external_id: str, kinds: Mapping[str, str]) -> TaskReport:
        size = str(self.response.get("resolution") or "4k").casefold()
        if self.success_flag == 1 and size != "4k":
            return TaskReport(external_id, TaskStatus.RUNNING, progress=0.0, stage=_WORKING)
        return super().as_report(external_id, kinds)


class FullHd(BaseModel):
    """A film of Veo in 1080p."""

    model_config = ConfigDict(extra="ignore", defer_build=True)

    result_url: str | None = Field(default=None, alias="resultUrl")

    def as_report(self, external_id: str) -> TaskReport:
        return _succeeded(external_id, _links(self.result_url, "video"))


class RunwayRecord(_Record):
    state: str = ""
    video_info: dict[str, Any] = Field(default_factory=dict, alias="videoInfo")
    expire_flag: int | None = Field(default=None, alias="expireFlag")
    fail_code: int | None = Field(default=None, alias="failCode")
    fail_message: str = Field(default="", alias="failMsg")

    def as_report(self, external_id: str, kinds: Mapping[str, str]) -> TaskReport:
        """Spelled otherwise than the states of the jobs API."""
        match self.state:
            case "wait" | "queueing":
                return TaskReport(external_id, TaskStatus.RUNNING, stage=_QUEUED)
            case "generating":
                return TaskReport(external_id, TaskStatus.RUNNING, progress=0.0, stage=_WORKING)
            case "success" if self.expire_flag == 1:
                return TaskReport(external_id, TaskStatus.FAILED, failure=_EXPIRED)
            case "success":
                return _succeeded(external_id, _links(self.video_info.get("videoUrl"), "video"))
            case "fail":
                return self._failed(external_id, self.fail_code, self.fail_message)
        calls.unknown_status(PROVIDER, self.state)
        return TaskReport(external_id, TaskStatus.RUNNING)


class AlephRecord(_Record):
    success_flag: int | None = Field(default=None, alias="successFlag")
    complete_time: Any = Field(default=None, alias="completeTime")
    response: dict[str, Any] = Field(default_factory=dict)

    def as_report(self, external_id: str, kinds: Mapping[str, str]) -> TaskReport:
        """1 success; 0 means both failed and still running, and only an error or an end tells which."""
        match self.success_flag:
            case 1:
                return _succeeded(external_id, _links(self.response.get("resultVideoUrl"), "video"))
            case 0 | None:
                if self.error_code or self.error_message or self.complete_time:
                    return self._failed(external_id)
                return TaskReport(external_id, TaskStatus.RUNNING, progress=0.0, stage=_WORKING)
        calls.unknown_status(PROVIDER, self.success_flag)
        return TaskReport(external_id, TaskStatus.RUNNING)


RECORDS: Mapping[str, type[_Record]] = {
    JOBS: JobRecord,
    GPT_4O: Gpt4oRecord,
    FLUX: FluxRecord,
    VEO: VeoRecord,
    ULTRA_HD: Veo4kRecord,
    RUNWAY: RunwayRecord,
    ALEPH: AlephRecord,
}


def as_object(value: object) -> dict[str, Any]:
    """An object that came as itself, as JSON text, or as JSON text of JSON text; empty when it is none."""
    for _layer in range(2):
        if not isinstance(value, str):
            break
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[str]:
    """Links that came as a list, as JSON text of a list, or as one link."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    links = value if isinstance(value, list) else [value]
    return [str(link) for link in links if link]


def as_share(value: object) -> float | None:
    """A progress from 0 to 1, also when it came as text or in percent."""
    try:
        share = float(str(value))
    except ValueError:
        return None
    return max(0.0, min(share / 100 if share > 1 else share, 1.0))


def kind_of(url: str) -> str:
    """What a link leads to, by its ending, for a model that we do not order."""
    ending = url.partition("?")[0].rpartition(".")[2].lower()
    return {"mp4": "video", "webm": "video", "mov": "video", "mp3": "audio", "wav": "audio", "txt": "text"}.get(
        ending, "image"
    )


def _links(value: object, kind: str) -> tuple[Output, ...]:
    return tuple(Output(url, kind) for url in as_list(value))


def _succeeded(external_id: str, outputs: tuple[Output, ...], cost: Decimal | None = None) -> TaskReport:
    currency = "" if cost is None else "USD"
    if not outputs:
        return TaskReport(external_id, TaskStatus.FAILED, failure=_NO_RESULT, cost=cost, cost_currency=currency)
    return TaskReport(external_id, TaskStatus.SUCCEEDED, outputs, progress=1.0, cost=cost, cost_currency=currency)
