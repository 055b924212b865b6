"""What can be ordered of the Suno family, by `<call>/<variant>`, and where each setting of ours goes.

Sources: docs.sunoapi.org/suno-api and its twin docs.kie.ai/suno-api, pages of 2026.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from providers.adapters.places import Body, Place, one_of, only, plain, refused, several, written
from providers.base import ModelFacts, Submission

# V4 to V5.5 are on the pages of mid 2026; newer ones of Kie.ai list the sixth family instead.
VERSIONS = ("V4", "V4_5", "V4_5PLUS", "V4_5ALL", "V5", "V5_5", "V6", "V6_MINI", "V6_WILD")
STEMS = ("separate_vocal", "split_stem")
_UNTITLED = "Untitled"
# Answered at once, and kept nowhere.
TIMED_LYRICS = "timed-lyrics"


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to order: its record `family`, the `path` that takes it, the places of our settings.

    `fixed` is sent always. `finish` completes the body, or refuses what does not go together.
    """

    family: str
    path: str
    kind: str
    places: Mapping[str, Place]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    finish: Callable[[Body], None] | None = None

    @property
    def facts(self) -> ModelFacts:
        return ModelFacts(self.kind, frozenset(self.places))

    def body(self, submission: Submission, links: Mapping[str, str]) -> Body:
        """What is posted to `path`. Raises ProviderRejected for what cannot be expressed."""
        body = written(self.places, submission, links, self.fixed)
        if self.finish:
            self.finish(body)
        if self.family == TIMED_LYRICS:
            return body
        # They refuse an order without it, also when nobody waits for a call.
        return {**body, "callBackUrl": submission.webhook_url}


def task_of(value: Mapping[str, str]) -> str:
    """The provider's id of an earlier task of ours, which we keep as `<family>:<id>`."""
    return value["task"].rpartition(":")[2]


def _hundredths(name: str) -> Place:
    def write(body: Body, value: Any) -> None:
        body[name] = round(float(value), 2)

    return write


def _song(body: Body, value: Mapping[str, str]) -> None:
    body["audioId"] = value["output"]


def _task(body: Body, value: Mapping[str, str]) -> None:
    body["taskId"] = task_of(value)


def _song_of_task(body: Body, value: Mapping[str, str]) -> None:
    _task(body, value)
    _song(body, value)


_WEIGHTS: Mapping[str, Place] = {
    "style_weight": _hundredths("styleWeight"),
    "weirdness": _hundredths("weirdnessConstraint"),
    "audio_weight": _hundredths("audioWeight"),
}
_TEXTS: Mapping[str, Place] = {
    "prompt": plain("idea"),
    "lyrics": plain("lyrics"),
    "style": plain("style"),
    "title": plain("title"),
    "instrumental": plain("instrumental"),
    "negative_prompt": plain("negativeTags"),
    "vocal_gender": one_of("vocalGender", ("m", "f")),
    **_WEIGHTS,
}


def _modes(body: Body) -> None:
    """Their two forms: an idea alone, or style and title with the words as they are to be sung."""
    idea, lyrics = body.pop("idea", ""), body.pop("lyrics", "")
    body["customMode"] = bool(lyrics or body.get("style") or body.get("title"))
    if not body["customMode"]:
        if not idea:
            raise refused("invalid_input", "a prompt is needed, or style, title and lyrics")
        if unused := {"vocalGender", "negativeTags"} & set(body):
            raise refused("unsupported_setting", f"{', '.join(sorted(unused))} need a style and a title")
        body["prompt"] = idea
        return
    if idea:
        raise refused("unsupported_setting", "with a style, a title or lyrics there is no place for a prompt")
    if lyrics and body["instrumental"]:
        raise refused("unsupported_setting", "an instrumental takes no words")
    if not (lyrics or body["instrumental"]):
        raise refused("invalid_input", "lyrics are needed unless it is an instrumental")
    if lyrics:
        body["prompt"] = lyrics
    body.setdefault("style", "")
    body.setdefault("title", _UNTITLED)


