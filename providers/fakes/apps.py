"""What a fake provider is made of: an `App` that answers `Call`s with `Reply`s."""

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from providers.fakes import forms
from providers.fakes.forms import Part

if TYPE_CHECKING:
    from providers.fakes.frame import Frame


@dataclass(frozen=True, slots=True)
class Call:
    """A request to a fake. `path` is without the app's prefix; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    base_url: str
    faults: frozenset[str] = frozenset()

    @property
    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty when it is none."""
        try:
            read = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return read if isinstance(read, dict) else {}

    @property
    def text(self) -> str:
        """The body as text, for a test that looks for words in it."""
        return self.body.decode("utf-8", "replace")

    def form(self) -> dict[str, Part]:
        """The parts of a multipart body, by their names."""
        return forms.parts(self.headers.get("content-type", ""), self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a fake answers."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(payload: object, *, status: int = 200, **headers: str) -> Reply:
    """A JSON answer. Header names come as keywords, with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps(payload, ensure_ascii=False).encode()
    return Reply(status, body, {"Content-Type": "application/json", **named})


Handler = Callable[..., Reply]


def route(method: str, pattern: str) -> Callable[[Handler], Handler]:
    """Marks a method of an `App` as the one for `method` and a path like `/v1/tasks/{id}`."""
    regex = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern) + r"\Z")

    def mark(handler: Handler) -> Handler:
        handler.__dict__.setdefault("routes", []).append((method, regex))
        return handler

    return mark


class App:
    """One provider, under `/<prefix>/`. A subclass marks its handlers with `route` and keeps its state in itself.

    `refused` is asked first: an answer of it, such as for a missing key, is given instead of the handler's.
    """

    prefix: ClassVar[str]
    _handlers: ClassVar[list[tuple[str, re.Pattern[str], str]]] = []

    def __init_subclass__(cls, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        cls._handlers = [
            (method, regex, name) for name in dir(cls) for method, regex in getattr(getattr(cls, name), "routes", ())
        ]

    def __init__(self, frame: "Frame") -> None:
        self.frame = frame
        self.lock = threading.RLock()

    def refused(self, call: Call) -> Reply | None:
        """A refusal of a call before it is looked at. None: go on."""
        return None

    def too_fast(self, call: Call) -> Reply:
        """The refusal of a call that came too soon."""
        return json_reply({"code": 429, "message": "Too many requests"}, status=429, Retry_After="7")

    def not_found(self, call: Call) -> Reply:
        """The answer to a path that this provider does not have."""
        return json_reply({"error": "not found"}, status=404)

    def answer(self, call: Call) -> Reply:
        """Answer a call, under the app's lock."""
        if reply := self.refused(call):
            return reply
        for method, regex, name in self._handlers:
            if method == call.method and (match := regex.match(call.path)):
                handler: Handler = getattr(self, name)
                with self.lock:
                    return handler(call, **match.groupdict())
        return self.not_found(call)
