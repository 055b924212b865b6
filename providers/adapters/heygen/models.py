"""What can be ordered at HeyGen, by the path of the call and, for videos, their `type`.

Sources: developers.heygen.com, reference of interface v3; schemas in its official command-line client (July 2026).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from providers.adapters.places import Body, Place, inside, number, one_of, only, plain, refused, several, written
from providers.base import ModelFacts, Submission

_RATIOS = ("16:9", "9:16", "4:5", "5:4", "1:1", "auto")
_RESOLUTIONS = ("720p", "1080p", "4k")
_ORIENTATIONS = {"16:9": "landscape", "9:16": "portrait"}
_ENGINES = ("avatar_iii", "avatar_iv", "avatar_v")


@dataclass(frozen=True, slots=True)
class Model:
    """What is ordered under one name: with `POST path`, asked about under the same path.

    `is_called_back`: the order can carry the address of a webhook. `key_field`: where the key stands that makes a
    repeated order harmless when they do not read the header. `answers_at_once`: the answer is the result.
    """

    kind: str
    path: str
    places: Mapping[str, Place]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    has_title: bool = True
    is_called_back: bool = True
    key_field: str = ""
    answers_at_once: bool = False

    @property
    def facts(self) -> ModelFacts:
        return ModelFacts(self.kind, frozenset(self.places))

    def body(self, submission: Submission, assets: Mapping[str, Mapping[str, str]]) -> Body:
        """The whole order. Nothing in it tells whose it is. Raises ProviderRejected for what cannot be expressed."""
        body = written(self.places, submission, assets, self.fixed)
        if self.has_title:
            body["title"] = submission.reference
        if self.key_field:
            body[self.key_field] = submission.reference
        if self.is_called_back and submission.webhook_url:
            body |= {"callback_url": submission.webhook_url, "callback_id": submission.reference}
        return body


def _audio(body: Body, files: list[Mapping[str, str]]) -> None:
    """The one place where a file is not an object, but one of two fields."""
    if len(files) != 1:
        raise refused("unsupported_value", "audio takes exactly one file")
    (file,) = files
    name = "audio_asset_id" if file["type"] == "asset_id" else "audio_url"
    body[name] = file.get("asset_id") or file["url"]


def _background_color(body: Body, color: str) -> None:
    body["background"] = {"type": "color", "value": color}


def _background_image(body: Body, file: Mapping[str, str]) -> None:
    content = {name: value for name, value in file.items() if name != "type"}
    body["background"] = {"type": "image", **content}


def _captions(body: Body, wanted: bool) -> None:
    if wanted:
        body["caption"] = {"file_format": "srt", "style": "default"}


def _one_language(body: Body, language: str) -> None:
    body["output_languages"] = [language]


_SPOKEN: Mapping[str, Place] = {
    "script": plain("script"),
    "audios": _audio,
    "voice": plain("voice_id"),
    "speed": inside("voice_settings", number("speed")),
    "pitch": inside("voice_settings", number("pitch")),
    "volume": inside("voice_settings", number("volume")),
    "locale": inside("voice_settings", plain("locale")),
    "aspect_ratio": one_of("aspect_ratio", _RATIOS),
    "resolution": one_of("resolution", _RESOLUTIONS),
    "background_color": _background_color,
    "background_image": _background_image,
    "remove_background": plain("remove_background"),
    "with_captions": _captions,
    "motion_prompt": plain("motion_prompt"),
    "expressiveness": one_of("expressiveness", ("high", "medium", "low")),
    "fit": one_of("fit", ("contain", "cover")),
    "output_format": one_of("output_format", ("mp4", "webm")),
}

MODELS: Mapping[str, Model] = MappingProxyType(
    {
        "videos/avatar": Model(
            "video",
            "videos",
            {**_SPOKEN, "avatar": plain("avatar_id"), "engine": inside("engine", one_of("type", _ENGINES))},
            {"type": "avatar"},
        ),
        "videos/image": Model("video", "videos", {**_SPOKEN, "images": only("image")}, {"type": "image"}),
        "videos/cinematic_avatar": Model(
            "video",
            "videos",
            {
                "prompt": plain("prompt"),
                "avatars": several("avatar_id", at_most=3),
                "avatar": lambda body, avatar: body.update(avatar_id=[avatar]),
                "images": several("references", at_most=9),
                "videos": several("references", at_most=3),
                "duration": number("duration"),
                "aspect_ratio": one_of("aspect_ratio", ("16:9", "9:16", "1:1")),
                "resolution": one_of("resolution", ("720p", "1080p")),
                "improve_prompt": plain("enhance_prompt"),
            },
            {"type": "cinematic_avatar"},
            is_called_back=False,
        ),
        "voices/speech": Model(
            "audio",
            "voices/speech",
            {
                "prompt": plain("text"),
                "voice": plain("voice_id"),
                "speed": number("speed"),
                "language": plain("language"),
                "locale": plain("locale"),
            },
            {"input_type": "text"},
            has_title=False,
            is_called_back=False,
            answers_at_once=True,
        ),
        "video-agents": Model(
            "video",
            "video-agents",
            {
                "prompt": plain("prompt"),
                "avatar": plain("avatar_id"),
                "voice": plain("voice_id"),
                "aspect_ratio": one_of("orientation", _ORIENTATIONS),
                "images": several("files", at_most=20),
            },
            # They shall neither remember what our customers ask for, nor mix it into later orders.
            {"mode": "generate", "incognito_mode": True},
            has_title=False,
        ),
        "video-translations": Model(
            "video",
            "video-translations",
            {
                "videos": only("video"),
                "language": _one_language,
                "source_language": plain("input_language"),
                "speed_tier": one_of("mode", ("speed", "precision")),
                "speakers": number("speaker_num"),
                "with_captions": plain("enable_caption"),
            },
        ),
        "lipsyncs": Model(
            "video",
            "lipsyncs",
            {
                "videos": only("video"),
                "audios": only("audio"),
                "speed_tier": one_of("mode", ("speed", "precision")),
                "with_captions": plain("enable_caption"),
            },
        ),
        "background-removals": Model(
            "video",
            "background-removals",
            {"videos": only("video")},
            {"layers": ["foreground"]},
            is_called_back=False,
            key_field="request_id",
        ),
    }
)
FACTS: Mapping[str, ModelFacts] = MappingProxyType({name: model.facts for name, model in MODELS.items()})
