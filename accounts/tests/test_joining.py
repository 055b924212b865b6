"""People join."""

import pytest

from accounts.errors import EmailTaken
from accounts.models import Notice, User
from accounts.services import users
from accounts.signals import user_joined


@pytest.mark.django_db
def test_joining_welcomes_the_person():
    user = users.join(email=" Alice@Example.com ", name="Alice", language="en")
    assert user.email == "alice@example.com"
    assert not user.has_usable_password()
    assert [notice.kind for notice in user.notices.all()] == [Notice.Kind.WELCOME]


@pytest.mark.django_db
def test_people_without_an_address_can_join():
    first, second = users.join(name="One"), users.join(name="Two")
    assert first.email is None
    assert second.email is None


@pytest.mark.django_db
def test_one_address_is_one_person():
    users.join(email="alice@example.com")
    with pytest.raises(EmailTaken):
        users.join(email="ALICE@example.com")
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_receiver_that_fails_leaves_no_half_made_person():
    def break_down(user_id, **rest):
        raise RuntimeError("no wallet")

    user_joined.connect(break_down)
    try:
        with pytest.raises(RuntimeError):
            users.join(email="alice@example.com")
    finally:
        user_joined.disconnect(break_down)
    assert not User.objects.exists()


@pytest.mark.django_db
def test_an_unknown_language_becomes_russian():
    assert users.join(name="X", language="fr").language == User.Language.RU
