"""A stand-in for PiAPI: the task interface, the account, and the place for uploads under `/piapi/upload`.

GoAPI answers the same interface, so its stand-in is made of this one. Quirks are kept: an empty status in the answer
to an order when asked for, the zero date for "not yet", an `error` object that is always there, our secret in the
body of each answer, and the result in a place of its own for each family of models.
"""

import base64
import itertools
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from providers.fakes.apps import App, Call, Reply, json_reply, route
from providers.fakes.frame import Frame
from providers.fakes.webhooks import Webhook

KEY = "fake-piapi-key"
NOT_YET = "0001-01-01T00:00:00Z"
LARGEST_UPLOAD = 10 * 1024 * 1024
LONGEST_NAME = 128
POINTS = 2_000_000
CANCELLABLE = frozenset({"kling", "midjourney"})
_SHELL: Mapping[str, Any] = {"image_url": "", "image_urls": None, "video_url": "", "works": []}


def environment(base_url: str) -> dict[str, str]:
    """The settings that make a site use this stand-in."""
    return {
        "PIAPI_API_KEY": KEY,
        "PIAPI_BASE_URL": f"{base_url}/piapi",
        "PIAPI_UPLOAD_BASE_URL": f"{base_url}/piapi/upload",
        "PIAPI_WEBHOOK_SECRET": "fake-piapi-webhook-secret",
    }


@dataclass(slots=True)
class Task:
    """One task. `overrides` replaces members of what is said about it, for tests of rare answers."""

    task_id: str
    order: Mapping[str, Any]
    faults: frozenset[str]
    born: float
    result: Mapping[str, Any]
    cancelled: bool = False
    overrides: dict[str, Any] = field(default_factory=dict)


