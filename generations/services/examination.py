"""What an uploaded file must be to be kept, and how a refusal is put into words."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations import errors
from generations.media import probing, stripping, thumbnails, types
from generations.media.errors import Broken, TooDemanding, UnknownType
from generations.media.limits import Limits
from generations.media.types import MediaType
from generations.services import spools
from neuralbox.core.errors import FieldError

ACCEPTED = tuple(media_type for media_type in types.ALL if media_type.kind != "text")
_WORK_SECONDS = 60
_ANIMATION_PIXELS = 60_000_000
_SAME = {"audio/x-wav": "audio/wav", "audio/wave": "audio/wav", "audio/mp3": "audio/mpeg", "audio/x-m4a": "audio/mp4"}


@dataclass(frozen=True, slots=True)
class Examined:
    """The cleaned file, as it will be stored, and the type that it arrived as."""

    arrived_as: MediaType
    media_type: MediaType
    bytes: int
    sha256: str
    width: int | None
    height: int | None
    seconds: float | None


def examine(path: Path, *, clean: Path, thumbnail: Path) -> Examined:
    """Prove what the file at `path` is, write its cleaned copy to `clean` and its thumbnail to `thumbnail`.

    Raises UploadTooLarge, UnsupportedFile, UnreadableFile, FileBeyondLimits.
    """
    size = path.stat().st_size
    if not size:
        raise _refusal(errors.UnreadableFile, _("The file is empty."), "empty")
    try:
        _check_bytes(types.recognise(path), size)
        found = probing.probe(path, limits())
        _check_bytes(found.media_type, size)
        stripping.strip(path, found.media_type, clean, limits())
        kept = probing.probe(clean, limits())
        thumbnails.make(clean, kept, thumbnail, limits())
    except UnknownType as error:
        raise _unsupported(error.found) from error
    except Broken as error:
        raise _refusal(errors.UnreadableFile, _("The file is damaged or incomplete."), "unreadable") from error
    except TooDemanding as error:
        raise _too_demanding(error) from error
    stored = spools.measured(clean)
    return Examined(
        found.media_type, kept.media_type, stored.bytes, stored.sha256, kept.width, kept.height, kept.seconds
    )


def limits() -> Limits:
    """How large pictures and how long films and sounds may be, from the settings."""
    allowed = settings.UPLOAD_LIMITS
    return Limits(
        pixels=allowed["image"]["pixels"],
        side=allowed["image"]["side"],
        frames_pixels=_ANIMATION_PIXELS,
        video_seconds=allowed["video"]["seconds"],
        audio_seconds=allowed["audio"]["seconds"],
        work_seconds=_WORK_SECONDS,
    )


def notice(name: str, announced: str, examined: Examined) -> str:
    """One sentence for whoever should know that a file is not what it was called, or was changed; else empty."""
    if examined.arrived_as is types.WEBM_SOUND:
        return _("The sound was moved from the WebM file into an OGG file, without a change.")
    found = examined.media_type
    bare = announced.partition(";")[0].strip().lower()
    extension = PurePosixPath(name).suffix.lower().removeprefix(".").replace("jpeg", "jpg")
    named = next((one for one in types.ALL if one.extension == extension), None)
    declared = types.BY_MIME.get(_SAME.get(bare, bare))
    if {named, declared} - {None, found}:
        return _("The file is %(type)s, not what its name or announced type says. It is kept as what it is.") % {
            "type": found.extension.upper()
        }
    return ""


def largest_bytes() -> int:
    """The size that no upload of any kind may pass."""
    return max(limit["bytes"] for limit in settings.UPLOAD_LIMITS.values())


def byte_limit(head: bytes) -> int:
    """How large a file that begins with `head` may become."""
    announced = types.by_signature(head)
    return int(settings.UPLOAD_LIMITS[announced.kind]["bytes"]) if announced else largest_bytes()


def _check_bytes(media_type: MediaType, size: int) -> None:
    limit = settings.UPLOAD_LIMITS[media_type.kind]["bytes"]
    if size > limit:
        raise too_large(limit)


def too_large(limit: int) -> errors.UploadTooLarge:
    """The refusal of a file of more than `limit` bytes."""
    text = _("At most %(size)d MB are accepted.") % {"size": limit // settings.MIB}
    return errors.UploadTooLarge(text, errors=[FieldError("/file", text, "too_large")], limit_bytes=limit)


def _unsupported(found: str) -> errors.UnsupportedFile:
    accepted = [media_type.mime for media_type in ACCEPTED]
    names = ", ".join(media_type.extension.upper() for media_type in ACCEPTED)
    text = _("Accepted are: %(names)s.") % {"names": names}
    if found:
        text = _("This is %(found)s.") % {"found": found} + " " + text
    return errors.UnsupportedFile(
        text, errors=[FieldError("/file", text, "unsupported", allowed=accepted)], found=found, allowed=accepted
    )


def _too_demanding(error: TooDemanding) -> errors.FileBeyondLimits:
    allowed = int(error.allowed)
    match error.limit:
        case "side":
            text = _("Pictures may be at most %(side)d pixels wide and high.") % {"side": allowed}
        case "pixels":
            text = _("Pictures may have at most %(millions)d megapixels.") % {"millions": allowed // 1_000_000}
        case "seconds":
            minutes = allowed // 60
            text = ngettext(
                "It may be at most %(minutes)d minute long.", "It may be at most %(minutes)d minutes long.", minutes
            ) % {"minutes": minutes}
        case "frames_pixels":
            text = _("The animation has too many or too large frames.")
        case _:
            text = _("Reading the file takes too long.")
    return errors.FileBeyondLimits(text, errors=[FieldError("/file", text, error.limit, limits={"limit": allowed})])


def _refusal(kind: type[errors.UnreadableFile], text: str, code: str) -> Any:
    return kind(text, errors=[FieldError("/file", text, code)])
