from pathlib import Path

import pytest

from providers.adapters.offline.render import studio
from providers.adapters.offline.render.made import Made


@pytest.fixture
def render(tmp_path):
    """Renders an order into a fresh folder; gives the paths of the files."""
    made_so_far = []

    def run(model: str, **given) -> list[Path]:
        folder = tmp_path / str(len(made_so_far))
        folder.mkdir()
        told = []
        made: Made = studio.render(model, given, folder, lambda share, stage: told.append((share, stage)))
        made_so_far.append(made)
        assert told
        assert all(0 <= share < 1 and stage for share, stage in told)
        assert [share for share, _stage in told] == sorted(share for share, _stage in told)
        return [folder / one.name for one in made.files]

    return run


@pytest.fixture
def photo(tmp_path):
    """A picture with four different corners, as an input file."""
    from PIL import Image

    picture = Image.new("RGB", (240, 160), (128, 128, 128))
    for place, tone in (
        ((0, 0), (220, 30, 30)),
        ((120, 0), (30, 200, 60)),
        ((0, 80), (40, 60, 220)),
        ((120, 80), (240, 220, 40)),
    ):
        picture.paste(tone, (*place, place[0] + 120, place[1] + 80))
    path = tmp_path / "photo.png"
    picture.save(path)
    return {"path": str(path), "name": "photo.png", "mime": "image/png"}
