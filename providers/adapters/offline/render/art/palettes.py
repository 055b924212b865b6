"""Hand-picked palettes, by light and mood, in variants; bent towards the colours that a prompt names."""

from dataclasses import dataclass, replace

import numpy as np

from providers.adapters.offline.render.art import colour
from providers.adapters.offline.render.art.colour import Array
from providers.adapters.offline.render.art.words import Reading


@dataclass(frozen=True, slots=True)
class Palette:
    """`sky` from the top down, `light` is the sun or moon, `haze` what far things fade to, `near` the nearest
    silhouettes, `accents` for small bright things."""

    sky: tuple[Array, ...]
    light: Array
    haze: Array
    near: Array
    accents: tuple[Array, ...]
    light_name: str = "day"

    @property
    def is_dark(self) -> bool:
        return colour.luminance(np.stack(self.sky)) < 0.52


def _palette(sky: str, light: str, haze: str, near: str, accents: str) -> Palette:
    return Palette(
        sky=tuple(colour.rgb(code) for code in sky.split()),
        light=colour.rgb(light),
        haze=colour.rgb(haze),
        near=colour.rgb(near),
        accents=tuple(colour.rgb(code) for code in accents.split()),
    )


_PALETTES: dict[str, tuple[Palette, ...]] = {
    "night": (
        _palette("#070b24 #12205a #2b4a8c #6f8fc4", "#fdf4d6", "#5273b4", "#050716", "#ffd98a #8fc7ff #f3b4c8 #b9a6ff"),
        _palette("#0a0a1f #221a52 #4c3485 #9a6bb0", "#fff1dc", "#6f55a0", "#08061a", "#ffcf7a #ff9ec4 #9ad8ff #d5b8ff"),
        _palette("#03141f #0a3447 #1f6470 #6fb3a6", "#f6f8df", "#3f8a8c", "#020d14", "#ffe09a #8df0d8 #ffb48f #a0c8ff"),
    ),
    "sunset": (
        _palette(
            "#2a1a5e #7a2f7d #e0566b #ff9d5c #ffd98e",
            "#fff0b8",
            "#f29a76",
            "#1d0f33",
            "#ffd166 #ff6b6b #c77dff #ffb4a2",
        ),
        _palette(
            "#14304f #3f5f86 #c98a8a #f7b267 #fbe3a0",
            "#fff6cf",
            "#e6ae8c",
            "#101a2c",
            "#f4845f #f7d08a #7cc6c3 #f25c54",
        ),
        _palette(
            "#3b0f4f #8f1d5e #e23e57 #ff7a4d #ffc15e",
            "#ffe9a8",
            "#ec6f62",
            "#1f0628",
            "#ffb703 #fb5607 #ff006e #ffd6a5",
        ),
    ),
    "dawn": (
        _palette(
            "#5a7bb5 #9fb4dc #e9c1cf #ffd9b8 #fff0cf",
            "#fffbe6",
            "#f0cdd0",
            "#2c3a5c",
            "#f28f8f #ffc48c #8fb8de #f7e1a0",
        ),
        _palette(
            "#3f6a8a #86aab8 #f0bfae #ffdcae #fff3d6",
            "#fffdf0",
            "#e9c4b4",
            "#233a47",
            "#ef8a80 #f2b880 #78b3a9 #ffe3a3",
        ),
    ),
    "day": (
        _palette("#2f7fd1 #69aee8 #a9d6f5 #e4f4fb", "#fffdf0", "#bcdcee", "#123a3f", "#ffca3a #ff595e #8ac926 #ffffff"),
        _palette("#3aa0c9 #7cc9dd #bfe6e4 #f3f7e4", "#fffbe0", "#b6dcd6", "#14433a", "#ff9f1c #e71d36 #2ec4b6 #fdfffc"),
    ),
    "winter": (
        _palette("#4f78a8 #8fb3d6 #c7dcec #eef5fa", "#fffaf0", "#d3e3f0", "#1f3550", "#e85d5d #ffffff #7fb7e6 #f2c879"),
        _palette("#2b3f73 #6a7fb8 #b7b6dc #f3d9e0", "#fff3ea", "#c3c3e0", "#1a2447", "#ffb5a7 #ffffff #9bc4f2 #f6d186"),
    ),
    "autumn": (
        _palette("#4a6a7c #9db0a5 #ecca8e #f5a25d", "#fff2c9", "#e3a873", "#3a1710", "#d62828 #f77f00 #fcbf49 #8a5a2b"),
        _palette("#5b4a5e #a97c73 #e8a86b #f9d48f", "#fff3cf", "#d99c6f", "#2d120f", "#e85d04 #ffba08 #9d0208 #dda15e"),
    ),
    "spring": (
        _palette("#6fb1de #a9d4ea #dcecdf #fdeef0", "#fffdf2", "#d6e6d8", "#2d4a35", "#ff8fab #ffc2d1 #8ac6a0 #ffe066"),
        _palette("#8fb8e6 #c6d4f2 #f6d9e8 #fff1e6", "#fffaf0", "#e9d5e4", "#3a3558", "#ff85a1 #fbb1bd #9bd1b4 #f9dc5c"),
    ),
    "fire": (
        _palette(
            "#12060b #3b0a12 #8e1a14 #e2571c #ffb037",
            "#ffe8a3",
            "#b23a1d",
            "#0d0304",
            "#ff7b00 #ffd000 #ff2e00 #fff3b0",
        ),
        _palette(
            "#1a0a1f #551032 #b3202c #f26a1b #ffc94d",
            "#fff0b5",
            "#c0402c",
            "#0f0410",
            "#ff9500 #ffdd00 #ff4d00 #ffe8c2",
        ),
    ),
    "storm": (
        _palette("#1b242f #38485a #66798a #a4b2b8", "#eef4f2", "#7e8f9c", "#0d141c", "#f2e9c9 #8fb8cf #c9d6df #e0a458"),
        _palette("#1d1f2e #3e3f5c #6f6d8e #b3a9b8", "#f6f0f6", "#837f9c", "#0e0f18", "#ffe8a3 #a9a3d6 #d9cfe0 #e08d79"),
    ),
    "mist": (
        _palette("#9fb1b5 #c0ccca #dfe3da #f4f1e6", "#fffef6", "#d5dcd6", "#2f4a4a", "#e0a96d #7a9e9f #b8d8d8 #ef8354"),
        _palette("#8a93a8 #b3b6c8 #d9d3db #f3e9e4", "#fff9f2", "#cfcad6", "#363a52", "#d98f8f #8d99ae #edc9b8 #c98686"),
    ),
    "neon": (
        _palette(
            "#0b0221 #2a0a5e #7b1fa2 #ff2e93 #ff9a5a",
            "#ffe66d",
            "#8e2bb8",
            "#080116",
            "#00f5ff #ff2bd6 #faff00 #7c4dff",
        ),
        _palette(
            "#020824 #062a5e #0b62a8 #19c3d6 #f74fb0",
            "#ffd1f2",
            "#1b6fae",
            "#020414",
            "#ff3cac #2bd2ff #f9f871 #9b5de5",
        ),
    ),
    "gold": (
        _palette(
            "#1c1408 #4a3413 #9a6f24 #dfb65a #fbe9b7",
            "#fff7dc",
            "#c79a4b",
            "#120c04",
            "#f7d774 #b8860b #fff1c1 #8c5a14",
        ),
        _palette(
            "#22302c #5a5a35 #b0893b #e8c56c #fdf0c8",
            "#fffbe6",
            "#cda75a",
            "#101a17",
            "#ffd700 #c9973b #fff4d0 #7a4f1d",
        ),
    ),
    "pastel": (
        _palette("#a7c7e7 #c9c9ee #f3d1dc #ffe5d4", "#fffdf5", "#e6d3e6", "#5a5480", "#ffadad #ffd6a5 #caffbf #bdb2ff"),
        _palette("#b5ead7 #d4ecdd #f5f0dc #ffdac1", "#fffef5", "#dfe8d5", "#55706d", "#ff9aa2 #ffb7b2 #b5c7ea #fff1a8"),
    ),
    "cosmic": (
        _palette("#04030f #0d0a2b #241152 #521b6e", "#fff2d8", "#3a2a7a", "#020108", "#ff7eb6 #7afcff #feff9c #b28dff"),
        _palette("#020811 #06203a #0e4a5f #1f7a72", "#f4ffe8", "#1f5e78", "#01040a", "#ffb86b #7dffcf #9ecbff #ffd6f0"),
        _palette("#0a0408 #2a0a22 #5c1638 #a23a3f", "#ffe9cf", "#6b2a4e", "#060204", "#ffb347 #ff6f91 #c9a0ff #fff1a6"),
    ),
    "desert": (
        _palette("#2f6f9f #7fb0bf #eac99a #f6a96a", "#fff4cf", "#efbf90", "#4a1f1a", "#c8553d #f28f3b #ffd5a1 #588b8b"),
        _palette("#3b2a5c #8a4a78 #e88a72 #ffc58a", "#fff0c2", "#eda184", "#3a1224", "#ef6f6c #ffb563 #ffe1a8 #6a4c93"),
    ),
}
_COLOUR_HUES = {
    "red": "#d62839", "orange": "#f3722c", "yellow": "#f9c74f", "green": "#43aa5b",
    "teal": "#2ab7b0", "blue": "#3a6fe0", "purple": "#8a4fd8", "pink": "#f06aa6",
}  # fmt: skip
_SCENE_LIGHTS = {
    "mountains": ("sunset", "dawn", "night", "day", "mist"),
    "sea": ("sunset", "dawn", "day", "night"),
    "forest": ("mist", "dawn", "autumn", "night", "sunset"),
    "city": ("night", "sunset", "neon", "dawn"),
    "space": ("cosmic",),
    "botanical": ("spring", "pastel", "autumn", "night", "gold", "day"),
    "desert": ("desert", "sunset"),
    "field": ("sunset", "day", "dawn"),
    "geometric": ("sunset", "day", "autumn", "pastel", "neon", "winter", "gold"),
    "flow": ("cosmic", "neon", "sunset", "pastel", "night", "fire", "gold"),
}


