"""A stand-in for HeyGen's interface v3.

Orders are remembered by their `Idempotency-Key`: a repeat gets the first answer. The status in the answer to an order
is one that no later answer has. Links are made anew with each answer about a task. Webhooks are signed over the body.
"""

import hashlib
import hmac
import itertools
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from providers.fakes.apps import App, Call, Reply, json_reply, route
from providers.fakes.frame import Frame
from providers.fakes.webhooks import Webhook

KEY = "fake-heygen-key"
WEBHOOK_SECRET = "whsec_fake_heygen"  # noqa: S105 - of a stand-in on this machine
LARGEST_ASSET = 32 * 1024 * 1024
_ASSET_TYPES = {"image/png", "image/jpeg", "video/mp4", "video/webm", "audio/mpeg", "audio/wav", "audio/x-wav"}
_MOST_PER_PAGE = {"looks": 50, "voices": 100}
_LOOKS = 120
_VOICES = 36
_LANGUAGES = (
    *("English", "Russian", "Spanish", "Spanish (Spain)", "French", "German", "Italian", "Portuguese", "Polish"),
    *("Turkish", "Chinese", "Japanese", "Korean", "Hindi", "Arabic", "Indonesian", "Dutch", "Czech", "Ukrainian"),
)
_SHAPES = {"landscape": "16:9", "portrait": "9:16"}
_ERASED = frozenset({"videos", "video-translations", "lipsyncs"})
_NO_HEADER_KEYS = frozenset({"background-removals"})


def environment(base_url: str) -> dict[str, str]:
    """The settings that make a site use this stand-in."""
    return {
        "HEYGEN_API_KEY": KEY,
        "HEYGEN_BASE_URL": f"{base_url}/heygen",
        "HEYGEN_UPLOAD_BASE_URL": f"{base_url}/heygen",
        "HEYGEN_WEBHOOK_SECRET": WEBHOOK_SECRET,
    }


@dataclass(slots=True)
class Task:
    """One task, of any kind. `overrides` replaces members of what is said about it, for tests of rare answers."""

    task_id: str
    path: str
    order: Mapping[str, Any]
    faults: frozenset[str]
    born: float
    answers: int = 0
    overrides: dict[str, Any] = field(default_factory=dict)


