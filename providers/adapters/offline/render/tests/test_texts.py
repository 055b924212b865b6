"""Texts by rules, in the language of the prompt, that say what they are."""

import pytest

from providers.adapters.offline.render import labels


def text_of(render, prompt, **more):
    (path,) = render("demo-text", prompt=prompt, **more)
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("Составь план запуска кофейни", "# План"),
        ("Напиши стихотворение про осень", "# Стихотворение"),
        ("Придумай слоган для кофейни", "# Варианты слогана"),
        ("A plan for a garden", "# A plan"),
        ("poem about rivers", "# A poem"),
    ],
)
def test_the_kind_follows_from_the_words(render, prompt, title):
    text = text_of(render, prompt)
    assert text.startswith(title)
    assert labels.comment(prompt) in text
    assert len(text) > 150


def test_the_text_is_about_the_prompt(render):
    assert "кофейни" in text_of(render, "Составь план запуска кофейни у вокзала")


def test_a_summary_keeps_sentences_of_the_source(render):
    source = (
        "Кратко: "
        + " ".join(f"Предложение номер {n} говорит о реке и мосте." for n in range(9))
        + " Погода была ясной."
    )
    text = text_of(render, source)
    kept = [line for line in text.splitlines() if line.startswith("- ")]
    assert 1 <= len(kept) <= 5
    assert all(line[2:] in source for line in kept)


def test_the_same_order_gives_the_same_text(render):
    assert text_of(render, "слоган для сада", seed=1) == text_of(render, "слоган для сада", seed=1)


def test_plain_text_can_be_ordered(render):
    (path,) = render("demo-text", prompt="план", output_format="txt")
    assert path.suffix == ".txt"


@pytest.mark.parametrize("prompt", ["{0}", "{", "%s {x!r}", "«»", "a" * 5000, "🙂"])
def test_odd_prompts_are_no_trouble(render, prompt):
    assert labels.comment(prompt) in text_of(render, prompt)
