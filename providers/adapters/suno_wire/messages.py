"""Records and callbacks of the Suno family as types, and what they mean.

Two spellings of every key (the record's and the callback's), `status` here and `successFlag` there, times as text or
number: nothing is read but what is needed.
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from providers import calls
from providers.base import Failure, Output, TaskReport, TaskStatus

# The path, below /api/v1, that tells about a task of the family.
RECORD_PATHS: Mapping[str, str] = {
    "music": "generate/record-info",
    "lyrics": "lyrics/record-info",
    "wav": "wav/record-info",
    "stems": "vocal-removal/record-info",
    "film": "mp4/record-info",
    "cover": "suno/cover/record-info",
}
# How far a task is, by status. Stages that repeat or come late never take progress back: that is for who applies them.
_RUNNING = {"PENDING": 0.05, "TEXT_SUCCESS": 0.3, "FIRST_SUCCESS": 0.7}
_FAILED = {
    "CREATE_TASK_FAILED": Failure("not_created", "the task could not be created", retryable=True),
    "GENERATE_AUDIO_FAILED": Failure("generation_failed", "the song could not be made", retryable=True),
    "GENERATE_LYRICS_FAILED": Failure("generation_failed", "the lyrics could not be written", retryable=True),
    "GENERATE_WAV_FAILED": Failure("generation_failed", "the WAV file could not be made", retryable=True),
    "GENERATE_MP4_FAILED": Failure("generation_failed", "the film could not be made", retryable=True),
    "SENSITIVE_WORD_ERROR": Failure("content_refused", "the words are not allowed", retryable=False, moderation=True),
}
# Codes inside the record of a task, the same at both sellers.
_CODES = {
    400: Failure("content_refused", "the lyrics are protected or not allowed", retryable=False, moderation=True),
    408: Failure("timeout", "the provider gave no result in time", retryable=True),
    413: Failure("known_work", "the recording is a known work", retryable=False, moderation=True),
    451: Failure("input_not_fetched", "an input file could not be fetched", retryable=True),
    500: Failure("provider_error", "the provider failed", retryable=True),
    501: Failure("generation_failed", "the generation failed", retryable=True),
    531: Failure("generation_failed", "the generation failed, credits were returned", retryable=True),
}
_STEM_NAMES = (
    "vocal", "instrumental", "backingVocals", "drums", "bass", "guitar", "piano", "keyboard", "percussion", "strings",
    "synth", "fx", "brass", "woodwinds",
)  # fmt: skip
# Of a cover picture, whose numbers are not those of any other family.
_COVER_FLAGS = {"0": "PENDING", "1": "SUCCESS", "2": "TEXT_SUCCESS", "3": "GENERATE_AUDIO_FAILED"}


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore", defer_build=True)


class Record(_Message):
    """What `record-info` says about a task of any family."""

    task_id: str = Field(alias="taskId")
    status: str = ""
    success_flag: str = Field(default="", alias="successFlag")
    response: dict[str, Any] | None = None
    error_code: int | None = Field(default=None, alias="errorCode")
    error_message: str = Field(default="", alias="errorMessage")

    @field_validator("status", "success_flag", "error_message", mode="before")
    @classmethod
    def _text(cls, value: object) -> str:
        return "" if value is None else str(value)

    @field_validator("error_code", mode="before")
    @classmethod
    def _number(cls, value: object) -> int | None:
        return int(value) if isinstance(value, int | float | str) and str(value).strip().isdecimal() else None

    @field_validator("response", mode="before")
    @classmethod
    def _object(cls, value: object) -> object:
        """Nothing before anything exists, and at some sellers JSON inside a text."""
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                return None
        return value if isinstance(value, dict) else None

    def as_report(self, provider: str, family: str, external_id: str) -> TaskReport:
        """What the record means. `family` says how to read it."""
        status = self.status or self.success_flag
        if family == "cover":
            status = _COVER_FLAGS.get(status, status)
        outputs = _outputs(family, self.response or {})
        # Their call to us failed; the work itself may well be done, or still go on.
        unreached = status == "CALLBACK_EXCEPTION"
        if status == "SUCCESS" or (unreached and _is_whole(family, outputs)):
            if not outputs:
                return _failed(external_id, Failure("no_result", "it succeeded without a result", retryable=True))
            return TaskReport(external_id, TaskStatus.SUCCEEDED, outputs, progress=1.0)
        if failure := _FAILED.get(status):
            return _failed(external_id, _CODES.get(self.error_code or 0, failure), self.error_message)
        if unreached:
            if failure := _CODES.get(self.error_code or 0):
                return _failed(external_id, failure, self.error_message)
            return TaskReport(external_id, TaskStatus.RUNNING)
        if status not in _RUNNING:
            calls.unknown_status(provider, status)
        return TaskReport(external_id, TaskStatus.RUNNING, progress=_RUNNING.get(status), stage=_stage(status))


def _failed(external_id: str, failure: Failure, said: str = "") -> TaskReport:
    message = f"{failure.message}: {said[:300]}" if said else failure.message
    failure = Failure(failure.code, message, failure.retryable, failure.moderation)
    return TaskReport(external_id, TaskStatus.FAILED, failure=failure)


def _stage(status: str) -> str:
    return {"PENDING": "queued", "TEXT_SUCCESS": "composing", "FIRST_SUCCESS": "composing"}.get(status, "")


def _is_whole(family: str, outputs: tuple[Output, ...]) -> bool:
    """Whether nothing more is to come: songs come in twos."""
    return len(outputs) >= (2 if family == "music" else 1)


def _outputs(family: str, response: Mapping[str, Any]) -> tuple[Output, ...]:
    match family:
        case "music":
            return tuple(_songs(response))
        case "lyrics":
            return tuple(_lyrics(response))
        case "wav":
            return _link(response.get("audioWavUrl"), "audio", "wav")
        case "film":
            return _link(response.get("videoUrl"), "video", "film")
        case "cover":
            return tuple(Output(str(url), "image", "cover") for url in response.get("images") or () if url)
        case _:
            links = ((name, response.get(f"{name}Url")) for name in _STEM_NAMES)
            return tuple(Output(str(url), "audio", name) for name, url in links if url)


def _songs(response: Mapping[str, Any]) -> list[Output]:
    """Finished songs only: a stream's address comes before its file, and is not kept. Named by their ids."""
    songs = response.get("sunoData") or ()
    found = []
    for song in songs:
        if url := song.get("audioUrl") or song.get("sourceAudioUrl"):
            found.append(Output(str(url), "audio", str(song.get("id") or "")))
    return found


