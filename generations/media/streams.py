"""Sound and video, through FFmpeg (PyAV) with exactly one of its demultiplexers and a list of codecs."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Stream
from av.video.stream import VideoStream
from PIL import Image

from generations.media import types
from generations.media.errors import Broken, TooDemanding, UnknownType
from generations.media.limits import Limits, Stopwatch
from generations.media.types import MediaType

VIDEO_CODECS = {"h264", "hevc", "av1", "libdav1d", "vp8", "vp9", "mpeg4", "prores", "mjpeg"}
AUDIO_CODECS = {"aac", "mp3", "mp3float", "opus", "libopus", "vorbis", "flac", "alac", "amrnb", "ac3", "eac3"}

# A file may not name other files: only the opened path itself is ever read.
_OPEN_OPTIONS = {"protocol_whitelist": "file", "probesize": str(8 << 20), "analyzeduration": "8000000"}
_MISSING_END_SECONDS = 1.5
# Their headers announce no length, or none worth believing: FFmpeg guesses from the size.
_WITHOUT_LENGTH = {types.MP3, types.AAC}


@dataclass(frozen=True, slots=True)
class Measured:
    """What a stream file is. `media_type` may be narrower than its first bytes said: an MP4 of sound only is M4A."""

    media_type: MediaType
    width: int | None
    height: int | None
    seconds: float
    has_sound: bool


@contextlib.contextmanager
def opened(path: Path, media_type: MediaType) -> Iterator[InputContainer]:
    """The container, opened with the one format of `media_type`. Raises Broken for all that fails inside."""
    try:
        with av.open(
            f"file:{path}", mode="r", format=media_type.decoder, options=dict(_OPEN_OPTIONS), metadata_errors="replace"
        ) as container:
            yield container
    except (av.FFmpegError, ValueError, OverflowError, EOFError) as error:
        raise Broken(str(error)[:200]) from error


def picture_of(container: InputContainer) -> VideoStream | None:
    """The moving picture; a cover image attached to a song is none."""
    for stream in container.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            return stream
    return None


def measure(path: Path, media_type: MediaType, limits: Limits) -> Measured:
    """Read the whole file, decode its beginning, and say what it is.

    Raises Broken (also when the end is missing), TooDemanding, UnknownType for a codec that is not allowed.
    """
    watch = Stopwatch(limits.work_seconds)
    with opened(path, media_type) as container:
        picture, sounds = picture_of(container), container.streams.audio
        if picture is None and not sounds:
            raise Broken("neither picture nor sound")
        _check_codecs(picture, sounds)
        size = _size(picture, limits) if picture is not None else None
        longest = limits.video_seconds if picture is not None else limits.audio_seconds
        announced = container.duration / av.time_base if container.duration else 0.0
        if announced > longest:
            raise TooDemanding("seconds", longest)
        first = _first_frame(container, picture if picture is not None else sounds[0])
        if size and isinstance(first, av.VideoFrame) and first.rotation % 180:
            size = size[1], size[0]
        container.seek(0)
        seconds = _read_through(container, watch, longest)
        if media_type in _WITHOUT_LENGTH:
            announced = 0.0
        if announced and announced - seconds > max(_MISSING_END_SECONDS, announced * 0.05):
            raise Broken("the end is missing")
        return Measured(
            media_type=_narrowed(media_type, has_picture=picture is not None),
            width=size[0] if size else None,
            height=size[1] if size else None,
            seconds=round(announced or seconds, 3),
            has_sound=bool(sounds),
        )


def _narrowed(media_type: MediaType, *, has_picture: bool) -> MediaType:
    if has_picture:
        if media_type is types.M4A:
            return types.MP4
        if media_type.kind == "audio":
            raise UnknownType("video")
        return media_type
    if media_type in {types.MP4, types.MOV}:
        return types.M4A
    return types.WEBM_SOUND if media_type is types.WEBM else media_type


def _check_codecs(picture: VideoStream | None, sounds: Sequence[AudioStream]) -> None:
    if picture is not None and _codec_of(picture) not in VIDEO_CODECS:
        raise UnknownType(_codec_of(picture))
    for sound in sounds:
        name = _codec_of(sound)
        if name not in AUDIO_CODECS and not name.startswith("pcm_"):
            raise UnknownType(name)


def _codec_of(stream: Stream) -> str:
    """The codec's name; empty when FFmpeg knows no such codec."""
    return stream.codec_context.name if stream.codec_context is not None else ""


def _size(picture: VideoStream, limits: Limits) -> tuple[int, int]:
    width, height = picture.codec_context.width, picture.codec_context.height
    if width <= 0 or height <= 0:
        raise Broken("no picture size")
    limits.check_size(width, height)
    return width, height


def _first_frame(container: InputContainer, stream: VideoStream | AudioStream) -> av.VideoFrame | av.AudioFrame:
    """One frame must come out, or this is not what it says it is."""
    if isinstance(stream, VideoStream):
        stream.thread_type = "NONE"
    for frame in container.decode(stream):
        if isinstance(frame, av.VideoFrame | av.AudioFrame):
            return frame
    raise Broken("nothing to decode")


def _read_through(container: InputContainer, watch: Stopwatch, longest: float) -> float:
    """Walk over all packets without decoding them. Returns where the last one ends, in seconds."""
    start: Fraction | None = None
    end = Fraction(0)
    for packet in container.demux(*container.streams.video, *container.streams.audio):
        watch.check()
        if packet.is_corrupt:
            raise Broken("damaged data")
        moment = packet.pts if packet.pts is not None else packet.dts
        if moment is None or packet.time_base is None:
            continue
        start = min(moment * packet.time_base, start) if start is not None else moment * packet.time_base
        end = max(end, (moment + (packet.duration or 0)) * packet.time_base)
        if end - start > longest:
            raise TooDemanding("seconds", longest)
    return float(end - start) if start is not None else 0.0


def poster(path: Path, media_type: MediaType, limits: Limits) -> Image.Image:
    """A frame that shows something: the first one that is not plain, among those of the first second."""
    watch = Stopwatch(limits.work_seconds)
    with opened(path, media_type) as container:
        picture = picture_of(container)
        if picture is None:
            raise Broken("no picture")
        picture.thread_type = "NONE"
        shown: Image.Image | None = None
        for number, frame in enumerate(container.decode(picture)):
            watch.check()
            limits.check_size(frame.width, frame.height)
            if number % 5 == 0:
                shown = _upright(frame)
                if not _is_plain(shown) or number >= 25:
                    break
        if shown is None:
            raise Broken("no frame")
        return shown


def _upright(frame: av.VideoFrame) -> Image.Image:
    image: Image.Image = frame.to_image()
    return image.rotate(frame.rotation, expand=True) if frame.rotation % 360 else image


def _is_plain(image: Image.Image) -> bool:
    low, high = image.convert("L").resize((32, 32)).getextrema()
    return float(high) - float(low) < 24  # type: ignore[arg-type]
