"""Filters of tables that grow without end."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from generations.models import Generation
from generations.tests.rows import generation_of

pytestmark = pytest.mark.django_db
LIST = "/admin/generations/generation/"


@pytest.fixture
def staff():
    client = Client()
    superuser = User.objects.create_superuser("root@example.com", "a long enough password")
    client.force_login(superuser, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("page", [LIST, "/admin/generations/providertask/"])
def test_what_a_filter_offers_is_not_looked_up_in_the_table(staff, page):
    with CaptureQueriesContext(connection) as queries:
        answer = staff.get(page)
    assert "?provider=offline" in answer.content.decode()
    assert not [query["sql"] for query in queries if "DISTINCT" in query["sql"]]


def test_generations_of_one_provider_are_shown_alone(staff, alice):
    generation = generation_of(alice, status="queued")
    assert str(generation.pk)[:8] not in staff.get(f"{LIST}?provider=offline").content.decode()
    Generation.objects.filter(pk=generation.pk).update(provider="offline")
    assert f"{LIST}{generation.pk}/change/" in staff.get(f"{LIST}?provider=offline").content.decode()