class HeygenApp(App):
    """Interface v3: videos, agents, speech, translations, lip syncs, cut-outs, assets, lists, the account."""

    prefix = "heygen"

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.tasks: dict[str, Task] = {}
        self.assets: dict[str, bytes] = {}
        self.remembered: dict[tuple[str, str], Reply] = {}
        self.in_flight: set[str] = set()
        self.voices_listed, self.looks_listed = range(_VOICES), range(_LOOKS)
        self.account: dict[str, Any] = {"wallet": {"currency": "usd", "remaining_balance": 41.5}}

    def refused(self, call: Call) -> Reply | None:
        """A wrong key, or a repeated order."""
        if call.headers.get("x-api-key") != KEY or "bad_key" in call.faults:
            return _error(401, "unauthorized", "The API key is not valid")
        key = call.headers.get("idempotency-key", "")
        if call.method != "POST" or not key or call.path.rpartition("/")[2] in _NO_HEADER_KEYS:
            return None
        if key in self.in_flight:
            return _error(409, "request_in_progress", "A request with this key is in progress")
        return self.remembered.get((call.path, key))

    def answer(self, call: Call) -> Reply:
        reply = super().answer(call)
        key = call.headers.get("idempotency-key", "")
        if call.method == "POST" and key and reply.status < 300:
            self.remembered.setdefault((call.path, key), reply)
        return reply

    def not_found(self, call: Call) -> Reply:
        return _error(404, "not_found", "No such resource")

    @route("POST", "/v3/videos")
    def video(self, call: Call) -> Reply:
        """A presenter, a talking photo or a scene."""
        order = call.json
        if refusal := _refusal(call):
            return refusal
        if order.get("type") not in {"avatar", "image", "cinematic_avatar", "studio"}:
            return _error(400, "invalid_parameter", "type is not one of those known", "type")
        if order["type"] == "avatar" and not str(order.get("avatar_id", "")).startswith("look_"):
            return _error(404, "avatar_not_found", "No such avatar", "avatar_id")
        if order.get("script") and order.get("voice_id") and not str(order["voice_id"]).startswith("voice_"):
            return _error(404, "voice_not_found", "No such voice", "voice_id")
        if len(str(order.get("script", ""))) > 5000:
            return _error(400, "invalid_parameter", "script is longer than 5000 characters", "script")
        task = self._taken(call, "videos", order)
        output_format = order.get("output_format", "mp4")
        return _data({"video_id": task.task_id, "status": "waiting", "output_format": output_format})

    @route("GET", "/v3/videos")
    def videos(self, call: Call) -> Reply:
        """The newest videos, by a part of their title."""
        wanted = call.query.get("title", "")
        found = [self.described(task, call) for task in self._of("videos") if wanted in task.order.get("title", "")]
        return _page(found, call, most=100)

    @route("POST", "/v3/video-agents")
    def agent(self, call: Call) -> Reply:
        """A session that makes a video from a prompt."""
        if refusal := _refusal(call):
            return refusal
        video = self._taken(call, "videos", {**call.json, "type": "agent"}, announce=False)
        session = self._taken(call, "video-agents", {**call.json, "video_id": video.task_id})
        return _data({"session_id": session.task_id, "status": "generating", "video_id": None, "created_at": 1})

    @route("POST", "/v3/voices/speech")
    def speech(self, call: Call) -> Reply:
        """Speech, at once."""
        if refusal := _refusal(call):
            return refusal
        text = str(call.json.get("text", ""))
        if not 1 <= len(text) <= 5000:
            return _error(400, "invalid_parameter", "text must have 1 to 5000 characters", "text")
        if not str(call.json.get("voice_id", "")).startswith("voice_"):
            return _error(404, "voice_not_found", "No such voice", "voice_id")
        link = self.frame.files.publish(
            call.base_url, "mp3", prompt=text, seconds=max(1.0, len(text) / 15), faults=call.faults
        )
        words = [{"word": word, "start": n * 0.4, "end": n * 0.4 + 0.3} for n, word in enumerate(text.split())]
        return _data({"audio_url": link, "duration": 2.0, "request_id": uuid.uuid4().hex, "word_timestamps": words})

    @route("POST", "/v3/video-translations")
    def translation(self, call: Call) -> Reply:
        """One task for each language."""
        if refusal := _refusal(call):
            return refusal
        languages = call.json.get("output_languages") or []
        if not languages or set(languages) - set(_LANGUAGES):
            return _error(400, "invalid_parameter", "output_languages has an unknown language", "output_languages")
        tasks = [self._taken(call, "video-translations", {**call.json, "language": one}) for one in languages]
        return _data({"video_translation_ids": [task.task_id for task in tasks]})

    @route("GET", "/v3/video-translations")
    def translations(self, call: Call) -> Reply:
        """The newest translations."""
        return _page([self.described(task, call) for task in self._of("video-translations")], call, most=100)

    @route("GET", "/v3/video-translations/languages")
    def languages(self, call: Call) -> Reply:
        """The names of the languages."""
        return _data({"languages": list(_LANGUAGES)})

    @route("POST", "/v3/lipsyncs")
    def lipsync(self, call: Call) -> Reply:
        """A video with other words in its mouth."""
        if refusal := _refusal(call):
            return refusal
        return _data({"lipsync_id": self._taken(call, "lipsyncs", call.json).task_id})

    @route("GET", "/v3/lipsyncs")
    def lipsyncs(self, call: Call) -> Reply:
        """The newest lip syncs."""
        return _page([self.described(task, call) for task in self._of("lipsyncs")], call, most=100)

    @route("POST", "/v3/background-removals")
    def removal(self, call: Call) -> Reply:
        """A cut-out. A repeat is known by `request_id`; the header is not read."""
        if refusal := _refusal(call):
            return refusal
        wanted = call.json.get("request_id")
        known = [task for task in self._of("background-removals") if task.order.get("request_id") == wanted]
        task = known[0] if known and wanted else self._taken(call, "background-removals", call.json)
        return _data({"id": task.task_id, "status": "pending", "layers": None, "error": None})

    @route("GET", "/v3/{path}/{task_id}")
    def task(self, call: Call, path: str, task_id: str) -> Reply:
        """What is known about a task now. Its address fits others too, so its name comes last among the handlers."""
        task = self.tasks.get(task_id)
        if task is None or task.path != path:
            kind = "video_not_found" if path == "videos" else "not_found"
            return _error(404, kind, "No such task")
        return _data(self.described(task, call))

    @route("DELETE", "/v3/{path}/{task_id}")
    def erase(self, call: Call, path: str, task_id: str) -> Reply:
        """Erase a task or a file. What is still at work stays."""
        if path == "assets":
            if self.assets.pop(task_id, None) is None:
                return _error(404, "asset_not_found", "No such asset")
            return _data({"id": task_id})
        task = self.tasks.get(task_id)
        if path not in _ERASED or task is None or task.path != path:
            return _error(404, "video_not_found" if path == "videos" else "not_found", "No such task")
        if self.status_of(task) in {"pending", "processing"}:
            return _error(409, "resource_not_ready", "The video is still being made")
        del self.tasks[task_id]
        return _data({"id": task_id})

    @route("POST", "/v3/assets")
    def asset(self, call: Call) -> Reply:
        """Keep a file."""
        part = call.form().get("file")
        if part is None:
            return _error(400, "invalid_parameter", "file is missing", "file")
        if len(part.content) > LARGEST_ASSET:
            return _error(413, "payload_too_large", "The file is larger than 32 MB")
        if part.mime not in _ASSET_TYPES:
            return _error(400, "invalid_parameter", "This type of file is not supported", "file")
        asset_id = f"asset_{uuid.uuid4().hex}"
        self.assets[asset_id] = part.content
        link = self.frame.files.keep(call.base_url, part.content, part.filename.rpartition(".")[2] or "bin")
        size = len(part.content)
        return _data({"asset_id": asset_id, "url": link, "mime_type": part.mime, "size_bytes": size})

    @route("GET", "/v3/voices")
    def voices(self, call: Call) -> Reply:
        """The voices, in pages."""
        return _page([_voice(number) for number in self.voices_listed], call, most=_MOST_PER_PAGE["voices"])

    @route("GET", "/v3/avatars/looks")
    def looks(self, call: Call) -> Reply:
        """The looks of avatars, in pages of at most 50."""
        return _page([_look(number) for number in self.looks_listed], call, most=_MOST_PER_PAGE["looks"])

    @route("GET", "/v3/users/me")
    def me(self, call: Call) -> Reply:
        """The account: exactly one way of paying is filled."""
        blocks = {"wallet": None, "subscription": None, "usage_based": None}
        return _data({"username": "neuralbox", "email": "ops@neuralbox.example", **blocks, **self.account})

    def described(self, task: Task, call: Call) -> dict[str, Any]:
        """What the answer about a task holds. Links are new each time."""
        status = self.status_of(task)
        done, failed = status == "completed", status == "failed"
        link = self._link(task, call) if done and task.path != "video-agents" else None
        common = {
            "id": task.task_id,
            "status": _spelled(task.path, status),
            "title": task.order.get("title"),
            "created_at": 1_790_000_000,
        }
        if task.path == "video-agents":
            common |= {"session_id": task.task_id, "video_id": task.order["video_id"] if done or failed else None}
        elif task.path == "background-removals":
            common |= {"layers": {"foreground": link} if done else None, "error": _words(task) if failed else None}
        else:
            has_captions = bool(task.order.get("caption"))
            common |= {
                "callback_id": task.order.get("callback_id") if task.path != "videos" else None,
                "video_url": link,
                "captioned_video_url": link if has_captions else None,
                "subtitle_url": None,
                "thumbnail_url": None,
                "gif_url": None,
                "duration": 6.0 if done else None,
                "failure_code": "rendering_failed" if failed else None,
                "failure_message": _words(task) if failed else None,
            }
        return {**common, **task.overrides}

    def status_of(self, task: Task) -> str:
        """Where the task stands by the clock."""
        age, work = time.monotonic() - task.born, self.frame.pace.work
        if age < work * 0.2:
            return "pending"
        if "never" in task.faults or age < work:
            return "processing"
        return "failed" if task.faults & {"fail", "moderation"} else "completed"

    def _taken(self, call: Call, path: str, order: Mapping[str, Any], *, announce: bool = True) -> Task:
        task = Task(uuid.uuid4().hex, path, order, call.faults, time.monotonic())
        self.tasks[task.task_id] = task
        if announce:
            self._call_back(task, call)
        return task

    def _of(self, path: str) -> list[Task]:
        return [task for task in reversed(self.tasks.values()) if task.path == path]

    def _link(self, task: Task, call: Call) -> str:
        order = task.order
        ratio = str(order.get("aspect_ratio") or _SHAPES.get(str(order.get("orientation")), "16:9"))
        words = str(order.get("script") or order.get("prompt") or order.get("language") or task.path)
        # A link whose time is over is followed by one that works, as soon as somebody asks again.
        faults = task.faults if not task.answers else task.faults - {"expired_link"}
        task.answers += 1
        seconds = float(order.get("duration") or max(2, min(len(words) / 15, 8)))
        return self.frame.files.publish(call.base_url, "mp4", prompt=words, ratio=ratio, seconds=seconds, faults=faults)

    def _call_back(self, task: Task, call: Call) -> None:
        address = str(task.order.get("callback_url") or "")
        if not address or "never" in task.faults:
            return
        failed = bool(task.faults & {"fail", "moderation"})
        kind = "video_translate" if task.path == "video-translations" else "avatar_video"
        name = {"video-translations": "video_translate_id", "lipsyncs": "lipsync_id", "video-agents": "session_id"}
        content: dict[str, Any] = {
            name.get(task.path, "video_id"): task.task_id,
            "callback_id": task.order.get("callback_id"),
        }
        if failed:
            content["msg"] = _words(task)
        else:
            content["url"] = self._link(task, call)
        event = {
            "event_id": f"evt_{uuid.uuid4().hex}",
            "event_type": f"{kind}.{'fail' if failed else 'success'}",
            "event_data": content,
            "created_at": "2026-11-24T10:00:00Z",
        }
        self.frame.webhooks.send(Webhook(address, event, signed), faults=task.faults, after=self.frame.pace.work)


