"""Real media files, made on the spot."""

import io
import struct
import zlib
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import numpy
from PIL import Image


def picture(width: int = 320, height: int = 200, *, mode: str = "RGB") -> Image.Image:
    """A gradient with a bright corner at the top left, so that turning it shows."""
    across = numpy.linspace(0, 180, width, dtype="uint8")
    pixels = numpy.stack([numpy.tile(across, (height, 1))] * 3, axis=-1)
    pixels[: height // 4, : width // 4] = (255, 60, 60)
    return Image.fromarray(pixels).convert(mode)


def image_bytes(form: str = "PNG", *, size: tuple[int, int] = (320, 200), **options: object) -> bytes:
    buffer = io.BytesIO()
    picture(*size).save(buffer, form, **options)
    return buffer.getvalue()


def photo_with_place(form: str = "JPEG", *, orientation: int = 6) -> bytes:
    """As a phone writes it: lying on its side, with the place, the device, a comment and a colour profile."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretPhoneMaker"
    exif.get_ifd(0x8825).update({1: "N", 2: (55.0, 45.0, 7.0), 3: "E", 4: (37.0, 37.0, 3.0)})
    return image_bytes(form, exif=exif, icc_profile=colour_profile())


@lru_cache(maxsize=1)
def colour_profile() -> bytes:
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def animation(form: str = "GIF", frames: int = 5) -> bytes:
    buffer = io.BytesIO()
    pictures = [picture().rotate(30 * number) for number in range(frames)]
    pictures[0].save(buffer, form, save_all=True, append_images=pictures[1:], duration=80, loop=0)
    return buffer.getvalue()


def video_bytes(
    tmp: Path,
    *,
    form: str = "mp4",
    codec: str = "libx264",
    seconds: float = 1,
    sound: str | None = None,
    size: tuple[int, int] = (160, 90),
    metadata: dict[str, str] | None = None,
) -> bytes:
    """A white square that moves over grey; with a tone when `sound` names a codec."""
    path = tmp / f"made.{form}"
    width, height = size
    with av.open(str(path), "w", format=form, options={"movflags": "use_metadata_tags"} if metadata else {}) as out:
        out.metadata.update(metadata or {})
        picture_stream = out.add_stream(codec, rate=20)
        picture_stream.width, picture_stream.height, picture_stream.pix_fmt = width, height, "yuv420p"
        tone = out.add_stream(sound, rate=48_000) if sound else None
        for number in range(int(seconds * 20)):
            pixels = numpy.full((height, width, 3), 90, dtype="uint8")
            left = number * 5 % (width - 20)
            pixels[20:50, left : left + 20] = 255
            out.mux(picture_stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        out.mux(picture_stream.encode())
        if tone is not None:
            _write_tone(out, tone, seconds)
    return path.read_bytes()


def png_of(width: int, height: int) -> bytes:
    """A PNG of black pixels, packed as tightly as it goes: some kilobytes for a gigapixel."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + width // 8)) for _ in range(min(height, 2000))) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def turned_clockwise(video: bytes) -> bytes:
    """The MP4 as a phone held upright writes it: lying pictures, and a matrix that says to turn them."""
    matrix = video.index(b"tkhd") + 44
    turn = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 90 << 16, 0, 1 << 30)
    return video[:matrix] + turn + video[matrix + len(turn) :]


def sound_bytes(
    tmp: Path,
    *,
    form: str = "mp3",
    codec: str = "libmp3lame",
    seconds: float = 1,
    metadata: dict[str, str] | None = None,
) -> bytes:
    """A tone that grows louder."""
    path = tmp / f"made.{form}"
    with av.open(str(path), "w", format=form) as out:
        out.metadata.update(metadata or {})
        _write_tone(out, out.add_stream(codec, rate=48_000, layout="mono"), seconds)
    return path.read_bytes()


def _write_tone(out: av.container.OutputContainer, stream: av.AudioStream, seconds: float) -> None:
    moments = numpy.arange(int(48_000 * seconds)) / 48_000
    wave = (numpy.sin(moments * 440 * 2 * numpy.pi) * numpy.linspace(0.05, 0.8, moments.size)).astype("float32")
    for start in range(0, moments.size, 960):
        frame = av.AudioFrame.from_ndarray(wave[None, start : start + 960], format="flt", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


IMAGES = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP", "avif": "AVIF", "gif": "GIF"}
VIDEOS = {"mp4": ("mp4", "libx264"), "mov": ("mov", "libx264"), "webm": ("webm", "libvpx-vp9")}
SOUNDS = {
    "mp3": ("mp3", "libmp3lame"),
    "wav": ("wav", "pcm_s16le"),
    "ogg": ("ogg", "libopus"),
    "flac": ("flac", "flac"),
    "m4a": ("ipod", "aac"),
    "aac": ("adts", "aac"),
}


def of(extension: str, tmp: Path) -> bytes:
    """A small valid file of that type."""
    if extension in IMAGES:
        return image_bytes(IMAGES[extension])
    if extension in VIDEOS:
        form, codec = VIDEOS[extension]
        return video_bytes(tmp, form=form, codec=codec)
    form, codec = SOUNDS[extension]
    return sound_bytes(tmp, form=form, codec=codec)