def _continuation(body: Body) -> None:
    """Their own settings of the continuation, or those of the song when none is given."""
    idea, lyrics = body.pop("idea", ""), body.pop("lyrics", "")
    if idea and lyrics:
        raise refused("unsupported_setting", "with lyrics of one's own there is no place for a prompt")
    if idea or lyrics:
        body["prompt"] = lyrics or idea
    own = {"prompt", "style", "title", "continueAt"} & set(body)
    body["defaultParamFlag"] = bool(own)
    if own:
        body.setdefault("style", "")
        body.setdefault("title", _UNTITLED)


def _generate(version: str) -> Order:
    return Order("music", "generate", "audio", _TEXTS, {"model": version, "instrumental": False}, _modes)


def _extend(version: str) -> Order:
    places = {**_TEXTS, "source_task": _song, "continue_at": plain("continueAt")}
    del places["instrumental"]
    return Order("music", "generate/extend", "audio", places, {"model": version}, _continuation)


def _cover(version: str) -> Order:
    places = {**_TEXTS, "audios": only("uploadUrl")}
    fixed = {"model": version, "instrumental": False}
    return Order("music", "generate/upload-cover", "audio", places, fixed, _modes)


def _extend_upload(version: str) -> Order:
    places = {**_TEXTS, "audios": only("uploadUrl"), "continue_at": plain("continueAt")}
    return Order("music", "generate/upload-extend", "audio", places, {"model": version}, _continuation)


def _tools() -> dict[str, Order]:
    source: Mapping[str, Place] = {"source_task": _song_of_task}
    tools = {
        "lyrics": Order("lyrics", "lyrics", "text", {"prompt": plain("prompt")}),
        "wav": Order("wav", "wav/generate", "audio", source),
        "timed-lyrics": Order(TIMED_LYRICS, "generate/get-timestamped-lyrics", "text", source),
        "mp4": Order("film", "mp4/generate", "video", {**source, "author": plain("author")}),
    }
    for variant in STEMS:
        tools[f"vocal-removal/{variant}"] = Order("stems", "vocal-removal/generate", "audio", source, {"type": variant})
    return tools


def _added(path: str, *, words: str) -> Order:
    """Words or instruments added to a recording; both need style, title and what to avoid."""
    places: dict[str, Place] = {
        "audios": only("uploadUrl"),
        "style": plain(words),
        "title": plain("title"),
        "negative_prompt": plain("negativeTags"),
        "vocal_gender": one_of("vocalGender", ("m", "f")),
        **_WEIGHTS,
    }
    if path.endswith("add-vocals"):
        places["lyrics"] = plain("prompt")
    fixed = {"negativeTags": "", "title": _UNTITLED, "model": "V5"}
    return Order("music", path, "audio", places, fixed)


def _by_version() -> dict[str, Order]:
    orders: dict[str, Order] = {}
    for version in VERSIONS:
        orders |= {
            f"generate/{version}": _generate(version),
            f"extend/{version}": _extend(version),
            f"upload-cover/{version}": _cover(version),
            f"upload-extend/{version}": _extend_upload(version),
        }
    return orders


ORDERS: Mapping[str, Order] = MappingProxyType({**_by_version(), **_tools()})
# Calls that the twin alone has.
TWIN_ORDERS: Mapping[str, Order] = MappingProxyType(
    {
        "add-instrumental": _added("generate/add-instrumental", words="tags"),
        "add-vocals": _added("generate/add-vocals", words="style"),
        "cover-picture": Order("cover", "suno/cover/generate", "image", {"source_task": _task}),
        "sounds": Order(
            "music",
            "generate/sounds",
            "audio",
            {"prompt": plain("prompt"), "loop": plain("soundLoop"), "tempo": plain("soundTempo")},
            {"model": "V5"},
        ),
        "mashup": Order(
            "music",
            "generate/mashup",
            "audio",
            {**_TEXTS, "audios": several("uploadUrlList", at_most=2)},
            {"model": "V5", "instrumental": False},
            _modes,
        ),
    }
)
