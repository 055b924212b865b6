"""Colours: hex texts, OKLab mixing, hue turning. Arrays are float32 sRGB from 0 to 1, last axis R, G, B."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    dtype=np.float32,
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    dtype=np.float32,
)
_FROM_LAB = np.linalg.inv(_TO_LAB).astype(np.float32)
_FROM_LMS = np.linalg.inv(_TO_LMS).astype(np.float32)


def rgb(code: str) -> Array:
    """`"#ff8800"` as three numbers."""
    return np.array([int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)], dtype=np.float32)


def _linear(srgb: Array) -> Array:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((np.maximum(srgb, 0.0) + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _gamma(linear: Array) -> Array:
    clipped = np.clip(linear, 0.0, 1.0)
    return np.where(clipped <= 0.0031308, clipped * 12.92, 1.055 * clipped ** (1 / 2.4) - 0.055).astype(np.float32)


def to_lab(srgb: Array) -> Array:
    return (np.cbrt(_linear(srgb) @ _TO_LMS.T) @ _TO_LAB.T).astype(np.float32)


def from_lab(lab: Array) -> Array:
    return _gamma(((lab @ _FROM_LAB.T) ** 3) @ _FROM_LMS.T)


def mix(first: Array, second: Array, share: float | Array) -> Array:
    """Between two colours, evenly to the eye."""
    start, end = to_lab(np.asarray(first)), to_lab(np.asarray(second))
    part = np.asarray(share, dtype=np.float32)[..., None] if np.ndim(share) else np.float32(share)
    return from_lab(start + (end - start) * part)


def gradient(stops: Sequence[Array], positions: Array) -> Array:
    """The colours at `positions` (0 to 1) of an even ramp through `stops`."""
    labs = to_lab(np.stack(list(stops)))
    knots = np.linspace(0.0, 1.0, len(stops))
    eased = np.clip(positions, 0.0, 1.0)
    return from_lab(np.stack([np.interp(eased, knots, labs[:, axis]) for axis in range(3)], axis=-1).astype(np.float32))


def turn(colour: Array, degrees: float) -> Array:
    """The colour with its hue turned."""
    lab = to_lab(colour)
    angle = np.deg2rad(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    turned = np.stack([lab[..., 0], lab[..., 1] * cos - lab[..., 2] * sin, lab[..., 1] * sin + lab[..., 2] * cos], -1)
    return from_lab(turned.astype(np.float32))


def lighter(colour: Array, by: float) -> Array:
    """The colour with `by` added to its lightness (0 to 1); negative is darker."""
    lab = to_lab(colour).copy()
    lab[..., 0] = np.clip(lab[..., 0] + by, 0.0, 1.0)
    return from_lab(lab)


def luminance(colour: Array) -> float:
    """The perceived lightness, 0 to 1."""
    return float(np.mean(to_lab(colour)[..., 0]))
