"""The types that are accepted and served, recognised by their first bytes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import puremagic

from generations.media.errors import Broken, UnknownType

Kind = Literal["image", "video", "audio", "text"]
HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class MediaType:
    """One accepted type. `decoder` is the one format that Pillow or FFmpeg may try; none for text."""

    kind: Kind
    mime: str
    extension: str
    decoder: str = ""


PNG = MediaType("image", "image/png", "png", "PNG")
JPEG = MediaType("image", "image/jpeg", "jpg", "JPEG")
WEBP = MediaType("image", "image/webp", "webp", "WEBP")
AVIF = MediaType("image", "image/avif", "avif", "AVIF")
GIF = MediaType("image", "image/gif", "gif", "GIF")
MP4 = MediaType("video", "video/mp4", "mp4", "mp4")
MOV = MediaType("video", "video/quicktime", "mov", "mov")
WEBM = MediaType("video", "video/webm", "webm", "matroska")
M4A = MediaType("audio", "audio/mp4", "m4a", "mp4")
MP3 = MediaType("audio", "audio/mpeg", "mp3", "mp3")
WAV = MediaType("audio", "audio/wav", "wav", "wav")
OGG = MediaType("audio", "audio/ogg", "ogg", "ogg")
FLAC = MediaType("audio", "audio/flac", "flac", "flac")
AAC = MediaType("audio", "audio/aac", "aac", "aac")
TEXT = MediaType("text", "text/plain", "txt")
# What browsers record. Providers do not take it: cleaning moves the sound into an OGG.
WEBM_SOUND = MediaType("audio", "audio/webm", "weba", "matroska")

ALL = (PNG, JPEG, WEBP, AVIF, GIF, MP4, WEBM, MOV, MP3, WAV, OGG, FLAC, M4A, AAC, TEXT)
BY_MIME = {media_type.mime: media_type for media_type in ALL}

_AVIF_BRANDS = {b"avif", b"avis"}
_M4A_BRANDS = {b"M4A ", b"M4B "}
_MP4_BRANDS = {
    b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"M4VH", b"M4VP", b"MSNV",
    b"dash", b"mmp4", b"f4v ", b"3gp4", b"3gp5", b"3gp6", b"hvc1", b"av01",
}  # fmt: skip
_OLD_QUICKTIME_BOXES = {b"moov", b"mdat", b"wide"}


def recognise(path: Path) -> MediaType:
    """The type that the first bytes announce. A guess: only decoding proves it.

    Raises UnknownType, also for text, which has no first bytes of its own; Broken for an empty file.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise Broken("empty")
    if found := by_signature(head):
        return found
    raise UnknownType(_name_of(head))


def by_signature(head: bytes) -> MediaType | None:
    """The type that the first bytes of a file announce, if it is on the list."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head.startswith(b"RIFF"):
        return {b"WEBP": WEBP, b"WAVE": WAV}.get(head[8:12])
    if head.startswith(b"fLaC"):
        return FLAC
    if head.startswith(b"OggS"):
        return OGG
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return WEBM if b"webm" in head[:64] else None
    return _boxed(head) or _framed_audio(head)


def _boxed(head: bytes) -> MediaType | None:
    """Types made of length-prefixed boxes: MP4 and its relatives, told apart by their brand."""
    name, brand = head[4:8], head[8:12]
    if name in _OLD_QUICKTIME_BOXES:
        return MOV
    if name != b"ftyp":
        return None
    if brand in _AVIF_BRANDS:
        return AVIF
    if brand in _M4A_BRANDS:
        return M4A
    if brand == b"qt  ":
        return MOV
    return MP4 if brand in _MP4_BRANDS else None


def _framed_audio(head: bytes) -> MediaType | None:
    """MP3 and AAC start with a tag or with the sync bits of their first frame."""
    if head.startswith(b"ID3"):
        return MP3
    if len(head) < 2 or head[0] != 0xFF:
        return None
    if head[1] & 0xF6 == 0xF0:
        return AAC
    is_layer_three = head[1] & 0xE0 == 0xE0 and head[1] & 0x06 == 0x02
    return MP3 if is_layer_three else None


def _name_of(head: bytes) -> str:
    """A short name for what the bytes are, to tell the user; empty when nobody knows."""
    if head[4:8] == b"ftyp" and head[8:12] in {b"heic", b"heix", b"hevc", b"mif1", b"heim"}:
        return "HEIC"
    try:
        found = puremagic.from_string(head)
    except (puremagic.PureError, ValueError):
        return ""
    return found.removeprefix(".").upper()[:10]
