"""From an order to files: picks the maker of the model and runs it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from providers.adapters.offline.render import images
from providers.adapters.offline.render.made import Made, Progress
from providers.adapters.offline.render.orders import IMAGE, READERS

_MAKERS: Mapping[str, Callable[[Any, Path, Progress], Made]] = {
    IMAGE: images.make,
}


def render(model: str, given: Mapping[str, Any], folder: Path, progress: Progress) -> Made:
    """Write the files of the order into `folder`. The same order gives the same files. Raises BadOrder."""
    return _MAKERS[model](READERS[model].read(given), folder, progress)
