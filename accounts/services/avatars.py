"""Pictures of people: our own small copies, so that no visit here is seen at a login provider."""

import hashlib
import io
import tempfile
import warnings
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import requests
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction
from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.models import User
from neuralbox.core import http
from neuralbox.core.storage import store

FOLDER = "avatars"
SIDE = 192
MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 25_000_000
TIMEOUT = (3.0, 10.0)

# Where the providers keep pictures; an address elsewhere is not fetched.
HOSTS: dict[str, tuple[str, ...]] = {
    "google": (".googleusercontent.com",),
    "yandex": ("avatars.yandex.net", "avatars.mds.yandex.net"),
    "vk": (".userapi.com", ".vkuserphoto.ru", ".vk.com", ".vk.ru", ".mycdn.me", ".okcdn.ru"),
    "github": ("avatars.githubusercontent.com",),
    "telegram": ("t.me", ".telegram.org", ".telesco.pe", ".cdn-telegram.org"),
    "tiktok": (".tiktokcdn.com", ".tiktokcdn-us.com", ".tiktokcdn-eu.com"),
}


def copy(user_id: UUID, provider: str) -> bool:
    """Fetch the picture that this login names, and keep a small copy of it.

    False: there is none, it is the one that we have, or it is no picture. Raises requests.RequestException when the
    provider does not answer: the job tries again.
    """
    account = SocialAccount.objects.filter(user_id=user_id, provider=provider).order_by("-last_login").first()
    url = str(account.extra_data.get("avatar", "")) if account else ""
    key = f"{FOLDER}/{user_id}/{hashlib.sha256(url.encode()).hexdigest()[:32]}.webp"
    if not url or not is_fetchable(provider, url) or User.objects.filter(pk=user_id, avatar=key).exists():
        return False
    content = _fetch(provider, url)
    small = shrink(content) if content else None
    if small is None:
        return False
    with tempfile.NamedTemporaryFile(suffix=".webp", delete=False) as file:
        file.write(small)
    path = Path(file.name)
    try:
        store().put(key, path, mime="image/webp")
    finally:
        path.unlink(missing_ok=True)
    if not _adopt(user_id, key):
        store().remove([key])
        return False
    return True


def remove(user: User) -> int:
    """Delete all copies of this person's pictures. Returns how many there were."""
    keys = [found.key for found in store().listing(f"{FOLDER}/{user.pk}")]
    store().remove(keys)
    User.objects.filter(pk=user.pk).update(avatar="")
    return len(keys)


def is_fetchable(provider: str, url: str) -> bool:
    """Only over HTTPS, only from where that provider keeps pictures; in local mode also from its imitation."""
    base = settings.LOGIN_BASE_URLS.get(provider, "")
    if settings.LOCAL_MODE and base and url.startswith(f"{base}/"):
        return True
    parts = urlsplit(url)
    host = parts.hostname or ""
    known = any(host == name or (name.startswith(".") and host.endswith(name)) for name in HOSTS.get(provider, ()))
    return parts.scheme == "https" and known


def shrink(content: bytes) -> bytes | None:
    """A square WebP of 192 pixels without any of the original's metadata. None: not a picture, or a bomb."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP", "GIF")) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    return None
                upright = ImageOps.exif_transpose(picture).convert("RGB")
                square = ImageOps.fit(upright, (SIDE, SIDE))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombWarning):
        return None
    kept = io.BytesIO()
    square.save(kept, "WEBP", quality=82)
    return kept.getvalue()


def _fetch(provider: str, url: str) -> bytes | None:
    """The bytes behind `url`, no more than a picture may have. None: it is gone, or too much. Follows no redirect."""
    session = http.session(trusted_base_urls=[settings.LOGIN_BASE_URLS.get(provider, "")])
    with session, session.get(url, stream=True, timeout=TIMEOUT, allow_redirects=False) as response:
        if response.status_code >= 500:
            raise requests.HTTPError(f"status {response.status_code}", response=response)
        if response.status_code != 200:
            return None
        content = bytearray()
        for chunk in response.iter_content(64 * 1024):
            content += chunk
            if len(content) > MOST_BYTES:
                return None
    return bytes(content)


@transaction.atomic
def _adopt(user_id: UUID, key: str) -> bool:
    """Show this copy from now on, and forget the one before. False: the person has been erased meanwhile."""
    person = User.objects.select_for_update(no_key=True).filter(pk=user_id, is_active=True).first()
    if person is None:
        return False
    before, person.avatar = person.avatar, key
    person.save(update_fields=["avatar"])
    if before and before != key:
        transaction.on_commit(lambda: store().remove([before]))
    return True