def signed(body: bytes) -> Mapping[str, str]:
    """The headers that prove a webhook."""
    signature = hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return {
        "Heygen-Signature": signature,
        "Heygen-Timestamp": str(int(time.time())),
        "Heygen-Event-Id": f"evt_{next(_EVENTS)}",
    }


_EVENTS = itertools.count(1)


def _refusal(call: Call) -> Reply | None:
    if "no_credits" in call.faults:
        return _error(402, "insufficient_credit", "The wallet is empty")
    if "rejected" in call.faults:
        return _error(400, "invalid_parameter", "resolution is not supported", "resolution")
    if "maintenance" in call.faults:
        return _error(500, "internal_error", "Please try again later")
    return None


def _spelled(path: str, status: str) -> str:
    """Each kind of task has its own words."""
    if path in {"video-translations", "lipsyncs"} and status == "processing":
        return "running"
    if path == "video-agents" and status in {"pending", "processing"}:
        return "thinking" if status == "pending" else "generating"
    return status


def _words(task: Task) -> str:
    return "The content was blocked by moderation" if "moderation" in task.faults else "Rendering failed"


def _voice(number: int) -> dict[str, Any]:
    gender, language = ("female", "male")[number % 2], ("English", "Russian", "Spanish")[number % 3]
    return {
        "voice_id": f"voice_{number:03}",
        "name": f"{('Vera', 'Boris', 'Nina', 'Oleg')[number % 4]} {number + 1}",
        "language": language,
        "gender": gender,
        "preview_audio_url": None,
        "support_pause": True,
        "support_locale": False,
        "type": "public",
    }


