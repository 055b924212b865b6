"""Small texts by rules: a summary, a poem, slogans or a plan, in the language of the prompt."""

import random
import re
from collections import Counter
from pathlib import Path

from providers.adapters.offline.render import labels, language
from providers.adapters.offline.render.made import Made, MadeFile, Progress
from providers.adapters.offline.render.orders import TextOrder

_KINDS = {
    "summary": r"кратк|пересказ|перескаж|сократ|резюм|summar|shorten|tl;?dr|brief",
    "poem": r"стих|поэм|рифм|хайку|poem|verse|rhyme|haiku",
    "slogan": r"слоган|девиз|реклам|назван|slogan|tagline|motto|advert|headline",
}
_LONG_TEXT = 400
_STOP_WORDS = frozenset(
    """
    и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по только ее мне было вот от меня
    еще нет о изему теперь когда даже ну вдруг ли если уже или ни быть был него до вас нибудь для при про об это
    этот эта эти напиши сделайсоставь придумай текст стихотворение стих план слоган кратко перескажи the a an and or
    of to in on for with by from at is arewas were be it this that as i you we they he she his her its write make
    create about please text poem plan slogan summary memy our your some short summarize into
    """.split()  # noqa: SIM905
)
_POEM = {
    "ru": (
        (
            "Под небом слово «{0}» живёт,",
            "И слово «{1}» вдаль зовёт,",
            "Я слышу: время не торопит,",
            "А просто песню нам поёт.",
        ),
        (
            "Есть в слове «{0}» свет окна,",
            "Есть в слове «{1}» тишина,",
            "И между ними, как дорога,",
            "Лежит полночная луна.",
        ),
        (
            "Пусть слово «{0}» летит к нам,",
            "Как лёгкий ветер по волнам,",
            "И слово «{1}», луч рассвета,",
            "Пройдёт по сонным берегам.",
        ),
    ),
    "en": (
        (
            "Where {0} wakes before the light,",
            "And {1} hums against the night,",
            "The hours forget to hurry onward,",
            "And everything comes into sight.",
        ),
        (
            "There is a lamp inside of {0},",
            "There is a road that {1} knows,",
            "And in between them, soft as morning,",
            "A slow and silver river flows.",
        ),
        (
            "Let {0} be nearer than before,",
            "A quiet wave upon the shore,",
            "And {1}, the warmth behind the window,",
            "Be there and gently ask for more.",
        ),
    ),
}
_SLOGANS = {
    "ru": (
        "{0}. Проще, чем кажется.",
        "{0}: начните с малого.",
        "Там, где «{0}» встречает «{1}».",
        "«{0}» и «{1}». Больше ничего лишнего.",
        "Всё о том, что важно: {0}.",
        "{0}. Сегодня, а не завтра.",
    ),
    "en": (
        "{0}. Simpler than you think.",
        "{0}: start small.",
        "Where {0} meets {1}.",
        "{0} and {1}. Nothing else in the way.",
        "All that matters: {0}.",
        "{0}. Today, not tomorrow.",
    ),
}
_PLAN = {
    "ru": (
        (
            "Зачем",
            (
                "Какую задачу решает «{0}»",
                "Кому это нужно прежде всего и как они узнают, что стало лучше",
                "Что останется за рамками",
            ),
        ),
        (
            "Что уже есть",
            (
                "Что известно про «{0}» и «{1}»",
                "Чужой опыт: два-три примера, которые стоит разобрать",
                "Чего не хватает, чтобы начать",
            ),
        ),
        (
            "Первые шаги",
            (
                "Самая маленькая проверка, которую можно сделать за день",
                "Кто отвечает за «{1}»",
                "Когда вернуться к плану",
            ),
        ),
        ("Риски", ("Что может пойти не так с «{0}»", "Признак, по которому это станет видно заранее", "Запасной путь")),
        (
            "Как поймём, что готово",
            ("Один показатель, который изменится", "Дата проверки", "Что рассказать другим по итогам"),
        ),
    ),
    "en": (
        (
            "Why",
            (
                "The problem that {0} should solve",
                "Who needs it first, and how they will notice the change",
                "What stays out of scope",
            ),
        ),
        (
            "What is known",
            (
                "What is known about {0} and {1}",
                "Two or three examples of others worth studying",
                "What is missing to begin",
            ),
        ),
        (
            "First steps",
            ("The smallest trial that fits into a day", "Who looks after {1}", "When to look at the plan again"),
        ),
        ("Risks", ("What may go wrong with {0}", "The sign that would show it early", "The fallback")),
        (
            "How we know it is done",
            ("One figure that will change", "The date of the check", "What to tell others afterwards"),
        ),
    ),
}
_TITLES = {
    "ru": {"summary": "Кратко", "poem": "Стихотворение", "slogan": "Варианты слогана", "plan": "План"},
    "en": {"summary": "In short", "poem": "A poem", "slogan": "Slogans", "plan": "A plan"},
}


