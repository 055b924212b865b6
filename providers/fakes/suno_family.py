"""What the stand-ins for Kie.ai and sunoapi.org share: the envelope, tasks that end by themselves, and Suno's calls."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from providers.fakes.apps import App, Call, Reply, json_reply, route
from providers.fakes.frame import Frame
from providers.fakes.webhooks import Webhook

_SONGS = 2
# Of the time that two songs take.
_TEXT_FROM, _FIRST_SONG_FROM = 0.3, 0.7
_STEMS = ("vocal", "instrumental")
_ALL_STEMS = ("vocal", "backingVocals", "drums", "bass", "guitar", "piano", "keyboard", "strings", "synth", "fx")
_POLICY = "The lyrics contain words that are not allowed"


@dataclass(slots=True)
class Task:
    """One task. `overrides` replaces members of its record, for tests of what happens rarely."""

    task_id: str
    family: str
    order: Mapping[str, Any]
    faults: frozenset[str]
    born_at: float
    ends_at: float
    base_url: str
    made: dict[str, Any] = field(default_factory=dict)
    overrides: dict[str, Any] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        return "never" not in self.faults and time.time() >= self.ends_at

    @property
    def share(self) -> float:
        """How far it is, from 0 to less than 1. What never ends stays in the middle."""
        if "never" in self.faults or self.ends_at <= self.born_at:
            return 0.5
        return min((time.time() - self.born_at) / (self.ends_at - self.born_at), 0.99)


class EnvelopedApp(App):
    """Answers HTTP 200 with `{code, msg, data}` for nearly everything."""

    key = ""
    rate_code = 429
    money_code = 402

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.tasks: dict[str, Task] = {}
        self.credits: float = 1234.5
        self._said: list[Reply] = []

    def say_next(self, code: int, message: str = "", data: object = None, *, status: int = 200) -> None:
        """Answer the next call with this, and do nothing else."""
        self.reply_next(enveloped(code, message, data, status=status))

    def reply_next(self, reply: Reply) -> None:
        """Answer the next call with this, in no envelope."""
        self._said.append(reply)

    def refused(self, call: Call) -> Reply | None:
        """What was said to be said next, a wrong key, or a refusal that a fault asks for."""
        if self._said:
            return self._said.pop(0)
        if call.headers.get("authorization") != f"Bearer {self.key}" or "bad_key" in call.faults:
            return enveloped(401, "You do not have access permissions")
        if call.method != "POST":
            return None
        if "no_credits" in call.faults:
            return enveloped(self.money_code, "The current credits are insufficient. Please top up.")
        if "rejected" in call.faults:
            return enveloped(422, "The input cannot pass the validation")
        if "maintenance" in call.faults:
            return enveloped(455, "The service is being maintained")
        return None

    def too_fast(self, call: Call) -> Reply:
        """The refusal of a call that came too soon."""
        return enveloped(self.rate_code, "Your call frequency is too high. Please try again later.")

    def not_found(self, call: Call) -> Reply:
        return enveloped(404, "The requested resource does not exist")

    def taken(self, call: Call, family: str, webhook: Callable[[Task], list[Mapping[str, Any]]]) -> Reply:
        """Begin a task of the order in `call`; tell about its end at `callBackUrl`."""
        order, now = call.json, time.time()
        task = Task(secrets.token_hex(16), family, order, call.faults, now, now + self.frame.pace.work, call.base_url)
        self.tasks[task.task_id] = task
        url = str(order.get("callBackUrl") or "")
        if url and "never" not in call.faults:
            stages = [Webhook(url, payload, self.signature(task)) for payload in webhook(task)]
            self.frame.webhooks.send(*stages, faults=call.faults, after=self.frame.pace.work)
        return enveloped(200, "success", {"taskId": task.task_id})

    def signature(self, task: Task) -> Callable[[bytes], Mapping[str, str]]:
        """The headers that prove a webhook about the task."""
        return lambda _body: {}

    def known(self, call: Call, family: str) -> Task | None:
        """The task that a question is about."""
        task = self.tasks.get(call.query.get("taskId", ""))
        return task if task and task.family == family else None

    def file(self, task: Task, extension: str, index: int = 0, **looks: Any) -> str:
        """A link to a result of the task: the same one each time it is asked for."""
        name = f"{extension}-{index}"
        if name not in task.made:
            words = str(task.order.get("prompt") or task.order.get("input") or "")
            task.made[name] = self.frame.files.publish(
                task.base_url, extension, prompt=words, index=index, faults=task.faults, **looks
            )
        return str(task.made[name])

    def file_missing(self, links: list[str]) -> bool:
        """Whether one of the links leads to a file of ours that is not there."""
        for link in links:
            if "/files/" in link and link.startswith(self.frame.url):
                try:
                    self.frame.files.content(link)
                except KeyError:
                    return True
        return False

    @route("POST", "/api/file-stream-upload")
    def upload(self, call: Call) -> Reply:
        """Keep a file. Names in the answer are those of one version of the page."""
        form = call.form()
        if "file" not in form or "uploadPath" not in form:
            return enveloped(400, "file and uploadPath are needed")
        extension = form["file"].filename.rpartition(".")[2] or "bin"
        url = self.frame.files.keep(call.base_url, form["file"].content, extension, lifetime=3 * 24 * 3600)
        data = {
            "fileName": form["fileName"].content.decode() if "fileName" in form else "",
            "filePath": "",
            "downloadUrl": url,
            "fileSize": len(form["file"].content),
            "mimeType": form["file"].mime,
            "uploadedAt": "2026-11-24T10:00:00Z",
        }
        return json_reply({"success": True, "code": 200, "msg": "File uploaded successfully", "data": data})


class SunoFamily(EnvelopedApp):
    """Songs, lyrics, WAV, stems and music videos."""

    @route("POST", "/api/v1/generate")
    def generate(self, call: Call) -> Reply:
        """Two songs, from an idea or from style, title and lyrics."""
        order = call.json
        if missing := _missing(order, "customMode", "instrumental", "model", "callBackUrl"):
            return enveloped(422, f"{missing} cannot be empty")
        needed = ["prompt"]
        if order["customMode"]:
            needed = ["style", "title"] if order["instrumental"] else ["style", "title", "prompt"]
        if missing := _missing(order, *needed):
            return enveloped(422, f"{missing} cannot be empty")
        return self.taken(call, "music", self._song_stages)

    @route("POST", "/api/v1/generate/extend")
    def extend(self, call: Call) -> Reply:
        """A song goes on."""
        if missing := _missing(call.json, "defaultParamFlag", "audioId", "model", "callBackUrl"):
            return enveloped(422, f"{missing} cannot be empty")
        return self.taken(call, "music", self._song_stages)

    @route("POST", "/api/v1/generate/{call_name}")
    def of_upload(self, call: Call, call_name: str) -> Reply:
        """Covers and continuations of an upload, and the twin's other calls that make songs."""
        order = call.json
        needed = ["callBackUrl"]
        if call_name in {"upload-cover", "upload-extend", "add-vocals", "add-instrumental"}:
            needed.append("uploadUrl")
        if missing := _missing(order, *needed):
            return enveloped(422, f"{missing} cannot be empty")
        if self.file_missing([str(order.get("uploadUrl", ""))]):
            return enveloped(400, "file fetch failed")
        return self.taken(call, "music", self._song_stages)

    @route("POST", "/api/v1/generate/get-timestamped-lyrics")
    def a_song_s_words(self, call: Call) -> Reply:
        """The words of a song with their times, at once. Named so that it is looked at before the other calls."""
        if missing := _missing(call.json, "taskId", "audioId"):
            return enveloped(422, f"{missing} cannot be empty")
        words = ("[Verse]\n", "The ", "sea ", "is ", "calm\n", "And ", "deep")
        aligned = [
            {"word": word, "success": True, "startS": 1.5 * place, "endS": 1.5 * place + 1, "palign": 0}
            for place, word in enumerate(words)
        ]
        return enveloped(200, "success", {"alignedWords": aligned, "waveformData": [0, 1], "hootCer": 0.1})

    @route("POST", "/api/v1/lyrics")
    def lyrics(self, call: Call) -> Reply:
        """Two texts of a song."""
        if missing := _missing(call.json, "prompt", "callBackUrl"):
            return enveloped(422, f"{missing} cannot be empty")
        return self.taken(call, "lyrics", self._lyrics_stages)

    @route("POST", "/api/v1/wav/generate")
    def wav(self, call: Call) -> Reply:
        """A song as WAV, once."""
        song = call.json.get("audioId")
        again = any(task.family == "wav" and task.order.get("audioId") == song for task in self.tasks.values())
        if again:
            return enveloped(409, "A WAV of this song exists already")
        return self._tool(call, "wav")

    @route("POST", "/api/v1/vocal-removal/generate")
    def stems(self, call: Call) -> Reply:
        """Voice and instruments apart. Every call is charged."""
        return self._tool(call, "stems")

    @route("POST", "/api/v1/mp4/generate")
    def film(self, call: Call) -> Reply:
        """A song with moving pictures."""
        return self._tool(call, "film")

    def _tool(self, call: Call, family: str) -> Reply:
        if missing := _missing(call.json, "taskId", "audioId", "callBackUrl"):
            return enveloped(422, f"{missing} cannot be empty")
        return self.taken(call, family, lambda task: [self._tool_stage(task)])

    @route("GET", "/api/v1/generate/record-info")
    def music_record(self, call: Call) -> Reply:
        """How far the songs are."""
        return self._record(call, "music", "status")

    @route("GET", "/api/v1/lyrics/record-info")
    def lyrics_record(self, call: Call) -> Reply:
        """How far the texts are."""
        return self._record(call, "lyrics", "status")

    @route("GET", "/api/v1/wav/record-info")
    def wav_record(self, call: Call) -> Reply:
        """Where the WAV is."""
        return self._record(call, "wav", "successFlag")

    @route("GET", "/api/v1/vocal-removal/record-info")
    def stems_record(self, call: Call) -> Reply:
        """Where the stems are."""
        return self._record(call, "stems", "successFlag")

    @route("GET", "/api/v1/mp4/record-info")
    def film_record(self, call: Call) -> Reply:
        """Where the film is."""
        return self._record(call, "film", "successFlag")

    @route("GET", "/api/v1/generate/credit")
    def credit(self, call: Call) -> Reply:
        """What is left: a bare number."""
        return enveloped(200, "success", self.credits)

    def _record(self, call: Call, family: str, status_name: str) -> Reply:
        task = self.known(call, family)
        if task is None:
            return enveloped(422, "recordInfo is null")
        record: dict[str, Any] = {
            "taskId": task.task_id,
            "parentMusicId": "",
            "param": "{}",
            "response": None,
            status_name: self._stage(task),
            "errorCode": None,
            "errorMessage": None,
        }
        if task.is_done:
            record |= self._ended(task, status_name)
        return enveloped(200, "success", {**record, **task.overrides})

    def _stage(self, task: Task) -> str:
        """Songs come in stages; all else waits and is there."""
        if task.family != "music" or task.share < _TEXT_FROM:
            return "PENDING"
        return "TEXT_SUCCESS" if task.share < _FIRST_SONG_FROM else "FIRST_SUCCESS"

    def _ended(self, task: Task, status_name: str) -> dict[str, Any]:
        if "moderation" in task.faults:
            return {status_name: "SENSITIVE_WORD_ERROR", "errorCode": 400, "errorMessage": _POLICY}
        if "fail" in task.faults:
            word = {"music": "AUDIO", "lyrics": "LYRICS", "wav": "WAV", "film": "MP4"}.get(task.family, "AUDIO")
            return {status_name: f"GENERATE_{word}_FAILED", "errorCode": 531, "errorMessage": "The generation failed"}
        return {status_name: "SUCCESS", "response": self._made(task)}

    def _made(self, task: Task) -> dict[str, Any]:
        match task.family:
            case "music":
                return {"taskId": task.task_id, "sunoData": self._songs(task)}
            case "lyrics":
                return {"taskId": task.task_id, "data": _texts(task)}
            case "wav":
                return {"audioWavUrl": self.file(task, "wav", seconds=6)}
            case "film":
                return {"videoUrl": self.file(task, "mp4", ratio="16:9", seconds=3)}
        names = _ALL_STEMS if task.order.get("type") == "split_stem" else _STEMS
        return {f"{name}Url": self.file(task, "mp3", place, seconds=6) for place, name in enumerate(names)}

    def _songs(self, task: Task) -> list[dict[str, Any]]:
        return [
            {
                "id": f"{task.task_id[:8]}-song-{number + 1}",
                "audioUrl": self.file(task, "mp3", number, seconds=12),
                "streamAudioUrl": self.file(task, "mp3", number, seconds=12),
                "imageUrl": self.file(task, "jpg", number),
                "prompt": task.order.get("prompt", ""),
                "modelName": "chirp-v5",
                "title": task.order.get("title") or "Song",
                "tags": task.order.get("style") or "pop",
                "createTime": 1_760_000_000_000,
                "duration": 12.0,
            }
            for number in range(_SONGS)
        ]

    def _song_stages(self, task: Task) -> list[Mapping[str, Any]]:
        """Text, first song, both songs; or the error. Callbacks are in snake case, records are not."""
        if task.faults & {"fail", "moderation"}:
            code = 400 if "moderation" in task.faults else 531
            return [_callback(code, {"callbackType": "error", "task_id": task.task_id, "data": None})]
        songs = [{_snake(name): value for name, value in song.items()} for song in self._songs(task)]
        parts = [("text", []), ("first", songs[:1]), ("complete", songs)]
        return [_callback(200, {"callbackType": stage, "task_id": task.task_id, "data": part}) for stage, part in parts]

    def _lyrics_stages(self, task: Task) -> list[Mapping[str, Any]]:
        texts = [{**text, "error_message": text.pop("errorMessage")} for text in _texts(task)]
        return [_callback(200, {"callbackType": "complete", "task_id": task.task_id, "data": texts})]

    def _tool_stage(self, task: Task) -> Mapping[str, Any]:
        if task.faults & {"fail", "moderation"}:
            return _callback(500, {"task_id": task.task_id})
        made = {_snake(name): value for name, value in self._made(task).items()}
        if task.family == "stems":
            made = {"vocal_removal_info": {"origin_url": "", **made}}
        return _callback(200, {"task_id": task.task_id, **made})


def enveloped(code: int, message: str, data: object = None, *, status: int = 200) -> Reply:
    """An answer in the envelope."""
    return json_reply({"code": code, "msg": message, "data": data}, status=status)


def _callback(code: int, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"code": code, "msg": "All generated successfully." if code == 200 else "Failed.", "data": data}


def _texts(task: Task) -> list[dict[str, Any]]:
    idea = str(task.order.get("prompt", ""))
    return [
        {
            "text": f"[Verse]\n{idea}\nline by line it goes\n\n[Chorus]\nWe sing it, number {number}",
            "title": f"Song {number}",
            "status": "complete",
            "errorMessage": "",
        }
        for number in (1, 2)
    ]


def _missing(order: Mapping[str, Any], *names: str) -> str:
    return next((name for name in names if order.get(name) in (None, "", [])), "")


def _snake(name: str) -> str:
    """Of the callbacks' names; `createTime` alone stays as it is."""
    if name == "createTime":
        return name
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
