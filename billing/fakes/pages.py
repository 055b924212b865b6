"""The payment page of the stand-ins, in Russian and English. No script; it says plainly that nothing is charged."""

from collections.abc import Iterable
from decimal import Decimal
from html import escape

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
_SIGNS = {"RUB": "₽", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}

_WHOLE_UNITS = frozenset({"JPY"})
_TEXTS = {
    "ru": {
        "title": "Страница оплаты",
        "demo": "Имитация платёжной системы на вашем компьютере: деньги не списываются, карта не нужна.",
        "to_pay": "К оплате",
        "order": "Заказ",
        "status": "Состояние",
        "pay": "Оплатить",
        "decline": "Отказ банка",
        "twice": "Оплатить и уведомить дважды",
        "late": "Оплатить, уведомление потеряется",
        "expire": "Время вышло",
        "part": "Заплатить половину",
        "more": "Заплатить больше",
        "dispute": "Оспорить платёж",
        "win": "Спор решён в пользу продавца",
        "lose": "Спор решён в пользу плательщика",
        "give_back": "Вернуть всё из кабинета",
        "back": "Вернуться на сайт",
        "choose": "Чем закончится оплата",
        "other": "English",
        "parties": "Имитации платёжных систем",
    },
    "en": {
        "title": "Payment page",
        "demo": "A stand-in for a payment system, on your own machine. Nothing is charged and no card is needed.",
        "to_pay": "To pay",
        "order": "Order",
        "status": "State",
        "pay": "Pay",
        "decline": "Decline",
        "twice": "Pay and notify twice",
        "late": "Pay, and lose the notification",
        "expire": "Let it expire",
        "part": "Pay one half",
        "more": "Pay more than asked",
        "dispute": "Dispute the payment",
        "win": "The dispute is won",
        "lose": "The dispute is lost",
        "give_back": "Give all back from the cabinet",
        "back": "Back to the site",
        "choose": "How it ends",
        "other": "Русский",
        "parties": "Stand-ins for payment systems",
    },
}
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; --line: #8884; --strong: #3b5bdb }
body { margin: 0; display: grid; min-height: 100vh; place-items: center; background: Canvas; color: CanvasText }
main { box-sizing: border-box; width: min(27rem, 100vw); padding: 1.5rem }
header { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem }
h1 { font-size: 1.125rem; margin: 0 } h2 { font-size: .875rem; margin: 1.75rem 0 .5rem; opacity: .75 }
.sum { font-size: 2.25rem; font-weight: 650; letter-spacing: -.02em; margin: 1.25rem 0 0;
  font-variant-numeric: tabular-nums }
.note { border: 1px solid var(--line); border-radius: .75rem; padding: .75rem 1rem; margin: 1.25rem 0;
  font-size: .875rem }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; margin: 1rem 0 0; font-size: .875rem }
dt { opacity: .7 } dd { margin: 0; overflow-wrap: anywhere }
form { display: grid; gap: .5rem }
button { font: inherit; padding: .7rem 1rem; border-radius: .75rem; border: 1px solid var(--line);
  cursor: pointer; background: transparent; color: inherit; min-height: 2.75rem }
button.main { background: var(--strong); border-color: var(--strong); color: #fff; font-weight: 600 }
button:focus-visible, a:focus-visible { outline: 3px solid #74c0fc; outline-offset: 2px }
a { color: inherit } .back { margin-top: 1.5rem; text-align: center }
"""


def payment_page(
    *,
    party: str,
    language: str,
    amount: Decimal,
    currency: str,
    description: str,
    reference: str,
    status: str,
    actions: Iterable[str],
    back_url: str,
    own_address: str,
) -> str:
    """The page with a button per action; the form is sent to the page's own address."""
    language = language if language in _TEXTS else "en"
    texts = _TEXTS[language]
    other = "en" if language == "ru" else "ru"
    buttons = "".join(
        f'<button name="action" value="{escape(action)}"{_main(action)}>{escape(texts[action])}</button>'
        for action in actions
    )
    choices = f'<h2>{texts["choose"]}</h2><form method="post">{buttons}</form>' if buttons else ""
    back = f'<p class="back"><a href="{escape(back_url)}">{texts["back"]}</a></p>' if back_url else ""
    return _document(
        language,
        f"{texts['title']} · {party}",
        f"""<header><h1>{escape(party)}</h1>
<a href="{escape(own_address)}?lang={other}" lang="{other}">{texts["other"]}</a></header>
<p class="sum">{escape(shown(amount, currency, language))}</p><p>{escape(description)}</p>
<dl><dt>{texts["order"]}</dt><dd>{escape(reference)}</dd><dt>{texts["status"]}</dt><dd>{escape(status)}</dd></dl>
<p class="note">{texts["demo"]}</p>{choices}{back}""",
    )


def index(parties: Iterable[str]) -> str:
    """What lives here."""
    texts = _TEXTS["en"]
    names = "".join(f"<li><code>/{escape(party)}/</code></li>" for party in parties)
    return _document(
        "en", texts["parties"], f'<h1>{texts["parties"]}</h1><p class="note">{texts["demo"]}</p><ul>{names}</ul>'
    )


def _document(language: str, title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<style>{_STYLE}</style></head><body><main>{body}</main></body></html>"
    )


def _main(action: str) -> str:
    return ' class="main"' if action == "pay" else ""


def shown(amount: Decimal, currency: str, language: str) -> str:
    """`1 250,00 ₽` or `₽1,250.00`, as people of that language write it."""
    sign = _SIGNS.get(currency, f"{currency} ")
    text = f"{amount:,.0f}" if currency in _WHOLE_UNITS else f"{amount:,.2f}"
    if language != "ru":
        return sign + text
    return f"{text.replace(',', NO_BREAK_SPACE).replace('.', ',')}{NO_BREAK_SPACE}{sign.strip()}"
