"""The command that gives a developer a key with tokens."""

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from rest_framework.test import APIClient

from accounts.models import ApiKey, User
from billing import selectors

pytestmark = pytest.mark.django_db


def run(capsys, *args):
    call_command("create_api_key", *args)
    return capsys.readouterr().out.strip()


@override_settings(WELCOME_TOKENS=0)
def test_the_key_works_and_the_tokens_are_there(capsys):
    secret = run(capsys, "--email", "alice@example.com", "--tokens", "1000")
    alice = User.objects.get(email="alice@example.com")
    assert selectors.balance(alice.id).paid == 1000
    answer = APIClient().get("/api/v1/me", HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert answer.status_code == 200
    assert answer.json()["balance"] == {"available": 1000, "held": 0, "paid": 1000, "bonus": 0}


@override_settings(WELCOME_TOKENS=0)
def test_a_second_call_adds_a_key_and_tokens_to_the_same_person(capsys):
    first = run(capsys, "--email", "alice@example.com", "--tokens", "10")
    second = run(capsys, "--email", "Alice@Example.com", "--tokens", "5")
    assert first != second
    assert selectors.balance(User.objects.get().id).paid == 15
    assert ApiKey.objects.count() == 2


@pytest.mark.parametrize("wrong", [["--email", "nobody"], ["--email", "a@example.com", "--tokens", "-1"]])
def test_wrong_arguments_change_nothing(wrong):
    with pytest.raises(CommandError):
        call_command("create_api_key", *wrong)
    assert not User.objects.exists()


@override_settings(LOCAL_MODE=False)
def test_the_command_is_for_local_mode():
    with pytest.raises(CommandError, match="local mode"):
        call_command("create_api_key", "--email", "alice@example.com")
