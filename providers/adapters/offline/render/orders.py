"""What may be ordered: one frozen dataclass per model, read from the wire's input. Unknown members are ignored."""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

IMAGE, IMAGE_EDIT, VIDEO = "demo-image", "demo-image-edit", "demo-video"
MUSIC, SPEECH, AVATAR, TEXT = "demo-music", "demo-speech", "demo-avatar", "demo-text"
MODELS = (IMAGE, IMAGE_EDIT, VIDEO, MUSIC, SPEECH, AVATAR, TEXT)

MAX_TEXT = 20_000
MAX_SPOKEN = 5000
MAX_SCRIPT = 1500
MAX_SIDE = 2048
MAX_SEED = 2**31 - 1
VIDEO_SIDES = {"360p": 360, "480p": 480, "720p": 720}


class BadOrder(ValueError):
    """The input is not what the model takes. The message is for the caller."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that was uploaded before, on this machine's disk."""

    path: Path
    name: str
    mime: str


class Fields:
    """Reads members of an input. Each reader raises BadOrder that names the member."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given

    def text(self, name: str, *, required: bool = False) -> str:
        value = self._given.get(name)
        if value is None:
            value = ""
        if not isinstance(value, str) or len(value) > MAX_TEXT:
            raise BadOrder(f"{name} must be a text of at most {MAX_TEXT} characters")
        if required and not value.strip():
            raise BadOrder(f"{name} is required")
        return value.strip()

    def number(self, name: str, default: float, low: float, high: float) -> float:
        value = self._given.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise BadOrder(f"{name} must be a number from {low:g} to {high:g}")
        return float(value)

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        value = self._given.get(name)
        if isinstance(value, str) and value.isdecimal():
            value = int(value)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise BadOrder(f"{name} must be a whole number from {low} to {high}")
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self._given.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise BadOrder(f"{name} must be true or false")
        return value

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self._given.get(name)
        if value is None:
            return default
        if value not in allowed:
            raise BadOrder(f"{name} must be one of {', '.join(allowed)}")
        return str(value)

    def ratio(self, default: tuple[int, int]) -> tuple[int, int]:
        value = self._given.get("aspect_ratio")
        if value in (None, "", "auto"):
            return default
        match = re.fullmatch(r"([1-9]\d?):([1-9]\d?)", str(value))
        if not match or not 1 / 4 <= int(match[1]) / int(match[2]) <= 4:
            raise BadOrder("aspect_ratio must be w:h, from 1:4 to 4:1")
        return int(match[1]), int(match[2])

    def file(self, *names: str) -> InputFile | None:
        """The first of these members that is given. A list of files counts as its first."""
        for name in names:
            value = self._given.get(name)
            if isinstance(value, list) and value:
                value = value[0]
            if isinstance(value, Mapping) and isinstance(value.get("path"), str):
                return InputFile(Path(value["path"]), str(value.get("name", "")), str(value.get("mime", "")))
            if value:
                raise BadOrder(f"{name} must be an uploaded file")
        return None

    def seed(self, *of: str) -> int:
        """The seed that was given, or one that follows from the texts."""
        chosen = self.integer("seed", -1, -1, MAX_SEED)
        return chosen if chosen >= 0 else zlib.crc32("\n".join(of).encode()) & MAX_SEED


def frame_size(ratio: tuple[int, int], long_side: int, *, multiple: int = 1) -> tuple[int, int]:
    """Width and height in that ratio, with that long side, each a multiple of `multiple`."""
    wide, high = ratio
    scale = long_side / max(wide, high)
    return tuple(max(multiple, round(side * scale / multiple) * multiple) for side in (wide, high))  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class ImageOrder:
    prompt: str
    style: str
    size: tuple[int, int]
    count: int
    seed: int
    format: str

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "ImageOrder":
        fields = Fields(given)
        prompt = fields.text("prompt", required=True)
        return cls(
            prompt=prompt,
            style=fields.text("style"),
            size=frame_size(fields.ratio((1, 1)), fields.integer("size", 1024, 256, MAX_SIDE)),
            count=fields.integer("count", 1, 1, 4),
            seed=fields.seed(prompt),
            format=image_format(fields),
        )


def image_format(fields: Fields) -> str:
    chosen = fields.choice("output_format", "png", ("png", "webp", "jpeg", "jpg"))
    return "jpeg" if chosen == "jpg" else chosen


@dataclass(frozen=True, slots=True)
class EditOrder:
    prompt: str
    image: InputFile
    ratio: tuple[int, int] | None
    long_side: int
    count: int
    seed: int
    format: str

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "EditOrder":
        fields = Fields(given)
        prompt = fields.text("prompt")
        if not (image := fields.file("image", "images")):
            raise BadOrder("image is required")
        ratio = fields.ratio((0, 0))
        return cls(
            prompt=prompt,
            image=image,
            ratio=ratio if ratio != (0, 0) else None,
            long_side=fields.integer("size", MAX_SIDE, 256, MAX_SIDE),
            count=fields.integer("count", 1, 1, 4),
            seed=fields.seed(prompt),
            format=image_format(fields),
        )


@dataclass(frozen=True, slots=True)
class VideoOrder:
    prompt: str
    style: str
    first_frame: InputFile | None
    ratio: tuple[int, int] | None
    short_side: int
    seconds: int
    with_audio: bool
    seed: int

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "VideoOrder":
        fields = Fields(given)
        first_frame = fields.file("first_frame", "image", "images")
        prompt = fields.text("prompt", required=first_frame is None)
        ratio = fields.ratio((0, 0))
        return cls(
            prompt=prompt,
            style=fields.text("style"),
            first_frame=first_frame,
            ratio=ratio if ratio != (0, 0) else None,
            short_side=VIDEO_SIDES[fields.choice("resolution", "480p", tuple(VIDEO_SIDES))],
            seconds=fields.integer("duration", 4, 2, 8),
            with_audio=fields.flag("with_audio", False),
            seed=fields.seed(prompt),
        )


@dataclass(frozen=True, slots=True)
class MusicOrder:
    prompt: str
    mood: str
    style: str
    seconds: int
    tempo: int | None
    instrumental: bool
    count: int
    seed: int
    format: str

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "MusicOrder":
        fields = Fields(given)
        prompt = fields.text("prompt", required=True)
        tempo = fields.integer("tempo", 0, 0, 220)
        if 0 < tempo < 40:
            raise BadOrder("tempo must be from 40 to 220")
        return cls(
            prompt=prompt,
            mood=fields.text("mood"),
            style=fields.text("style"),
            seconds=fields.integer("duration", 30, 5, 60),
            tempo=tempo or None,
            instrumental=fields.flag("instrumental", True),
            count=fields.integer("count", 2, 1, 2),
            seed=fields.seed(prompt),
            format=fields.choice("output_format", "mp3", ("mp3", "wav", "m4a")),
        )


@dataclass(frozen=True, slots=True)
class SpeechOrder:
    text: str
    voice: str
    speed: float
    pitch: float
    language: str
    format: str

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "SpeechOrder":
        fields = Fields(given)
        text = fields.text("prompt") or fields.text("text") or fields.text("script")
        if not any(character.isalnum() for character in text):
            raise BadOrder("prompt is required, with words to say")
        if len(text) > MAX_SPOKEN:
            raise BadOrder(f"prompt must have at most {MAX_SPOKEN} characters")
        return cls(
            text=text,
            voice=fields.text("voice"),
            speed=fields.number("speed", 1.0, 0.5, 2.0),
            pitch=fields.number("pitch", 0.0, -1.0, 1.0),
            language=fields.choice("language", "auto", ("auto", "ru", "en")),
            format=fields.choice("output_format", "mp3", ("mp3", "wav")),
        )


@dataclass(frozen=True, slots=True)
class AvatarOrder:
    prompt: str
    speech: SpeechOrder
    portrait: InputFile | None
    size: tuple[int, int]
    seed: int

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "AvatarOrder":
        fields = Fields(given)
        script = fields.text("script") or fields.text("prompt")
        if len(script) > MAX_SCRIPT:
            raise BadOrder(f"script must have at most {MAX_SCRIPT} characters")
        short_side = VIDEO_SIDES[fields.choice("resolution", "480p", tuple(VIDEO_SIDES))]
        ratio = fields.ratio((1, 1))
        prompt = fields.text("prompt") if fields.text("script") else ""
        return cls(
            prompt=prompt,
            speech=SpeechOrder.read({**given, "prompt": script, "output_format": "mp3"}),
            portrait=fields.file("portrait", "image", "first_frame"),
            size=frame_size(ratio, round(short_side * max(ratio) / min(ratio)), multiple=2),
            seed=fields.seed(prompt or script),
        )


@dataclass(frozen=True, slots=True)
class TextOrder:
    prompt: str
    style: str
    seed: int
    format: str

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "TextOrder":
        fields = Fields(given)
        prompt = fields.text("prompt", required=True)
        return cls(
            prompt=prompt,
            style=fields.text("style"),
            seed=fields.seed(prompt),
            format=fields.choice("output_format", "md", ("md", "txt")),
        )


READERS: Mapping[str, type[Any]] = {
    IMAGE: ImageOrder,
    IMAGE_EDIT: EditOrder,
    VIDEO: VideoOrder,
    MUSIC: MusicOrder,
    SPEECH: SpeechOrder,
    AVATAR: AvatarOrder,
    TEXT: TextOrder,
}


def check_order(model: str, given: Mapping[str, Any]) -> None:
    """Raises BadOrder when `given` cannot be rendered by `model`."""
    READERS[model].read(given)
