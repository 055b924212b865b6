"""The cast: alice has tokens, bob has none, mallory tries her ids."""

from collections.abc import Callable, Iterator
from importlib import import_module

import pytest
from django.db import connection
from django.test import Client, override_settings
from pytest_django.plugin import DjangoDbBlocker
from rest_framework.test import APIClient

from accounts.models import ApiKey, User
from accounts.services import api_keys, users

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"


def _with_tokens(name: str, amount: int) -> User:
    """A person with exactly `amount` paid tokens and no bonus."""
    with override_settings(WELCOME_TOKENS=0):
        user = users.join(email=f"{name}@example.com", name=name.capitalize(), language="en")
    wallets = import_module("billing.services.wallets")
    top_ups = import_module("billing.services.top_ups")
    wallet = wallets.open_for(user.id)
    if amount:
        top_ups.credit(wallet_id=wallet.id, amount=amount, reference=f"test:{name}", description="Test")
    return user


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """As pytest-django's own; at the end, a thread that still holds a connection does not keep the database alive."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def alice(db: None) -> User:
    """Has 1000 paid tokens."""
    return _with_tokens("alice", 1000)


@pytest.fixture
def bob(db: None) -> User:
    """Has no tokens."""
    return _with_tokens("bob", 0)


@pytest.fixture
def mallory(db: None) -> User:
    """Has 1000 paid tokens, and tries what belongs to others."""
    return _with_tokens("mallory", 1000)


@pytest.fixture
def api_client_of() -> Callable[[User], APIClient]:
    """A client that calls the API with a key of all scopes."""

    def make(user: User) -> APIClient:
        issued = api_keys.create(user=user, name="tests", scopes=ApiKey.Scope.values)
        client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.secret}")
        return client

    return make


@pytest.fixture
def person_client_of() -> Callable[[User], APIClient]:
    """A client that calls the API as the signed-in person, with an access token, as the website does."""

    def make(user: User) -> APIClient:
        browser = Client(HTTP_USER_AGENT=FIREFOX)
        browser.post("/login/dummy", {"email": user.email, "name": user.name})
        pair = browser.post("/api/v1/auth/token").json()
        client = APIClient(HTTP_ACCEPT_LANGUAGE="en", HTTP_USER_AGENT=FIREFOX)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
        return client

    return make
