"""The mark that every demonstration work carries, in the language of its prompt."""

from PIL import Image, ImageDraw

from providers.adapters.offline.render import fonts, language

_TEXTS = {"ru": "Демонстрация · NeuralBox", "en": "Demonstration · NeuralBox"}
_COMMENTS = {
    "ru": "Демонстрация NeuralBox: сделано программой на этом компьютере, без нейросети.",
    "en": "NeuralBox demonstration: made by a program on this computer, not by an AI model.",
}


def text(prompt: str) -> str:
    """A few words, for a picture."""
    return _TEXTS[language.of(prompt)]


def comment(prompt: str) -> str:
    """A sentence, for the metadata of a file and for texts."""
    return _COMMENTS[language.of(prompt)]


def box(size: tuple[int, int], label: str) -> tuple[int, int, int, int]:
    """Where the mark stands in a picture of that size: left, top, right, bottom."""
    wide, high = size
    height = max(16, round(min(size) * 0.034))
    font = fonts.regular(round(height * 0.58))
    width = round(font.getlength(label)) + height
    margin = max(6, round(height * 0.55))
    return wide - margin - width, high - margin - height, wide - margin, high - margin


def mark(size: tuple[int, int], label: str) -> Image.Image:
    """The mark alone, on a transparent picture as large as its box."""
    left, top, right, bottom = box(size, label)
    width, height = right - left, bottom - top
    shape = Image.new("L", (width * 4, height * 4))
    ImageDraw.Draw(shape).rounded_rectangle((0, 0, width * 4 - 1, height * 4 - 1), radius=height * 2, fill=118)
    pill = Image.new("RGBA", (width, height), (12, 14, 22, 0))
    pill.putalpha(shape.resize((width, height), Image.Resampling.LANCZOS))
    font = fonts.regular(round(height * 0.58))
    ImageDraw.Draw(pill).text((width / 2, height / 2), label, font=font, fill=(255, 255, 255, 232), anchor="mm")
    return pill


def put_on(image: Image.Image, label: str) -> None:
    """Draw the mark into the lower right corner of an RGB picture."""
    pill = mark(image.size, label)
    left, top, _right, _bottom = box(image.size, label)
    image.paste(pill, (left, top), pill)
