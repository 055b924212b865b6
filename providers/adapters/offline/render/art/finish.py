"""The last touch: vignette, a little contrast, film grain; then eight bits."""

import numpy as np

from providers.adapters.offline.render.art.canvas import resized
from providers.adapters.offline.render.art.colour import Array


def bits(picture: Array, rng: np.random.Generator, *, grain: float = 0.016, vignette: float = 0.22) -> np.ndarray:
    """The finished picture as bytes. Grain also hides the steps of smooth gradients."""
    rows, columns = picture.shape[:2]
    down = np.linspace(-1, 1, rows, dtype=np.float32)[:, None]
    across = np.linspace(-1, 1, columns, dtype=np.float32)[None, :]
    fall = 1 - vignette * np.clip((down**2 + across**2) / 2, 0, 1) ** 1.6
    tone = np.clip(picture, 0, 1)
    tone += (tone * tone * (3 - 2 * tone) - tone) * np.float32(0.22)
    scale = max(1.0, min(rows, columns) / 1024)
    grains = rng.standard_normal((int(rows / scale), int(columns / scale)), dtype=np.float32)
    if grains.shape != (rows, columns):
        grains = resized(grains, rows, columns)
    tone *= fall[..., None]
    tone += grains[..., None] * np.float32(grain)
    np.clip(tone, 0, 1, out=tone)
    tone *= 255
    tone += np.float32(0.5)
    return tone.astype(np.uint8)
