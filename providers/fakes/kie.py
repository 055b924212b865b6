"""A stand-in for Kie.ai: the jobs API, the older families, Suno, uploads, links for downloads, signed webhooks."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from providers.fakes.apps import Call, Reply, route
from providers.fakes.frame import Frame
from providers.fakes.kie_rules import REQUIRED, broken_rule, kind_of, links_in, wrong_types
from providers.fakes.suno_family import SunoFamily, Task, enveloped

KEY = "fake-kie-key"
HMAC_KEY = "fake-kie-hmac-key"
USD_PER_CREDIT = 0.005
# A job waits for this share of its time.
_WAITS_UNTIL = 0.2
_ENDED_AT = 1_760_000_000_000
_EXTENSIONS = {"image": "png", "video": "mp4", "audio": "mp3"}
_POLICY = "Your prompt was flagged as violating content policies"


def environment(base_url: str) -> dict[str, str]:
    """The settings that make a site use this stand-in."""
    return {
        "KIE_API_KEY": KEY,
        "KIE_BASE_URL": f"{base_url}/kie",
        "KIE_UPLOAD_BASE_URL": f"{base_url}/kie",
        "KIE_WEBHOOK_HMAC_KEY": HMAC_KEY,
    }


class KieApp(SunoFamily):
    """Kie.ai. `hides_new` makes the next so many questions about a new task find nothing, as happens there."""

    prefix = "kie"
    key = KEY

    hides_new = 0

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self._enlarged: set[str] = set()

    def signature(self, task: Task) -> Callable[[bytes], Mapping[str, str]]:
        """Over the task's id and the time; the body is not covered."""

        def headers(_body: bytes) -> Mapping[str, str]:
            return signed(task.task_id, int(time.time()))

        return headers

    @route("POST", "/api/v1/jobs/createTask")
    def create_job(self, call: Call) -> Reply:
        """Any model of the Market."""
        order = call.json
        model, settings = str(order.get("model", "")), order.get("input")
        if model not in REQUIRED or not isinstance(settings, dict):
            return enveloped(422, "The model name you specified is not supported")
        if missing := [name for name in REQUIRED[model] if settings.get(name) in (None, [], "")]:
            return enveloped(422, f"{missing[0]} is required")
        if wrong := wrong_types(model, settings):
            return enveloped(422, f"{wrong} is of the wrong type")
        if rule := broken_rule(model, settings):
            return enveloped(422, rule)
        if self.file_missing(links_in(settings)):
            return enveloped(451, "An input image could not be fetched")
        return self.taken(call, "jobs", lambda task: [self._job_news(task)])

    @route("GET", "/api/v1/jobs/recordInfo")
    def job_record(self, call: Call) -> Reply:
        """How far a job is."""
        task = self.known(call, "jobs")
        if task is None or self._is_hidden():
            return enveloped(422, "recordInfo is null")
        return enveloped(200, "success", self._job(task))

    @route("POST", "/api/v1/gpt4o-image/generate")
    def create_4o(self, call: Call) -> Reply:
        """4o image."""
        order = call.json
        if not order.get("size") or not (order.get("prompt") or order.get("filesUrl")):
            return enveloped(422, "size, and prompt or filesUrl, are required")
        return self.taken(call, "4o", lambda task: [_news(task, {"info": self._images(task)})])

    @route("GET", "/api/v1/gpt4o-image/record-info")
    def record_4o(self, call: Call) -> Reply:
        """How far it is, in words."""
        return self._older(call, "4o", {"status": "GENERATING", "successFlag": 0, "progress": "0.40"}, self._done_4o)

    @route("POST", "/api/v1/flux/kontext/generate")
    def create_flux(self, call: Call) -> Reply:
        """Flux Kontext."""
        order = call.json
        if not order.get("prompt"):
            return enveloped(422, "prompt is required")
        if order.get("inputImage") and int(order.get("safetyTolerance", 0)) > 2:
            return enveloped(422, "safetyTolerance is 0 to 2 when editing")
        return self.taken(call, "flux", lambda task: [_news(task, {"info": self._flux_result(task)})])

    @route("GET", "/api/v1/flux/kontext/record-info")
    def record_flux(self, call: Call) -> Reply:
        """0, 1, 2 or 3."""
        return self._older(call, "flux", {"successFlag": 0}, lambda task: {"response": self._flux_result(task)})

    @route("POST", "/api/v1/veo/generate")
    def create_veo(self, call: Call) -> Reply:
        """Veo 3.1."""
        order = call.json
        if not order.get("prompt"):
            return enveloped(422, "prompt is required")
        if self.file_missing([str(link) for link in order.get("imageUrls", [])]):
            return enveloped(451, "An input image could not be fetched")
        return self.taken(call, "veo", self._veo_news)

    @route("POST", "/api/v1/veo/extend")
    def extend_veo(self, call: Call) -> Reply:
        """A film of Veo goes on, unless a larger one was made of it."""
        earlier = call.json.get("taskId")
        if earlier not in self.tasks:
            return enveloped(404, "The task does not exist")
        if earlier in self._enlarged:
            return enveloped(422, "A video cannot be extended after its 1080p version was made")
        return self.taken(call, "veo", self._veo_news)

    @route("GET", "/api/v1/veo/get-1080p-video")
    def full_hd_veo(self, call: Call) -> Reply:
        """A larger version of a film: being made when it is first asked for, there the next time."""
        task = self.known(call, "veo")
        if task is None or not task.is_done:
            return enveloped(404, "The task does not exist")
        if task.task_id not in self._enlarged:
            self._enlarged.add(task.task_id)
            return enveloped(422, "The 1080p video is being generated, please check back shortly")
        return enveloped(200, "success", {"resultUrl": self._film(task)})

    @route("POST", "/api/v1/veo/get-4k-video")
    def ultra_hd_veo(self, call: Call) -> Reply:
        """A still larger one: a task of its own."""
        if call.json.get("taskId") not in self.tasks:
            return enveloped(404, "The task does not exist")
        return self.taken(call, "veo", self._veo_news)

    @route("GET", "/api/v1/veo/record-info")
    def record_veo(self, call: Call) -> Reply:
        """0, 1, 2 or 3; links as a list."""
        return self._older(call, "veo", {"successFlag": 0}, self._done_veo)

    @route("POST", "/api/v1/runway/{call_name}")
    def create_runway(self, call: Call, call_name: str) -> Reply:
        """Runway, and its continuation."""
        order = call.json
        if not order.get("prompt") or not order.get("quality"):
            return enveloped(422, "prompt and quality are required")
        if call_name == "generate" and (order.get("duration"), order["quality"]) == (10, "1080p"):
            return enveloped(422, "10 seconds are not available in 1080p")
        return self.taken(call, "runway", lambda task: [self._runway_news(task)])

    @route("GET", "/api/v1/runway/record-detail")
    def record_runway(self, call: Call) -> Reply:
        """States spelled otherwise than those of the jobs."""
        task = self.known(call, "runway")
        if task is None:
            return enveloped(422, "recordInfo is null")
        record: dict[str, Any] = {"taskId": task.task_id, "state": "queueing", "videoInfo": None, "expireFlag": 0}
        if task.is_done and task.faults & {"fail", "moderation"}:
            record |= {"state": "fail", "failCode": 400 if "moderation" in task.faults else 500, "failMsg": _why(task)}
        elif task.is_done:
            video = {"videoId": task.task_id, "taskId": task.task_id, "videoUrl": self._film(task), "imageUrl": ""}
            record |= {"state": "success", "videoInfo": video}
        return enveloped(200, "success", {**record, **task.overrides})

    @route("POST", "/api/v1/aleph/generate")
    def create_aleph(self, call: Call) -> Reply:
        """Runway Aleph."""
        order = call.json
        if not order.get("prompt") or not order.get("videoUrl"):
            return enveloped(422, "prompt and videoUrl are required")
        return self.taken(call, "aleph", lambda task: [self._aleph_news(task)])

    @route("GET", "/api/v1/aleph/record-info")
    def record_aleph(self, call: Call) -> Reply:
        """0 while it runs, and 0 when it has failed."""
        task = self.known(call, "aleph")
        if task is None:
            return enveloped(422, "recordInfo is null")
        record: dict[str, Any] = {"taskId": task.task_id, "successFlag": 0, "errorCode": 0, "errorMessage": ""}
        if task.is_done:
            record["completeTime"] = _ENDED_AT
            if task.faults & {"fail", "moderation"}:
                record |= {"errorCode": 400 if "moderation" in task.faults else 500, "errorMessage": _why(task)}
            else:
                record |= {"successFlag": 1, "response": {"resultVideoUrl": self._film(task), "resultImageUrl": ""}}
        return enveloped(200, "success", {**record, **task.overrides})

    @route("POST", "/api/v1/suno/cover/generate")
    def create_cover(self, call: Call) -> Reply:
        """Pictures for a song."""
        return self.taken(call, "cover", lambda task: [_news(task, {"images": [self.file(task, "png")]})])

    @route("GET", "/api/v1/suno/cover/record-info")
    def record_cover(self, call: Call) -> Reply:
        """0 waiting, 1 done, 2 generating, 3 failed: not the numbers of Veo."""
        done = {"successFlag": 1}
        return self._older(
            call, "cover", {"successFlag": 2}, lambda task: done | {"response": {"images": [self.file(task, "png")]}}
        )

    @route("POST", "/api/v1/common/download-url")
    def download_url(self, call: Call) -> Reply:
        """A fresh link to a file of ours."""
        try:
            content = self.frame.files.content(str(call.json.get("url", "")))
        except KeyError:
            return enveloped(422, "The URL is not one of a generated file")
        extension = str(call.json["url"]).rpartition(".")[2]
        return enveloped(200, "success", self.frame.files.keep(call.base_url, content, extension, lifetime=20 * 60))

    @route("GET", "/api/v1/chat/credit")
    def chat_credit(self, call: Call) -> Reply:
        """What is left: a bare number."""
        return enveloped(200, "success", self.credits)

    def _is_hidden(self) -> bool:
        self.hides_new = max(self.hides_new - 1, -1)
        return self.hides_new >= 0

    def _job(self, task: Task) -> dict[str, Any]:
        """The record: JSON in text, and the settings as text in that text."""
        order = task.order
        record: dict[str, Any] = {
            "taskId": task.task_id,
            "model": order["model"],
            "state": "waiting" if task.share < _WAITS_UNTIL else "generating",
            "progress": round(task.share, 2),
            "param": json.dumps({"model": order["model"], "input": json.dumps(order["input"])}),
            "resultJson": "",
            "failCode": None,
            "failMsg": None,
            "costTime": None,
            "completeTime": None,
            "createTime": _ENDED_AT,
        }
        if task.is_done:
            record |= {"completeTime": _ENDED_AT, "costTime": 12} | self._job_end(task)
        return {**record, **task.overrides}

    def _job_end(self, task: Task) -> dict[str, Any]:
        if task.faults & {"fail", "moderation"}:
            code = "422" if "moderation" in task.faults else "500"
            return {"state": "fail", "failCode": code, "failMsg": _why(task), "creditsConsumed": 0}
        return {"state": "success", "resultJson": json.dumps({"resultUrls": self._results(task)}), "creditsConsumed": 8}

    def _results(self, task: Task) -> list[str]:
        settings = task.order["input"]
        kind = kind_of(task.order["model"])
        extension = _EXTENSIONS[kind]
        if kind == "image" and settings.get("output_format") in {"jpg", "jpeg"}:
            extension = "jpg"
        count = int(settings.get("num_images") or settings.get("max_images") or 1)
        ratio = str(settings.get("aspect_ratio") or settings.get("ratio") or ("1:1" if kind == "image" else "16:9"))
        seconds = float(settings.get("duration") or (4 if kind == "video" else 6))
        return [self.file(task, extension, number, ratio=ratio, seconds=seconds) for number in range(count)]

    def _job_news(self, task: Task) -> dict[str, Any]:
        ended = {"state": "success"} | self._job(task) | self._job_end(task)
        failed = ended["state"] == "fail"
        word = "failed" if failed else "completed successfully"
        return {"code": 501 if failed else 200, "msg": f"Playground task {word}.", "data": ended}

    def _older(self, call: Call, family: str, running: dict[str, Any], done: Callable[[Task], dict[str, Any]]) -> Reply:
        task = self.known(call, family)
        if task is None:
            return enveloped(422, "recordInfo is null")
        record: dict[str, Any] = {"taskId": task.task_id, "errorCode": None, "errorMessage": None, **running}
        if task.is_done and task.faults & {"fail", "moderation"}:
            code = 400 if "moderation" in task.faults else 501
            record |= {"successFlag": 3, "errorCode": code, "errorMessage": _why(task)}
            if "status" in running:
                record["status"] = "GENERATE_FAILED"
        elif task.is_done:
            record |= {"successFlag": 1, "completeTime": _ENDED_AT, **done(task)}
        return enveloped(200, "success", {**record, **task.overrides})

    def _done_4o(self, task: Task) -> dict[str, Any]:
        images = self._images(task) or {}
        return {"status": "SUCCESS", "progress": "1.00", "response": {"resultUrls": images.get("result_urls", [])}}

    def _images(self, task: Task) -> dict[str, Any] | None:
        if task.faults & {"fail", "moderation"}:
            return None
        return {"result_urls": [self.file(task, "png", ratio=str(task.order.get("size", "1:1")))]}

    def _flux_result(self, task: Task) -> dict[str, str]:
        if task.faults & {"fail", "moderation"}:
            return {"originImageUrl": "", "resultImageUrl": ""}
        ratio = str(task.order.get("aspectRatio", "16:9"))
        extension = "png" if task.order.get("outputFormat") == "png" else "jpg"
        return {"originImageUrl": "", "resultImageUrl": self.file(task, extension, ratio=ratio)}

    def _done_veo(self, task: Task) -> dict[str, Any]:
        links = [self._film(task)]
        size = "4k" if "taskId" in task.order and "prompt" not in task.order else "720p"
        return {"response": {"taskId": task.task_id, "resultUrls": links, "originUrls": links, "resolution": size}}

    def _veo_news(self, task: Task) -> list[Mapping[str, Any]]:
        if task.faults & {"fail", "moderation"}:
            return [_news(task, {"fallbackFlag": False})]
        info = {"resultUrls": json.dumps([self._film(task)]), "originUrls": None, "resolution": "720p"}
        return [_news(task, {"promptJson": "{}", "info": info, "fallbackFlag": False})]

    def _runway_news(self, task: Task) -> dict[str, Any]:
        failed = bool(task.faults & {"fail", "moderation"})
        video = "" if failed else self._film(task)
        data = {"task_id": task.task_id, "video_id": task.task_id, "video_url": video, "image_url": ""}
        return {"code": 500 if failed else 200, "msg": "", "data": data}

    def _aleph_news(self, task: Task) -> dict[str, Any]:
        """The id is beside the data."""
        if task.faults & {"fail", "moderation"}:
            return {"code": 500, "msg": _why(task), "data": None, "taskId": task.task_id}
        data = {"result_video_url": self._film(task), "result_image_url": ""}
        return {"code": 200, "msg": "", "data": data, "taskId": task.task_id}

    def _film(self, task: Task) -> str:
        ratio = str(task.order.get("aspectRatio") or "16:9")
        return self.file(task, "mp4", ratio=ratio, seconds=float(task.order.get("duration") or 4))


def signed(task_id: str, timestamp: int, key: str = HMAC_KEY) -> dict[str, str]:
    """The two headers that prove where a webhook about `task_id` comes from."""
    digest = hmac.digest(key.encode(), f"{task_id}.{timestamp}".encode(), hashlib.sha256)
    return {"X-Webhook-Timestamp": str(timestamp), "X-Webhook-Signature": base64.b64encode(digest).decode()}


def _news(task: Task, data: Mapping[str, Any]) -> dict[str, Any]:
    failed = task.faults & {"fail", "moderation"}
    code = 400 if "moderation" in task.faults else 501
    return {"code": code if failed else 200, "msg": _why(task), "data": {"taskId": task.task_id, **data}}


def _why(task: Task) -> str:
    if "moderation" in task.faults:
        return _POLICY
    return "Internal error, please try again later" if "fail" in task.faults else "success"
