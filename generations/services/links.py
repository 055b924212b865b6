"""Signed, short-lived links to stored files. Whoever has one may read that one file until it expires."""

import functools
import time
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from neuralbox.core import storage
from neuralbox.core.storage import FileStore

STEP_SECONDS = 300
_SALT = "neuralbox.files"
_PROVIDERS_SALT = "neuralbox.files.providers"

# What a browser shows without running anything. All else is handed over as bytes to save.
_SHOWN = frozenset(
    {
        "image/png", "image/jpeg", "image/webp", "image/avif", "image/gif",
        "video/mp4", "video/webm", "video/quicktime",
        "audio/mpeg", "audio/wav", "audio/ogg", "audio/flac", "audio/mp4", "audio/aac",
        "text/plain",
    }
)  # fmt: skip


class InvalidLink(Exception):
    """Not a link of ours, or changed on its way."""


class ExpiredLink(Exception):
    """A link of ours whose time is over."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a link leads to, and how it is to be presented. `expires_at` in Unix seconds."""

    key: str
    mime: str
    disposition: str
    expires_at: int


def link(key: str, *, mime: str, filename: str, download: bool = False) -> str:
    """A link to the stored file that works for 10 to 15 minutes. Show it only to who may see the file.

    A path on this site for local files (absolute with `request.build_absolute_uri`), an address of the store on S3.
    The same arguments give the same link for 5 minutes, so that browsers can keep what they fetched. Types that
    a browser would execute are served as unnamed bytes to save.
    """
    issued_at = int(time.time()) // STEP_SECONDS * STEP_SECONDS
    return _link(storage.store(), key, mime, filename, download, issued_at)


@functools.lru_cache(maxsize=16_384)
def _link(store: FileStore, key: str, mime: str, filename: str, download: bool, issued_at: int) -> str:
    lifetime = int(settings.SIGNED_LINK_LIFETIME.total_seconds())
    shown, disposition = presentation(mime, filename, download=download)
    direct = store.presigned(key, mime=shown, disposition=disposition, issued_at=issued_at, lifetime=lifetime)
    if direct is not None:
        return direct
    token = signing.Signer(salt=_SALT).sign_object([key, shown, disposition, issued_at + lifetime])
    return reverse("files:serve", args=[token])


def read(token: str) -> Target:
    """What a token of `link` says. Raises InvalidLink, ExpiredLink."""
    try:
        key, mime, disposition, expires_at = signing.Signer(salt=_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError) as error:
        raise InvalidLink from error
    if time.time() >= expires_at:
        raise ExpiredLink
    return Target(key, mime, disposition, expires_at)


def for_provider(upload_id: UUID, *, lifetime: timedelta) -> str:
    """A path on this site to an upload, for who is to work with it. It names the file, and not whose it is (P13)."""
    # In whole steps, so that the same order names the same link.
    expires_at = (int(time.time() + lifetime.total_seconds()) // STEP_SECONDS + 1) * STEP_SECONDS
    token = signing.Signer(salt=_PROVIDERS_SALT).sign_object([str(upload_id), expires_at])
    return reverse("files:handed", args=[token])


def handed(token: str) -> UUID:
    """The upload that a token of `for_provider` names. Raises InvalidLink, ExpiredLink."""
    try:
        upload_id, expires_at = signing.Signer(salt=_PROVIDERS_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError) as error:
        raise InvalidLink from error
    if time.time() >= expires_at:
        raise ExpiredLink
    return UUID(upload_id)


def presentation(mime: str, filename: str, *, download: bool) -> tuple[str, str]:
    """The `Content-Type` and `Content-Disposition` under which a file may be served."""
    bare = mime.partition(";")[0].strip().lower()
    if bare not in _SHOWN:
        return "application/octet-stream", _disposition("attachment", filename)
    shown = "text/plain; charset=utf-8" if bare == "text/plain" else bare
    return shown, _disposition("attachment" if download else "inline", filename)


def _disposition(kind: str, filename: str) -> str:
    """RFC 6266: a plain name for old clients, the full one for the others."""
    name = "".join(character for character in filename if character.isprintable() and character not in '/\\"') or "file"
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace("%", "_")
    if plain == name:
        return f'{kind}; filename="{name}"'
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
