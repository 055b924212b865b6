"""Small pictures for lists, as WebP: derived by us, never the original."""

from pathlib import Path

from PIL import Image

from generations.media import images, streams, waveforms
from generations.media.limits import Limits
from generations.media.probing import Probe

MIME = "image/webp"
SIDE = 640


def make(path: Path, probe: Probe, target: Path, limits: Limits) -> bool:
    """Write a thumbnail of the file at `path` to `target`. False for text, which has none.

    An image shrunk, a frame of a video, the waveform of a sound. Raises Broken, TooDemanding.
    """
    media_type = probe.media_type
    if media_type.kind == "image":
        picture = images.preview(path, media_type, limits, SIDE)
    elif media_type.kind == "video":
        picture = streams.poster(path, media_type, limits)
        picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    elif media_type.kind == "audio":
        picture = waveforms.picture(waveforms.peaks(path, media_type, probe.seconds or 0, limits))
    else:
        return False
    picture.info.clear()
    picture.save(target, "WEBP", quality=80, method=4)
    return True
