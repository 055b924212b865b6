"""Fixtures of generations."""

from collections.abc import Callable

import pytest

from accounts.models import User
from billing.services import top_ups, wallets
from generations.catalogue import files
from generations.services import catalogue as catalogue_service
from generations.services import catalogue_loading
from neuralbox.core import ids
from providers import selectors


@pytest.fixture(scope="session")
def _catalogue_files() -> list[files.ModelFile]:
    """Read and checked once: that takes most of the time."""
    return files.read_all()


@pytest.fixture
def catalogue(db: None, _catalogue_files: list[files.ModelFile]) -> None:
    """The models of the catalogue files, ready to be ordered."""
    catalogue_service.forget()
    selectors.forget()
    catalogue_loading.load(_catalogue_files)
    catalogue_service.forget()


@pytest.fixture
def tokens_for() -> Callable[[User, int], User]:
    """Gives paid tokens to somebody, and returns them."""

    def give(user: User, amount: int) -> User:
        top_ups.credit(wallet_id=wallets.open_for(user.pk).pk, amount=amount, reference=str(ids.new()))
        return user

    return give
