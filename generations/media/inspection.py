"""The examination of a file that a provider sent: is it what was promised, and how does it look?"""

from collections.abc import Collection
from pathlib import Path

from generations.media import probing, thumbnails, types
from generations.media.errors import MediaError, NotPromised, TooDemanding, UnknownType
from generations.media.limits import Limits
from generations.media.probing import Probe

Refused = MediaError

# Providers make large things on purpose (upscaled pictures, an hour of sound); a bomb is larger still.
OUTPUT_LIMITS = Limits(pixels=80_000_000, work_seconds=120)


def of_output(path: Path, kind: str, thumbnail: Path, *, promised: Collection[str] | None = None) -> tuple[Probe, bool]:
    """Prove that the file is of `kind`, and write its thumbnail to `thumbnail` where it can have one.

    `promised` are the media types that it may have; None: any of the kind. Raises Refused.
    """
    if kind == "text":
        return probing.probe_text(path), False
    probe = probing.probe(path, OUTPUT_LIMITS)
    if probe.media_type.kind != kind or probe.media_type not in types.ALL:
        raise UnknownType(probe.media_type.kind)
    if promised is not None and probe.media_type.mime not in promised:
        raise NotPromised(probe.media_type.mime)
    try:
        return probe, thumbnails.make(path, probe, thumbnail, OUTPUT_LIMITS)
    except TooDemanding:
        # Proven sound, but too long to draw: it is kept without a picture.
        return probe, False