def _lyrics(response: Mapping[str, Any]) -> list[Output]:
    texts = response.get("data") or ()
    return [
        calls.text_output(
            f"{one.get('title') or ''}\n\n{one['text']}".strip() + "\n", str(one.get("title") or "lyrics")
        )
        for one in texts
        if one.get("text") and one.get("status", "complete") == "complete"
    ]


def _link(url: object, kind: str, name: str) -> tuple[Output, ...]:
    return (Output(str(url), kind, name),) if url else ()


class _Word(BaseModel):
    model_config = ConfigDict(extra="ignore", defer_build=True)

    word: str
    starts_at: float = Field(alias="startS")


class _TimedLyrics(BaseModel):
    model_config = ConfigDict(extra="ignore", defer_build=True)

    words: list[_Word] = Field(alias="alignedWords")


def timed_lyrics(data: Any) -> tuple[Output, ...]:
    """The words of a song with their times, as LRC: a line of the song in each line. Nothing when it is unreadable."""
    try:
        words = _TimedLyrics.model_validate(data).words
    except ValueError:
        return ()
    lines: list[tuple[float, str]] = []
    is_new = True
    for word in words:
        # A break may stand at the end of a line's last word, or before the next line's first one.
        for place, part in enumerate(word.word.split("\n")):
            is_new = is_new or place > 0
            if part.strip() and is_new:
                lines.append((word.starts_at, part))
                is_new = False
            elif part:
                lines[-1:] = [(start, text + part) for start, text in lines[-1:]]
    timed = "".join(f"[{int(start // 60):02}:{start % 60:05.2f}] {text.strip()}\n" for start, text in lines)
    return (calls.text_output(timed, "timed lyrics"),) if timed else ()
