"""P7: the figures that the service is improved by are made from our own tables, and sent nowhere."""

import socket

import pytest
from django.test import Client

from generations.services import lifecycle

pytestmark = pytest.mark.django_db
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@pytest.fixture
def called(monkeypatch):
    """Every address that a Python socket is connected to, but the loopback."""
    addresses = []
    connect = socket.socket.connect

    def watched(self, address):
        if isinstance(address, tuple) and address[0] not in LOOPBACK:
            addresses.append(address)
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", watched)
    return addresses


@pytest.mark.promise("P7")
def test_the_figures_for_staff_are_sums_of_our_own_rows_and_nobody_is_called(catalogue, alice, olga, called):
    order = lifecycle.Order(user_id=alice.pk, model="demo-image", raw_input={"prompt": "A zebra", "size": "512"})
    lifecycle.start(order)
    office = Client(headers={"Accept-Language": "en"})
    office.force_login(olga, backend="django.contrib.auth.backends.ModelBackend")
    shown = office.get("/admin/").content.decode()
    assert "The last 24 hours" in shown
    assert "A zebra" not in shown
    assert "alice@example.com" not in shown
    assert called == []


@pytest.mark.promise("P7")
@pytest.mark.promise("P17")
def test_the_browser_may_send_nothing_to_anybody_else(client, db):
    policy = client.get("/en/").headers["Content-Security-Policy"]
    directives = {part.split()[0]: set(part.split()[1:]) for part in policy.split(";") if part.strip()}
    assert directives["connect-src"] == {"'self'"}
    assert directives["script-src"] == {"'self'"}
