"""How much decoding a file may cost. Each caller has its own figures, from the settings."""

import time
from dataclasses import dataclass

from generations.media.errors import TooDemanding


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may be. Pixels are per frame; `frames_pixels` are those of all frames of an animated image."""

    pixels: int = 50_000_000
    side: int = 16_384
    frames_pixels: int = 200_000_000
    video_seconds: float = 3600
    audio_seconds: float = 3 * 3600
    work_seconds: float = 60

    def check_size(self, width: int, height: int) -> None:
        """Raises TooDemanding."""
        if max(width, height) > self.side:
            raise TooDemanding("side", self.side)
        if width * height > self.pixels:
            raise TooDemanding("pixels", self.pixels)


class Stopwatch:
    """Raises TooDemanding once the work on a file takes longer than allowed."""

    def __init__(self, seconds: float) -> None:
        self._allowed = seconds
        self._end = time.monotonic() + seconds

    def check(self) -> None:
        if time.monotonic() > self._end:
            raise TooDemanding("work_seconds", self._allowed)
