"""Image files: paintings of a prompt, and edits of an uploaded picture."""

from pathlib import Path

from PIL import Image, ImageEnhance

from providers.adapters.offline.render import edits, labels, pictures
from providers.adapters.offline.render.art import painter
from providers.adapters.offline.render.made import Made, MadeFile, Progress
from providers.adapters.offline.render.orders import EditOrder, ImageOrder


def make(order: ImageOrder, folder: Path, progress: Progress) -> Made:
    """`count` paintings of the prompt, each of its own seed."""
    files = []
    for number in range(order.count):
        progress(number / order.count, "painting")
        image = painter.paint(order.prompt, order.style, order.seed + number, order.size).image()
        labels.put_on(image, labels.text(order.prompt))
        files.append(save(image, folder, f"image-{number + 1}", order.format, order.prompt))
    return Made(tuple(files), order.seed)


def make_edit(order: EditOrder, folder: Path, progress: Progress) -> Made:
    """The uploaded picture, edited as the words say. Further copies are graded a little differently."""
    source = pictures.limited(pictures.load(order.image.path), order.long_side)
    files = []
    for number in range(order.count):
        progress(number / order.count, "editing")
        image = edits.apply(order.prompt, source, order.ratio)
        if number:
            image = ImageEnhance.Color(image).enhance(1 + 0.25 * number * (-1) ** (number + order.seed))
        labels.put_on(image, labels.text(order.prompt))
        files.append(save(image, folder, f"image-{number + 1}", order.format, order.prompt))
    return Made(tuple(files), order.seed)


def save(image: Image.Image, folder: Path, stem: str, kind: str, prompt: str) -> MadeFile:
    """Write the picture as png, webp or jpeg, with the mark's sentence as its description."""
    name = f"{stem}.{'jpg' if kind == 'jpeg' else kind}"
    comment = labels.comment(prompt)
    path = folder / name
    match kind:
        case "png":
            from PIL.PngImagePlugin import PngInfo

            description = PngInfo()
            description.add_itxt("Description", comment)
            image.save(path, "PNG", pnginfo=description, compress_level=4)
        case "webp":
            image.save(path, "WEBP", quality=90, method=3, exif=_described(comment))
        case _:
            image.save(path, "JPEG", quality=92, subsampling=0, optimize=True, exif=_described(comment))
    return MadeFile(name, "image", f"image/{kind}")


def _described(comment: str) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = comment.encode().decode("latin-1")
    return exif
