"""What is worth stealing needs a sign-in of the last ten minutes."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.views import APIView

from accounts.services import api_keys
from neuralbox.core.permissions import RecentSignIn, RecentSignInRequired, is_recent

pytestmark = pytest.mark.django_db
KEY = {"name": "Nightly", "scopes": ["read"]}


@pytest.fixture
def later(sign_in, refresh):
    """A client whose sign-in is eleven minutes old, with a fresh access token; and the clock stands there."""
    signed_in = sign_in()
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
        renewed = refresh(signed_in.pair["refresh"]).json()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {renewed['access']}")
        yield client


def code_of(answer):
    return answer.status_code, answer.json().get("code")


def test_ten_minutes_count_as_recent():
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        assert is_recent(now - timedelta(minutes=9, seconds=59))
        assert not is_recent(now - timedelta(minutes=10))
        assert not is_recent(None)


@pytest.mark.promise("P20")
def test_a_renewed_token_is_no_fresh_sign_in(alice, later):
    issued = api_keys.create(user=alice, name="Old", scopes=["read"]).api_key
    refused = (403, "recent_sign_in_required")
    assert code_of(later.post("/api/v1/me/api-keys", KEY, format="json")) == refused
    assert code_of(later.post(f"/api/v1/me/api-keys/{issued.pk}/rotate")) == refused
    identity = later.get("/api/v1/me/identities").json()[0]["id"]
    assert code_of(later.delete(f"/api/v1/me/identities/{identity}")) == refused


def test_looking_and_revoking_need_no_fresh_sign_in(alice, later):
    issued = api_keys.create(user=alice, name="Old", scopes=["read"]).api_key
    assert later.get("/api/v1/me/api-keys").status_code == 200
    assert later.delete(f"/api/v1/me/api-keys/{issued.pk}").status_code == 204


def test_a_fresh_sign_in_opens_the_door(alice, sign_in):
    assert sign_in().client.post("/api/v1/me/api-keys", KEY, format="json").status_code == 201


def test_a_key_never_passes(alice):
    request = APIRequestFactory().post("/")
    request.user, request.auth = alice, api_keys.create(user=alice, name="k", scopes=["read"]).api_key
    with pytest.raises(RecentSignInRequired):
        RecentSignIn().has_permission(request, APIView())