def choose(reading: Reading, scene: str, rng: np.random.Generator) -> Palette:
    """The palette for a scene: by the light that the words name, or one of those that suit the scene."""
    fitting = _SCENE_LIGHTS[scene]
    named = tuple(light for light in reading.lights if light in _PALETTES)
    if not named and "aurora" in reading.subjects:
        named = ("night",)
    name = named[0] if named else fitting[int(rng.integers(len(fitting)))]
    if scene == "space" and name in {"night", "day"}:
        name = "cosmic"
    if scene == "desert" and name == "day":
        name = "desert"
    variants = _PALETTES[name]
    palette = replace(variants[int(rng.integers(len(variants)))], light_name=name)
    palette = _turned(palette, float(rng.normal(0.0, 5.0)))
    return _towards(palette, reading.colours) if reading.colours else palette


def _turned(palette: Palette, degrees: float) -> Palette:
    return replace(
        palette,
        sky=tuple(colour.turn(one, degrees) for one in palette.sky),
        haze=colour.turn(palette.haze, degrees),
        near=colour.turn(palette.near, degrees),
    )


def _towards(palette: Palette, names: tuple[str, ...]) -> Palette:
    """Keep every lightness, take the hues of the named colours."""
    wanted = [colour.to_lab(colour.rgb(_COLOUR_HUES[name])) for name in names]

    def bent(one: Array, target: Array, share: float) -> Array:
        lab = colour.to_lab(one).copy()
        lab[..., 1:] = lab[..., 1:] * (1 - share) + target[1:] * share * (
            0.55 + 0.5 * min(1.0, float(lab[..., 0]) * 1.2)
        )
        return colour.from_lab(lab)

    count = len(palette.sky)
    return replace(
        palette,
        sky=tuple(bent(one, wanted[at * len(wanted) // count], 0.75) for at, one in enumerate(palette.sky)),
        haze=bent(palette.haze, wanted[-1], 0.7),
        near=bent(palette.near, wanted[0], 0.6),
        accents=tuple(colour.rgb(_COLOUR_HUES[name]) for name in names) + palette.accents,
    )
