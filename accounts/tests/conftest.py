"""People without wallets: accounts know nothing of tokens."""

from types import SimpleNamespace

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import users
from neuralbox.tests.fixtures import FIREFOX


@pytest.fixture
def alice(db) -> User:
    return users.join(email="alice@example.com", name="Alice", language="en")


@pytest.fixture
def mallory(db) -> User:
    return users.join(email="mallory@example.com", name="Mallory", language="en")


@pytest.fixture
def sign_in():
    """Signs in through the browser's road; returns the browser, the token pair and an API client."""

    def make(email: str = "alice@example.com", name: str = "Alice", user_agent: str = FIREFOX) -> SimpleNamespace:
        browser = Client(HTTP_USER_AGENT=user_agent)
        landed = browser.post("/login/dummy", {"email": email, "name": name})
        assert landed.status_code == 302, landed.content
        assert landed["Location"] == "/login/complete"
        exchanged = browser.post("/api/v1/auth/token")
        assert exchanged.status_code == 200, exchanged.content
        pair = exchanged.json()
        client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
        return SimpleNamespace(browser=browser, pair=pair, client=client, answer=exchanged)

    return make


@pytest.fixture
def refresh():
    """Asks for new tokens."""

    def ask(token: str):
        return APIClient(HTTP_ACCEPT_LANGUAGE="en").post("/api/v1/auth/refresh", {"refresh": token}, format="json")

    return ask