class TaskApp(App):
    """The task interface. A subclass says under which key and prefix."""

    key: str

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.tasks: dict[str, Task] = {}
        self.usd = 25.0
        self._numbers = itertools.count(1)

    def refused(self, call: Call) -> Reply | None:
        """A wrong key is answered in any of three forms, as theirs is."""
        if call.headers.get("x-api-key") == self.key and "bad_key" not in call.faults:
            return None
        forms: tuple[dict[str, Any], ...] = (
            {"code": 401, "message": "invalid api key"},
            {"error": "unauthorized"},
            {"description": "API key is missing or invalid"},
        )
        return json_reply(forms[len(call.path) % len(forms)], status=401)

    @route("POST", "/api/v1/task")
    def order(self, call: Call) -> Reply:
        """Take an order, or refuse it as they do."""
        order = call.json
        if "no_credits" in call.faults:
            return json_reply({"code": 402, "message": "insufficient credits", "data": None}, status=402)
        if "rejected" in call.faults or not order.get("input"):
            message = "json: cannot unmarshal string into Go struct field .input of type float64"
            return json_reply({"code": 400, "message": message, "data": None}, status=400)
        if "maintenance" in call.faults:
            return json_reply({"code": 500, "message": "service temporarily unavailable", "data": None})
        if not order.get("model") or not order.get("task_type"):
            return json_reply({"code": 400, "message": "model and task_type are required", "data": None}, status=400)
        task = Task(str(uuid.uuid4()), order, call.faults, time.monotonic(), result_of(self.frame, call, order))
        self.tasks[task.task_id] = task
        answer = json_reply({"code": 200, "data": self.described(task, status="pending"), "message": "success"})
        self._call_back(task)
        return answer

    @route("GET", "/api/v1/task/{task_id}")
    def task(self, call: Call, task_id: str) -> Reply:
        """What is known about a task now."""
        task = self.tasks.get(task_id)
        if task is None:
            return json_reply({"code": 404, "message": "task not found", "data": None}, status=404)
        return json_reply({"code": 200, "data": self.described(task), "message": "success"})

    @route("DELETE", "/api/v1/task/{task_id}")
    def cancel(self, call: Call, task_id: str) -> Reply:
        """Some models' tasks can be cancelled while they wait."""
        task = self.tasks.get(task_id)
        if task is None:
            return json_reply({"code": 404, "message": "task not found"}, status=404)
        if task.order["model"] not in CANCELLABLE or self.status_of(task) != "pending":
            return json_reply({"code": 400, "message": "only pending tasks can be cancelled"}, status=400)
        task.cancelled = True
        return json_reply({"code": 200, "data": self.described(task), "message": "success"})

    @route("GET", "/account/info")
    def account(self, call: Call) -> Reply:
        """The account; `equivalent_in_usd` is what is left."""
        data = {
            "id": 1,
            "name": "NeuralBox",
            "plan": "creator",
            "is_enable": True,
            "max_concurrent_task_count": 10,
            "credit_pack_info": {"available_credits": int(self.usd * 10_000_000)},
            "equivalent_in_usd": round(self.usd, 4),
            "wallet": {"point_remain": 0, "point_frozen": 0},
        }
        return json_reply({"code": 200, "data": data, "message": "success"})

    def status_of(self, task: Task) -> str:
        """Where the task stands by the clock."""
        if task.cancelled:
            return "cancelled"
        age, work = time.monotonic() - task.born, self.frame.pace.work
        if age < work * 0.2:
            return "pending"
        if "never" in task.faults or age < work:
            return "processing"
        return "failed" if task.faults & {"fail", "moderation"} else "completed"

    def described(self, task: Task, *, status: str = "") -> dict[str, Any]:
        """The `data` that both the order and every question are answered with."""
        status = status or self.status_of(task)
        done, consumed = status in {"completed", "failed", "cancelled"}, POINTS if status == "completed" else 0
        work = max(self.frame.pace.work, 0.001)
        percent = min(99, int(100 * (time.monotonic() - task.born) / work))
        shell = {**_SHELL, "progress": percent} if status == "processing" else None
        return {
            "task_id": task.task_id,
            "model": task.order["model"],
            "task_type": task.order["task_type"],
            "status": status,
            "config": task.order.get("config", {}),
            "input": task.order["input"],
            "output": task.result if status == "completed" else shell,
            "meta": {
                "created_at": "2026-11-24T10:00:00Z",
                "started_at": "2026-11-24T10:00:01Z" if status != "pending" else NOT_YET,
                "ended_at": "2026-11-24T10:00:09Z" if done else NOT_YET,
                "usage": {"type": "point", "frozen": 0 if done else POINTS, "consume": consumed},
                "is_using_private_pool": False,
            },
            "detail": None,
            "logs": [],
            "error": _error(task, status),
            **task.overrides,
        }

    def _call_back(self, task: Task) -> None:
        wanted = task.order.get("config", {}).get("webhook_config") or {}
        if not wanted.get("endpoint") or "never" in task.faults:
            return
        end = "failed" if task.faults & {"fail", "moderation"} else "completed"
        stages = [
            Webhook(
                wanted["endpoint"],
                {"timestamp": int(time.time()) + number, "data": self.described(task, status=status)},
                lambda _body: {"x-webhook-secret": str(wanted.get("secret", ""))},
            )
            for number, status in enumerate(("processing", end))
        ]
        self.frame.webhooks.send(*stages, faults=task.faults, after=self.frame.pace.work)


class PiapiApp(TaskApp):
    """PiAPI, with its place for uploads."""

    prefix = "piapi"
    key = KEY

    @route("POST", "/upload/api/ephemeral_resource")
    def upload(self, call: Call) -> Reply:
        """Keep a file for a day."""
        name, encoded = str(call.json.get("file_name", "")), str(call.json.get("file_data", ""))
        if not name or len(name) > LONGEST_NAME or "." not in name:
            return json_reply({"code": 400, "message": "file_name is invalid"}, status=400)
        try:
            content = base64.b64decode(encoded, validate=True)
        except ValueError:
            return json_reply({"code": 400, "message": "file_data is not base64"}, status=400)
        if len(content) > LARGEST_UPLOAD:
            return json_reply({"code": 400, "message": "the file is too large"}, status=400)
        link = self.frame.files.keep(call.base_url, content, name.rpartition(".")[2])
        return json_reply({"code": 200, "data": {"url": link}, "message": "success"})


