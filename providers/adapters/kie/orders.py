"""How an order at Kie.ai is written: ways that its models need beside the common ones."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from providers.adapters.places import Body, Place, refused, written
from providers.base import ModelFacts, Submission

JOBS = "jobs"


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to order: the record `family` and `path` that take it, the places of our settings.

    `fixed` is sent always, and is what they demand even when the customer chose nothing. `finish` completes the body.
    """

    family: str
    path: str
    kind: str
    model: str
    places: Mapping[str, Place]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    finish: Callable[[Body], None] | None = None

    @property
    def facts(self) -> ModelFacts:
        return ModelFacts(self.kind, frozenset(self.places))

    def body(self, submission: Submission, links: Mapping[str, str]) -> Body:
        """What is posted to `path`. Raises ProviderRejected for what cannot be expressed."""
        settings = written(self.places, submission, links, self.fixed)
        if self.finish:
            self.finish(settings)
        called = {"callBackUrl": submission.webhook_url} if submission.webhook_url else {}
        if self.family == JOBS:
            return {"model": self.model, **called, "input": settings}
        return {**settings, **called}


def text(name: str) -> Place:
    """A number as text: many of their models want a duration of "5"."""

    def write(body: Body, value: Any) -> None:
        body[name] = str(int(value)) if float(value).is_integer() else str(value)

    return write


def spelled(name: str, *theirs: str) -> Place:
    """Our word in their spelling, which differs from ours in capitals, and perhaps in a missing "p" ("720")."""
    words = {word.casefold(): word for word in theirs} | {f"{word.casefold()}p": word for word in theirs}

    def write(body: Body, value: Any) -> None:
        word = words.get(str(value).casefold())
        if word is None:
            raise refused("unsupported_value", f"{name} cannot be {value}")
        body[name] = word

    return write


def item(name: str, place: int) -> Place:
    """A file at its place in a list: the first frame before the last, in whatever order they are written."""

    def write(body: Body, value: Any) -> None:
        body.setdefault(name, {})[place] = value

    return write


def in_order(*names: str) -> Callable[[Body], None]:
    """Completes lists that `item` began. A later place without the earlier ones cannot be said."""

    def finish(body: Body) -> None:
        for name in names:
            if isinstance(placed := body.get(name), dict):
                if set(placed) != set(range(len(placed))):
                    raise refused("unsupported_value", f"{name}: a last frame needs a first one")
                body[name] = [placed[place] for place in sorted(placed)]

    return finish


def each_of(name: str, *members: str) -> Place:
    """A list of objects, of which the named members are sent."""

    def write(body: Body, value: Iterable[Mapping[str, Any]]) -> None:
        body[name] = [{member: one[member] for member in members if member in one} for one in value]

    return write
