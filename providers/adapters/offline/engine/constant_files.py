"""Tiny real files that cost nothing, for load tests. Made once per kind."""

import io
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from providers.adapters.offline.engine.tasks import Result
from providers.adapters.offline.render.orders import AVATAR, MUSIC, SPEECH, TEXT, VIDEO

_KINDS = {VIDEO: "video", AVATAR: "video", MUSIC: "audio", SPEECH: "audio", TEXT: "text"}
_EXTENSIONS = {"image": ("png", "image/png"), "video": ("mp4", "video/mp4"), "audio": ("mp3", "audio/mpeg"),
               "text": ("md", "text/markdown; charset=utf-8")}  # fmt: skip
_MAX_COUNT = 4


def constant_results(model: str, given: Mapping[str, Any]) -> tuple[Result, ...]:
    """As many constant files as were ordered, of the kind that the model makes."""
    kind = _KINDS.get(model, "image")
    extension, mime = _EXTENSIONS[kind]
    count = given.get("count")
    if not isinstance(count, int) or not 1 <= count <= _MAX_COUNT:
        count = 2 if model == MUSIC else 1
    return tuple(
        Result(f"{kind}-{number + 1}.{extension}", kind, mime, content=_content(kind)) for number in range(count)
    )


@lru_cache
def _content(kind: str) -> bytes:
    if kind == "text":
        return b"NeuralBox: a constant demonstration text.\n"
    target = io.BytesIO()
    if kind == "image":
        from PIL import Image

        Image.new("RGB", (64, 64), (84, 92, 180)).save(target, "PNG", optimize=True)
    else:
        from providers.adapters.offline.render import encoding

        encoding.write_constant(target, kind)
    return target.getvalue()
