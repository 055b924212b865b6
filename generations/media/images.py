"""Still and animated images, through Pillow with exactly one of its decoders."""

import contextlib
import struct
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageOps

from generations.media.errors import Broken, TooDemanding
from generations.media.limits import Limits, Stopwatch
from generations.media.types import MediaType

# Pillow only warns of a large image and refuses at twice the size: a warning is a refusal here.
warnings.simplefilter("error", Image.DecompressionBombWarning)

# What Pillow's decoders raise on damaged files; UnidentifiedImageError is an OSError.
_BROKEN = (
    OSError, SyntaxError, ValueError, EOFError, OverflowError, KeyError, IndexError, RuntimeError, struct.error,
    zlib.error,
)  # fmt: skip


@contextlib.contextmanager
def opened(path: Path, media_type: MediaType, limits: Limits) -> Iterator[Image.Image]:
    """The image, its header read and its size within the limits. Nothing is decoded yet.

    Raises Broken and TooDemanding, also for what fails inside of the block.
    """
    try:
        with Image.open(path, formats=_formats(media_type)) as image:
            limits.check_size(*image.size)
            yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooDemanding("pixels", limits.pixels) from error
    except _BROKEN as error:
        raise Broken(str(error)[:200]) from error


def _formats(media_type: MediaType) -> list[str]:
    # A JPEG of several pictures (panoramas, portraits of phones) is MPO to Pillow.
    return ["JPEG", "MPO"] if media_type.decoder == "JPEG" else [media_type.decoder]


def measure(path: Path, media_type: MediaType, limits: Limits) -> tuple[int, int]:
    """Width and height as shown, turned as the file asks. Decodes every pixel of every frame as a proof."""
    watch = Stopwatch(limits.work_seconds)
    with opened(path, media_type, limits) as image:
        for _number in frames(image, limits):
            watch.check()
            image.load()
        image.seek(0)
        turned = image.getexif().get(0x0112, 1) in {5, 6, 7, 8}
        width, height = image.size
    return (height, width) if turned else (width, height)


def frames(image: Image.Image, limits: Limits) -> Iterator[int]:
    """Step through the frames of `image`: it shows the frame of the number yielded. One, for a still picture.

    Raises TooDemanding when all frames together have too many pixels.
    """
    number = 0
    while True:
        if number and (number + 1) * image.width * image.height > limits.frames_pixels:
            raise TooDemanding("frames_pixels", limits.frames_pixels)
        yield number
        number += 1
        if image.format == "MPO" or not getattr(image, "is_animated", False):
            return
        try:
            image.seek(number)
        except EOFError:
            return


def preview(path: Path, media_type: MediaType, limits: Limits, side: int) -> Image.Image:
    """A small copy of the (first) picture, upright, at most `side` pixels wide and high."""
    with opened(path, media_type, limits) as image:
        image.draft("RGB", (side * 2, side * 2))
        small = ImageOps.exif_transpose(image)
        has_alpha = small.mode in {"RGBA", "LA", "PA"} or "transparency" in small.info
        if small.mode not in {"RGB", "RGBA"}:
            small = small.convert("RGBA" if has_alpha else "RGB")
        small.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
        return small