def _look(number: int) -> dict[str, Any]:
    return {
        "id": f"look_{number:03}",
        "name": f"{('Anna at a desk', 'Max outdoors', 'Ruth in a studio')[number % 3]} {number + 1}",
        "group_id": f"group_{number // 3:03}",
        "gender": ("female", "male")[number % 2],
        "avatar_type": "studio_avatar",
        "default_voice_id": f"voice_{number % _VOICES:03}",
        "supported_api_engines": ["avatar_iv"],
        "preview_image_url": None,
    }


def _page(rows: list[dict[str, Any]], call: Call, *, most: int) -> Reply:
    limit = int(call.query.get("limit") or 10)
    if not 1 <= limit <= most:
        return _error(400, "invalid_parameter", f"limit must be from 1 to {most}", "limit")
    start = int(call.query.get("token") or 0)
    end = start + limit
    more = end < len(rows)
    return json_reply({"data": rows[start:end], "has_more": more, "next_token": str(end) if more else None})


def _data(content: Mapping[str, Any]) -> Reply:
    return json_reply({"data": content})


def _error(status: int, code: str, message: str, param: str = "") -> Reply:
    error: dict[str, Any] = {"code": code, "message": message, "doc_url": None}
    if param:
        error["param"] = param
    return json_reply({"error": error}, status=status)