def make(order: TextOrder, folder: Path, progress: Progress) -> Made:
    progress(0.2, "writing")
    name = f"text-1.{order.format}"
    (folder / name).write_text(write(order), encoding="utf-8")
    mime = "text/markdown" if order.format == "md" else "text/plain"
    return Made((MadeFile(name, "text", f"{mime}; charset=utf-8"),), order.seed)


def write(order: TextOrder) -> str:
    """The text, ending with the mark of a demonstration."""
    spoken = language.of(order.prompt)
    wanted = f"{order.style} {order.prompt}".lower()
    kind = next((name for name, pattern in _KINDS.items() if re.search(pattern, wanted)), "")
    kind = kind or ("summary" if len(order.prompt) > _LONG_TEXT else "plan")
    choice = random.Random(f"{order.seed}:{order.prompt}")  # noqa: S311 - a choice of wording, no secret
    topics = _topics(order.prompt, spoken)
    body = {"summary": _summary, "poem": _poem, "slogan": _slogans, "plan": _plan}[kind](
        order.prompt, topics, spoken, choice
    )
    return f"# {_TITLES[spoken][kind]}: {', '.join(topics[:3])}\n\n{body}\n\n---\n\n_{labels.comment(order.prompt)}_\n"


def _topics(prompt: str, spoken: str) -> list[str]:
    """The words that carry the prompt, most frequent first; at least two."""
    words = [word for word in re.findall(r"[A-Za-zА-Яа-яЁё]{3,}", prompt) if word.lower() not in _STOP_WORDS]
    counted = Counter(word.lower() for word in words)
    found = [word for word, _count in counted.most_common(6)]
    return [*found, *({"ru": ["начало", "дорога"], "en": ["beginning", "journey"]}[spoken])][: max(2, len(found))]


def _summary(prompt: str, topics: list[str], spoken: str, choice: random.Random) -> str:
    """The sentences that hold most of the frequent words, in their own order."""
    body = re.sub(r"^[^:\n]{0,60}:\s*", "", prompt, count=1)
    sentences = [one.strip() for one in re.split(r"(?<=[.!?…])\s+|\n+", body) if len(one.strip()) > 2]
    scored = [
        (sum(word in one.lower() for word in topics) / (len(one.split()) + 8) ** 0.5, -at)
        for at, one in enumerate(sentences)
    ]
    best = sorted(-at for _score, at in sorted(scored, reverse=True)[: max(1, min(5, (len(sentences) + 2) // 3))])
    return "\n".join(f"- {sentences[at]}" for at in best) or prompt


def _poem(prompt: str, topics: list[str], spoken: str, choice: random.Random) -> str:
    verses = choice.sample(_POEM[spoken], 3)
    pairs = [(topics[at % len(topics)], topics[(at + 1) % len(topics)]) for at in range(3)]
    return "\n\n".join(
        "  \n".join(line.format(*pair) for line in verse) for verse, pair in zip(verses, pairs, strict=True)
    )


def _slogans(prompt: str, topics: list[str], spoken: str, choice: random.Random) -> str:
    lines = choice.sample(_SLOGANS[spoken], 5)
    filled = [line.format(*choice.sample(topics, 2)) for line in lines]
    return "\n".join(f"{number}. {_capital(line)}" for number, line in enumerate(filled, start=1))


def _capital(line: str) -> str:
    return line[0].upper() + line[1:]


def _plan(prompt: str, topics: list[str], spoken: str, choice: random.Random) -> str:
    first, second = topics[0], topics[1]
    parts = []
    for number, (title, points) in enumerate(_PLAN[spoken], start=1):
        lines = "\n".join(f"- {point.format(first, second)}" for point in points)
        parts.append(f"## {number}. {title}\n\n{lines}")
    return f"> {' '.join(prompt.split())[:400]}\n\n" + "\n\n".join(parts)
