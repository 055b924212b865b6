"""A stand-in for GoAPI: PiAPI's task interface under another key, and Midjourney v2.

In the older interface the id stands outside of any `data`, and "success" means that an order was taken.
"""

import time
import uuid
from typing import Any

from providers.fakes.apps import Call, Reply, json_reply, route
from providers.fakes.frame import Frame
from providers.fakes.piapi import Task, TaskApp, result_of
from providers.fakes.webhooks import Webhook

KEY = "fake-goapi-key"
_WORDS = {"pending": "pending", "processing": "processing", "completed": "finished", "failed": "failed"}


def environment(base_url: str) -> dict[str, str]:
    """The settings that make a site use this stand-in."""
    return {
        "GOAPI_API_KEY": KEY,
        "GOAPI_BASE_URL": f"{base_url}/goapi",
        "GOAPI_WEBHOOK_SECRET": "fake-goapi-webhook-secret",
    }


class GoapiApp(TaskApp):
    """Both interfaces of GoAPI."""

    prefix = "goapi"
    key = KEY

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.older: dict[str, Task] = {}

    @route("POST", "/mj/v2/fetch")
    def ask(self, call: Call) -> Reply:
        """What is known about a task of the older interface."""
        task = self.older.get(str(call.json.get("task_id", "")))
        if task is None:
            return json_reply({"code": 404, "message": "task not found"}, status=404)
        return json_reply(self.older_form(task))

    @route("POST", "/mj/v2/{action}")
    def imagine(self, call: Call, action: str) -> Reply:
        """Take an order of the older interface. A refusal may come inside HTTP 200."""
        order = call.json
        if "no_credits" in call.faults:
            return json_reply({"status": "failed", "message": "insufficient quota"}, status=400)
        if "rejected" in call.faults:
            return json_reply({"task_id": "", "status": "failed", "message": "invalid aspect ratio"})
        described = {"model": "midjourney", "task_type": action, "input": order}
        result = result_of(self.frame, call, described)
        task = Task(str(uuid.uuid4()), described, call.faults, time.monotonic(), result)
        self.older[task.task_id] = task
        self._tell(task)
        return json_reply({"task_id": task.task_id, "status": "success", "message": "", "success": True})

    def older_form(self, task: Task, *, status: str = "") -> dict[str, Any]:
        """The task as the older interface describes it, in its webhooks too."""
        status = status or self.status_of(task)
        done = status == "completed"
        failed = status == "failed"
        words = "Banned prompt: moderation" if "moderation" in task.faults else "the model failed"
        result = {
            "discord_image_url": "",
            "image_url": task.result["image_url"] if done else "",
            "image_urls": (task.result.get("temporary_image_urls") or []) if done else None,
            "permanent_url": "",
            "task_progress": 100 if done else 40,
            "intermediate_image_urls": None,
            "message": words if failed else "",
            "error_messages": [words] if failed else None,
            "need_retry": failed and "moderation" not in task.faults,
            "quota_used": 1,
            "actions": [],
        }
        return {"task_id": task.task_id, "status": _WORDS[status], "task_result": result, **task.overrides}

    def _tell(self, task: Task) -> None:
        order = task.order["input"]
        if not order.get("webhook_endpoint") or "never" in task.faults:
            return
        end = "failed" if task.faults & {"fail", "moderation"} else "completed"
        stages = [
            Webhook(
                order["webhook_endpoint"],
                self.older_form(task, status=status),
                lambda _body: {"x-webhook-secret": str(order.get("webhook_secret", ""))},
            )
            for status in (("processing", end) if order.get("notify_progress") else (end,))
        ]
        self.frame.webhooks.send(*stages, faults=task.faults, after=self.frame.pace.work)
