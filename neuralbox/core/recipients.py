"""The register of recipients (P17): to whom data of people may go, for what, and under whose rules.

Apps that send something out register their recipients in their AppConfig's `ready`, from the facts that their adapters
state. Nothing else sends personal data out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from neuralbox.core.errors import Text


class Purpose(StrEnum):
    GENERATION = "generation"
    PAYMENT = "payment"
    SIGN_IN = "sign_in"
    DELIVERY = "delivery"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who may receive data. `name` is stable ("kie"); `sent` and `not_sent` say what goes there and what not.

    `kept` says how long they keep it, as far as they tell. `deletes_on_request`: an erasure is passed on to them.
    `is_used`: this installation is configured to use them.
    """

    name: str
    title: str
    company: str
    country: str
    purpose: Purpose
    sent: Text
    not_sent: Text
    privacy_policy: str
    kept: Text = ""
    deletes_on_request: bool = False
    is_used: bool = True


_sources: list[Callable[[], Iterable[Recipient]]] = []


def register(source: Callable[[], Iterable[Recipient]]) -> None:
    """Have the recipients that `source` gives in the register. It is asked each time: configuration may change."""
    _sources.append(source)


def everyone() -> list[Recipient]:
    """All recipients, by purpose and title."""
    found = [recipient for source in _sources for recipient in source()]
    return sorted(found, key=lambda one: (list(Purpose).index(one.purpose), one.title))


def title_of(name: str) -> str:
    """What a recipient is called; its name when it is not in the register any more."""
    return next((one.title for one in everyone() if one.name == name), name)
