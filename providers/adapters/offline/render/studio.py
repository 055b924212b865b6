"""From an order to files: picks the maker of the model and runs it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from providers.adapters.offline.render import avatars, images, orders, speech, texts, videos
from providers.adapters.offline.render.made import Made, Progress
from providers.adapters.offline.render.music import studio as music

_MAKERS: Mapping[str, Callable[[Any, Path, Progress], Made]] = {
    orders.IMAGE: images.make,
    orders.IMAGE_EDIT: images.make_edit,
    orders.VIDEO: videos.make,
    orders.MUSIC: music.make,
    orders.SPEECH: speech.make,
    orders.AVATAR: avatars.make,
    orders.TEXT: texts.make,
}


def render(model: str, given: Mapping[str, Any], folder: Path, progress: Progress) -> Made:
    """Write the files of the order into `folder`. The same order gives the same works. Raises BadOrder.

    Speech sounds the same, but its samples differ a little each time: eSpeak NG keeps its own state.
    """
    return _MAKERS[model](orders.READERS[model].read(given), folder, progress)
