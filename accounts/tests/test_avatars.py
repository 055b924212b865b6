"""Pictures: small copies of our own, fetched from nowhere but the providers' picture stores."""

import io
from datetime import timedelta

import pytest
import time_machine
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts import avatar_links, profile
from accounts.fakes import LOGINS
from accounts.models import User
from accounts.personal_data import Accounts
from accounts.services import avatars
from neuralbox.core.storage import store

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    storage = {"BACKEND": "neuralbox.core.storage.LocalStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = {**settings.STORAGES, "default": storage}


def files_of(user):
    return [found.key for found in store().listing(f"avatars/{user.pk}")]


@pytest.fixture
def joined(traveller):
    """A person who joined by that login, with their picture copied."""

    def join(login="google"):
        traveller.join(login)
        user = User.objects.get()
        assert avatars.copy(user.pk, login)
        user.refresh_from_db()
        return user

    return join


def picture_bytes(size=(64, 64), kind="PNG", **more):
    kept = io.BytesIO()
    Image.new("RGB", size, "teal").save(kept, kind, **more)
    return kept.getvalue()


@pytest.mark.promise("P1")
@pytest.mark.parametrize("login", LOGINS)
def test_a_picture_of_every_provider_becomes_a_small_copy(login, joined):
    user = joined(login)
    assert files_of(user) == [user.avatar]
    answer = Client().get(profile.own(user)["avatar"])
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (192, 192))


def test_the_same_picture_is_fetched_once(joined, login_fakes):
    user = joined()
    before = len(login_fakes.requests)
    assert not avatars.copy(user.pk, "google")
    assert len(login_fakes.requests) == before


def test_a_new_picture_replaces_the_old_one(joined, django_capture_on_commit_callbacks):
    user = joined()
    account = SocialAccount.objects.get()
    account.extra_data["avatar"] = account.extra_data["avatar"].replace("alice", "bob")
    account.save()
    with django_capture_on_commit_callbacks(execute=True):
        assert avatars.copy(user.pk, "google")
    before, _ = user.avatar, user.refresh_from_db()
    assert user.avatar != before
    assert files_of(user) == [user.avatar]


def test_a_picture_that_is_gone_changes_nothing(joined):
    user = joined()
    account = SocialAccount.objects.get()
    account.extra_data["avatar"] = account.extra_data["avatar"].replace("alice", "nobody")
    account.save()
    assert not avatars.copy(user.pk, "google")
    assert files_of(user) == [user.avatar]


@pytest.mark.parametrize(
    ("login", "url", "may"),
    [
        ("google", "https://lh3.googleusercontent.com/a/x", True),
        ("google", "http://lh3.googleusercontent.com/a/x", False),
        ("google", "https://lh3.googleusercontent.com.evil.example/x", False),
        ("google", "https://evilgoogleusercontent.com/x", False),
        ("google", "https://avatars.githubusercontent.com/u/1", False),
        ("github", "https://avatars.githubusercontent.com/u/1", True),
        ("github", "https://avatars.githubusercontent.com@127.0.0.1/x", False),
        ("vk", "https://sun9-1.userapi.com/x.jpg", True),
        ("vk", "https://169.254.169.254/latest/meta-data", False),
        ("vk", "file:///etc/passwd", False),
        ("tiktok", "https://p16-sign.tiktokcdn-us.com/x", True),
        ("dummy", "https://lh3.googleusercontent.com/a/x", False),
        ("google", "", False),
    ],
)
def test_only_the_providers_own_stores_are_asked(login, url, may):
    assert avatars.is_fetchable(login, url) is may


def test_outside_of_local_mode_no_imitation_is_asked(settings, login_fakes):
    url = f"{login_fakes.url}/google/pictures/alice.png"
    assert avatars.is_fetchable("google", url)
    settings.LOCAL_MODE = False
    assert not avatars.is_fetchable("google", url)


def test_a_copy_has_no_metadata():
    exif = Image.Exif()
    exif[0x010E] = "home address"
    small = avatars.shrink(picture_bytes(kind="JPEG", exif=exif))
    assert b"home address" not in small
    with Image.open(io.BytesIO(small)) as picture:
        assert not picture.getexif()


@pytest.mark.parametrize("content", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\nbroken"])
def test_what_is_no_picture_is_not_kept(content):
    assert avatars.shrink(content) is None


def test_a_picture_that_would_unpack_to_very_much_is_not_opened(monkeypatch):
    monkeypatch.setattr(avatars, "MOST_PIXELS", 100)
    assert avatars.shrink(picture_bytes((11, 10))) is None


def test_links_to_pictures_are_ours_and_end(joined):
    user = joined()
    link = avatar_links.link_to(user)
    assert Client().get(link).status_code == 200
    assert Client().get(link[:-1] + ("A" if link[-1] != "A" else "B")).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert Client().get(link).status_code == 404


@pytest.mark.promise("P18")
def test_pictures_go_with_the_person(joined):
    user = joined()
    link = avatar_links.link_to(user)
    Accounts().erase(user)
    assert files_of(user) == []
    assert Client().get(link).status_code == 404
    assert not avatars.copy(user.pk, "google")
