"""Fixtures of generations."""

from collections.abc import Callable
from functools import cache

import pytest

from accounts.models import User
from billing.services import top_ups, wallets
from generations.catalogue import files
from generations.services import catalogue as catalogue_service
from generations.services import catalogue_loading
from neuralbox.core import ids
from providers import selectors


@cache
def read_catalogue(pattern: str = "[!_]*.toml") -> list[files.ModelFile]:
    """The catalogue files of that name, read and checked once: that takes most of the time."""
    return files.read_all(pattern=pattern)


@pytest.fixture
def catalogue(db: None) -> None:
    """The demonstration models, ready to be ordered. They need no provider but the one of local mode."""
    _load(read_catalogue("demo-*.toml"))


@pytest.fixture
def whole_catalogue(db: None) -> None:
    """Every model of the catalogue files; each can be ordered where one of its providers is configured."""
    _load(read_catalogue())


def _load(entries: list[files.ModelFile]) -> None:
    catalogue_service.forget()
    selectors.forget()
    catalogue_loading.load(entries)
    catalogue_service.forget()


@pytest.fixture
def offered(db: None) -> Callable[..., None]:
    """Makes the models of those names, and no others, ready to be ordered."""

    def offer(*slugs: str) -> None:
        _load([one for slug in slugs for one in read_catalogue(f"{slug}.toml")])

    return offer


@pytest.fixture
def tokens_for() -> Callable[[User, int], User]:
    """Gives paid tokens to somebody, and returns them."""

    def give(user: User, amount: int) -> User:
        top_ups.credit(wallet_id=wallets.open_for(user.pk).pk, amount=amount, reference=str(ids.new()))
        return user

    return give