def _error(task: Task, status: str) -> dict[str, Any]:
    words, code = "", 0
    if status == "failed":
        code = 10_000
        words = "input was flagged by moderation" if "moderation" in task.faults else "the model failed to generate"
    return {"code": code, "raw_message": words, "message": words, "detail": None}


def result_of(frame: Frame, call: Call, order: Mapping[str, Any]) -> Mapping[str, Any]:
    """The `output` of a finished task, in the place where its family of models has it."""
    given = order.get("input") if isinstance(order.get("input"), Mapping) else {}
    given = given or {}
    words = str(given.get("prompt") or given.get("gpt_description_prompt") or given.get("style_prompt") or "")
    ratio = str(given.get("aspect_ratio") or _ratio(given))

    def files(extension: str, count: int = 1) -> Iterator[str]:
        seconds = _seconds(given.get("duration"))
        for index in range(count):
            yield frame.files.publish(
                call.base_url,
                extension,
                prompt=words,
                ratio=ratio,
                seconds=seconds,
                index=index,
                faults=call.faults,
            )

    family = _FAMILIES.get(str(order.get("model")), _pictures)
    return family(files, order, given)


Files = Callable[..., Iterator[str]]


def _pictures(files: Files, order: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    links = list(files(_extension(given), max(1, min(int(given.get("batch_size") or 1), 4))))
    if len(links) == 1:
        return {"image_url": links[0]}
    return {"image_url": "", "image_urls": links}


def _midjourney(files: Files, order: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    if order.get("task_type") == "upscale":
        return {"image_url": next(files("png")), "temporary_image_urls": None, "image_urls": None, "progress": 100}
    grid, *four = files("png", 5)
    return {
        "image_url": grid,
        "temporary_image_urls": four,
        "image_urls": None,
        "discord_image_url": "",
        "actions": ["reroll", "upscale1", "variation1"],
        "progress": 100,
    }


def _kling(files: Files, order: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    if str(given.get("version", "")).startswith("3"):
        return {"video": next(files("mp4"))}
    clean, marked = files("mp4", 2)
    video = {"resource": marked, "resource_without_watermark": clean, "duration": 5100}
    return {"status": 99, "works": [{"status": 99, "type": "video", "video": video}], "video_url": clean}


def _video(files: Files, order: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    return {"video": next(files("mp4"))}


def _video_url(files: Files, order: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    return {"video_url": next(files("mp4"))}


def _hailuo(files: Files, order: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    return {"video_url": next(files("mp4")), "download_url": next(files("mp4")), "cover_url": "", "percent": 100}


def _luma(files: Files, order: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    return {"video_raw": {"url": next(files("mp4")), "width": 1280, "height": 720}, "last_frame": {"url": ""}}


def _songs(files: Files, order: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    return {"songs": [{"song_path": link, "title": f"Take {n}"} for n, link in enumerate(files("mp3", 2), start=1)]}


def _sound(files: Files, order: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    return {"audio_url": next(files("mp3"))}


_FAMILIES: Mapping[str, Callable[[Files, Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]] = {
    "midjourney": _midjourney,
    "kling": _kling,
    "kling-turbo": _video,
    "seedance": _video,
    "veo3": _video,
    "veo3.1": _video,
    "sora2": _video,
    "omni-human": _video,
    "hailuo": _hailuo,
    "luma": _luma,
    "Wan": _video_url,
    "Qubico/video-toolkit": _video_url,
    "music-u": _songs,
    "Qubico/ace-step": _sound,
    "Qubico/diffrhythm": _sound,
    "Qubico/tts": _sound,
    "Qubico/mmaudio": _sound,
}


def _extension(given: Mapping[str, Any]) -> str:
    return {"jpeg": "jpg", "webp": "webp"}.get(str(given.get("output_format")), "png")


def _ratio(given: Mapping[str, Any]) -> str:
    width, height = given.get("width"), given.get("height")
    return f"{width}:{height}" if width and height else "1:1"


def _seconds(length: Any) -> float:
    try:
        return float(str(length).removesuffix("s"))
    except ValueError:
        return 2.0
