"""Removing what a file tells about its maker: place, device, names, dates, and whatever hangs on behind."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer, OutputContainer
from PIL import Image, ImageOps, JpegImagePlugin

from generations.media import images, streams, types
from generations.media.errors import Broken
from generations.media.limits import Limits, Stopwatch
from generations.media.types import MediaType

# What stays of a picture besides its pixels: what one needs to see it right.
_KEPT = {"icc_profile", "transparency", "duration", "loop", "background"}

_MULTIPLEXERS = {
    types.MP4: ("mp4", {"movflags": "+faststart"}),
    types.MOV: ("mov", {"movflags": "+faststart"}),
    types.M4A: ("ipod", {"movflags": "+faststart"}),
    types.WEBM: ("webm", {}),
    types.MP3: ("mp3", {"id3v2_version": "0", "write_id3v1": "0"}),
    types.WAV: ("wav", {}),
    types.OGG: ("ogg", {}),
    types.WEBM_SOUND: ("ogg", {}),
    types.FLAC: ("flac", {}),
    types.AAC: ("adts", {}),
}


def strip(path: Path, media_type: MediaType, target: Path, limits: Limits) -> None:
    """Write the picture, film or sound at `path` to `target`, and nothing else of it.

    The type stays, but for the sound in a WebM, which becomes an OGG. Pictures are turned upright and encoded anew,
    with their colour profile; lossless ones stay lossless, a JPEG keeps its own quality tables. Sound and video are
    copied without encoding. Raises Broken, TooDemanding.
    """
    if media_type.kind == "image":
        _strip_image(path, media_type, target, limits)
    else:
        _strip_stream(path, media_type, target, limits)


def _strip_image(path: Path, media_type: MediaType, target: Path, limits: Limits) -> None:
    with images.opened(path, media_type, limits) as image:
        options = _encoding(path, image, media_type)
        pictures = _clean_frames(image, limits)
        first = next(pictures)
        rest = list(pictures)
        if rest:
            options |= {"save_all": True, "append_images": rest, "loop": first.info.get("loop", 0)}
            options["duration"] = [picture.info.get("duration", 100) for picture in (first, *rest)]
        first.save(target, media_type.decoder, **options)


def _clean_frames(image: Image.Image, limits: Limits) -> Iterator[Image.Image]:
    watch = Stopwatch(limits.work_seconds)
    for _number in images.frames(image, limits):
        watch.check()
        image.load()
        upright = ImageOps.exif_transpose(image)
        upright.info = {name: value for name, value in upright.info.items() if name in _KEPT}
        yield upright


def _encoding(path: Path, image: Image.Image, media_type: MediaType) -> dict[str, Any]:
    """How to encode the picture again without losing what can be seen."""
    options: dict[str, Any] = {}
    if profile := image.info.get("icc_profile"):
        options["icc_profile"] = profile
    if media_type is types.JPEG and isinstance(image, JpegImagePlugin.JpegImageFile):
        options |= {"qtables": image.quantization, "progressive": "progression" in image.info}
        if (sampling := JpegImagePlugin.get_sampling(image)) >= 0:
            options["subsampling"] = sampling
    elif media_type is types.WEBP:
        with path.open("rb") as file:
            lossless = b"VP8L" in file.read(types.HEAD_BYTES)
        options |= {"lossless": True, "quality": 50} if lossless else {"quality": 92}
    elif media_type is types.AVIF:
        options |= {"quality": 90, "speed": 8}
    return options


def _strip_stream(path: Path, media_type: MediaType, target: Path, limits: Limits) -> None:
    watch = Stopwatch(limits.work_seconds)
    form, options = _MULTIPLEXERS[media_type]
    # Bit-exact: the encoder's name and the time stay out as well.
    options = {"fflags": "+bitexact", **options}
    with (
        streams.opened(path, media_type) as source,
        av.open(f"file:{target}", "w", format=form, options=options) as copy,
    ):
        _copy(source, copy, watch, with_picture=media_type.kind == "video")


def _copy(source: InputContainer, copy: OutputContainer, watch: Stopwatch, *, with_picture: bool) -> None:
    """Only the picture and the sounds: no subtitles, no cover, no tracks of data such as positions."""
    kept: list[Any] = list(source.streams.audio)
    if with_picture and (picture := streams.picture_of(source)) is not None:
        kept.insert(0, picture)
    copies = {}
    for stream in kept:
        twin = copies[stream.index] = copy.add_stream_from_template(stream, opaque=True)
        twin.metadata.clear()
        twin.codec_context.codec_tag = stream.codec_context.codec_tag
    copy.metadata.clear()
    written = 0
    for packet in source.demux(*kept):
        watch.check()
        if packet.dts is None and packet.pts is None:
            continue
        packet.stream = copies[packet.stream.index]
        copy.mux(packet)
        written += 1
    if not written:
        raise Broken("nothing to copy")
