"""Pictures: real files that follow from the words, the seed and the size, and say what they are."""

import numpy as np
import pytest
from PIL import Image

from providers.adapters.offline.render import labels
from providers.adapters.offline.render.art import painter, words
from providers.adapters.offline.render.orders import BadOrder, check_order


def opened(path):
    with Image.open(path) as picture:
        return picture.convert("RGB")


def pixels(path):
    return np.asarray(opened(path), dtype=np.int16)


def difference(one, two):
    return np.abs(pixels(one) - pixels(two)).mean()


@pytest.mark.parametrize(("kind", "name"), [("png", "PNG"), ("webp", "WEBP"), ("jpeg", "JPEG"), ("jpg", "JPEG")])
def test_every_format_is_what_it_says(render, kind, name):
    (path,) = render("demo-image", prompt="лес", size=256, output_format=kind)
    with Image.open(path) as picture:
        assert (picture.format, picture.size) == (name, (256, 256))


@pytest.mark.parametrize(
    ("ratio", "size"), [("1:1", (512, 512)), ("16:9", (512, 288)), ("9:16", (288, 512)), ("3:4", (384, 512))]
)
def test_the_size_follows_the_ratio(render, ratio, size):
    (path,) = render("demo-image", prompt="sea", size="512", aspect_ratio=ratio)
    assert opened(path).size == size


@pytest.mark.parametrize(
    "prompt",
    [
        "горы",
        "море и маяк",
        "лес, олень",
        "ночной город",
        "space rocket",
        "букет цветов",
        "пустыня",
        "поле, воздушные шары",
        "геометрический узор",
        "абстрактный поток",
    ],
)
def test_every_scene_is_painted_and_none_is_flat(render, prompt):
    (path,) = render("demo-image", prompt=prompt, size=256)
    assert pixels(path).std() > 20


def test_the_same_order_gives_the_same_bytes(render):
    order = {"prompt": "осенний лес", "seed": 5, "size": 256}
    first, second = render("demo-image", **order), render("demo-image", **order)
    assert first[0].read_bytes() == second[0].read_bytes()


@pytest.mark.parametrize("change", [{"seed": 6}, {"prompt": "зимний лес"}])
def test_another_seed_or_prompt_gives_another_picture(render, change):
    order = {"prompt": "осенний лес", "seed": 5, "size": 256}
    first, second = render("demo-image", **order), render("demo-image", **{**order, **change})
    assert difference(first[0], second[0]) > 3


def test_night_is_darker_than_day(render):
    night, day = (
        render("demo-image", prompt="море ночью", size=256),
        render("demo-image", prompt="sea on a sunny day", size=256),
    )
    assert pixels(night[0]).mean() + 30 < pixels(day[0]).mean()


@pytest.mark.parametrize(
    ("prompt", "scene"),
    [
        ("горы", "mountains"),
        ("Город", "city"),
        ("a quiet ocean", "sea"),
        ("зимний лес", "forest"),
        ("галактика", "space"),
        ("rocket", "space"),
        ("лодка", "sea"),
        ("букет роз", "botanical"),
        ("dunes", "desert"),
    ],
)
def test_words_choose_the_scene_in_both_languages(prompt, scene):
    assert painter.paint(prompt, "", 1, (64, 64)).scene == scene


def test_a_longer_word_wins_over_its_beginning():
    assert words.read("город").scenes == ("city",)
    assert words.read("мороз").lights == ("winter",)
    assert words.read("листопад").subjects == ()


@pytest.mark.parametrize("prompt", ["лес", "forest"])
def test_every_picture_carries_the_mark(render, prompt):
    (path,) = render("demo-image", prompt=prompt, size=512)
    with Image.open(path) as picture:
        assert picture.info["Description"] == labels.comment(prompt)
    marked = opened(path)
    plain = painter.paint(prompt, "", painter_seed(prompt), (512, 512)).image()
    box = labels.box((512, 512), labels.text(prompt))
    assert np.abs(np.asarray(marked.crop(box), dtype=int) - np.asarray(plain.crop(box), dtype=int)).mean() > 15
    above = (0, 0, 512, box[1] - 1)
    assert marked.crop(above).tobytes() == plain.crop(above).tobytes()


def painter_seed(prompt):
    from providers.adapters.offline.render.orders import ImageOrder

    return ImageOrder.read({"prompt": prompt}).seed


def test_the_mark_speaks_the_language_of_the_prompt():
    assert labels.text("ночное море").startswith("Демонстрация")
    assert labels.text("night sea").startswith("Demonstration")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"prompt": " "},
        {"prompt": "x", "size": 4096},
        {"prompt": "x", "count": 5},
        {"prompt": "x", "output_format": "svg"},
        {"prompt": "x", "aspect_ratio": "9:1"},
        {"prompt": "x", "aspect_ratio": "0:1"},
        {"prompt": "x", "aspect_ratio": "1:0"},
    ],
)
def test_wrong_orders_are_refused(wrong):
    with pytest.raises(BadOrder):
        check_order("demo-image", wrong)


def corner(path, x, y):
    return opened(path).getpixel((x, y))


def edited(render, photo, prompt, **more):
    return render("demo-image-edit", prompt=prompt, image=photo, **more)[0]


def test_edits_work_on_the_real_pixels(render, photo):
    red, green, blue = corner(edited(render, photo, "black and white"), 20, 20)
    assert red == green == blue
    assert corner(edited(render, photo, "отрази по горизонтали"), 20, 20) == (30, 200, 60)
    assert corner(edited(render, photo, "invert"), 20, 20) == (35, 225, 225)
    assert (
        sum(corner(edited(render, photo, "темнее"), 20, 20))
        < 220
        < 280
        < sum(corner(edited(render, photo, "brighter"), 20, 20))
    )
    warm, cold = corner(edited(render, photo, "теплее"), 60, 120), corner(edited(render, photo, "colder"), 60, 120)
    assert warm[2] < 220 < cold[2]


def test_several_edits_are_done_together(render, photo):
    path = edited(render, photo, "чёрно-белое, и отрази зеркально")
    red, green, blue = corner(path, 20, 20)
    assert red == green == blue
    assert corner(path, 20, 20) != corner(edited(render, photo, "чёрно-белое"), 20, 20)


def test_a_crop_gives_the_ratio(render, photo):
    assert opened(edited(render, photo, "обрежь до 1:1")).size == (160, 160)
    assert opened(edited(render, photo, "", aspect_ratio="1:1")).size == (160, 160)


def test_a_caption_is_written_into_the_picture(render, photo):
    with_caption = pixels(edited(render, photo, "добавь подпись «Лето 2026»"))
    without = pixels(edited(render, photo, "обрежь до 3:2"))
    assert np.abs(with_caption - without)[110:150, 40:200].mean() > 8
    assert np.abs(with_caption - without)[:60].max() == 0


@pytest.mark.parametrize(
    "prompt",
    [
        "сепия",
        "blur the background",
        "posterise",
        "карандашный набросок",
        "pixelate",
        "акварель",
        "vintage film",
        "сделай красиво",
        "",
    ],
)
def test_every_other_edit_changes_the_picture_and_keeps_its_size(render, photo, prompt):
    path = edited(render, photo, prompt)
    assert opened(path).size == (240, 160)
    assert difference(path, photo["path"]) > 1


def test_what_is_no_picture_is_refused(render, tmp_path):
    path = tmp_path / "fake.png"
    path.write_bytes(b"<html>not a picture</html>")
    with pytest.raises(BadOrder):
        render("demo-image-edit", prompt="warm", image={"path": str(path), "name": "fake.png", "mime": "image/png"})
