"""The page of an imitated provider: sign in as one of the known people, or refuse."""

from html import escape

from accounts.fakes.people import EVERYBODY, Person

_WORDS = {
    "ru": {
        "title": "Вход через {name}",
        "imitation": "Это имитация {name} на вашем компьютере: настоящий {name} ничего не узнает.",
        "as": "Войти как {person}",
        "refuse": "Отказаться",
    },
    "en": {
        "title": "Sign in with {name}",
        "imitation": "This is an imitation of {name} on your machine: the real {name} learns nothing.",
        "as": "Sign in as {person}",
        "refuse": "Refuse",
    },
}
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText;color-scheme:light dark;display:grid;
place-items:center;min-height:90vh;margin:0;padding:16px}
main{max-width:22rem;width:100%}
button{font:inherit;width:100%;padding:12px 16px;margin-block:6px;border:1px solid GrayText;border-radius:6px;
background:ButtonFace;color:ButtonText;cursor:pointer;text-align:start}
"""


def render(name: str, language: str, fields: dict[str, str], action: str) -> str:
    """The form posts `fields` and either `person` or `refuse` to `action`."""
    words = _WORDS[language]
    hidden = "".join(
        f'<input type="hidden" name="{escape(key)}" value="{escape(value)}">' for key, value in fields.items()
    )
    people = "".join(_button("person", one.key, words["as"].format(person=_shown(one))) for one in EVERYBODY.values())
    title = escape(words["title"].format(name=name))
    return f"""<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><style>{_STYLE}</style></head><body><main>
<h1>{title}</h1><p>{escape(words["imitation"].format(name=name))}</p>
<form method="post" action="{escape(action)}">{hidden}{people}{_button("refuse", "1", words["refuse"])}</form>
</main></body></html>"""


def _button(name: str, value: str, label: str) -> str:
    return f'<button type="submit" name="{name}" value="{value}">{escape(label)}</button>'


def _shown(person: Person) -> str:
    return f"{person.first_name} ({person.email})" if person.email else person.first_name
