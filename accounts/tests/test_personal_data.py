"""What accounts hold about a person can be exported and erased."""

import json

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from auditlog.models import LogEntry
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from accounts.models import ApiKey, User
from accounts.personal_data import Accounts
from accounts.services import api_keys, blocks

pytestmark = pytest.mark.django_db

OURS = ("accounts", "account", "socialaccount", "usersessions", "mfa", "admin", "auditlog")


@pytest.mark.promise("P18")
def test_the_export_holds_everything_but_secrets(alice, sign_in):
    sign_in()
    issued = api_keys.create(user=alice, name="Nightly", scopes=["read"], caps={"day": 5})
    exported = Accounts().export(alice)
    text = json.dumps(exported, cls=DjangoJSONEncoder)
    assert exported["profile"][0]["email"] == "alice@example.com"
    assert exported["identities"][0]["provider"] == "dummy"
    assert exported["sessions"][0]["device"] == "Firefox, Windows"
    assert exported["api_keys"][0]["caps"] == {"day": 5}
    assert {event["kind"] for event in exported["security_events"]} == {"joined", "signed_in", "api_key_created"}
    assert [notice["kind"] for notice in exported["notices"]] == ["welcome", "api_key_created"]
    assert issued.secret not in text
    assert issued.secret[17:57] not in text


@pytest.mark.promise("P18")
def test_erasing_leaves_no_trace_of_the_person(alice, mallory, sign_in):
    signed_in = sign_in()
    SocialAccount.objects.create(user=alice, provider="github", uid="583231", extra_data={"name": "Alice"})
    api_keys.create(user=alice, name="Nightly", scopes=["read"], visitor=None)
    blocks.block(user=alice, reason="Alice complained", by=mallory)
    for _time in range(2):
        Accounts().erase(alice)
    for model in (ApiKey, SocialAccount, EmailAddress, UserSession):
        assert not model._default_manager.filter(user=alice).exists()
    assert not Session.objects.exists()
    tables = [model._meta.db_table for label in OURS for model in apps.get_app_config(label).get_models()]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {table} AS t WHERE t::text ILIKE '%%alice%%'")  # noqa: S608
            assert cursor.fetchone() == (0,), table
    erased = User.objects.get(pk=alice.pk)
    assert (erased.email, erased.name, erased.is_active) == (None, "", False)
    assert signed_in.client.get("/api/v1/me").status_code == 401
    assert User.objects.get(pk=mallory.pk).email == "mallory@example.com"


def test_the_audit_trail_still_says_that_staff_acted(alice, mallory):
    blocks.block(user=alice, reason="Abuse", by=mallory)
    Accounts().erase(alice)
    assert LogEntry.objects.get_for_object(alice).get().actor == mallory
