"""Links to people's pictures: signed, and of use for two days at most."""

from datetime import timedelta

from django.core import signing
from django.utils import timezone

from accounts.models import User

_signer = signing.Signer(salt="accounts.avatar")


def link_to(user: User) -> str | None:
    """The same all day, so that browsers can keep the picture."""
    if not user.avatar:
        return None
    return f"/avatars/{_signer.sign_object({'key': user.avatar, 'day': _today()})}"


def key_of(token: str) -> str | None:
    """The file that a link names; None when we did not make it, or not lately."""
    try:
        named = _signer.unsign_object(token)
    except signing.BadSignature:
        return None
    yesterday = (timezone.now() - timedelta(days=1)).date().isoformat()
    return str(named["key"]) if named["day"] in {_today(), yesterday} else None


def _today() -> str:
    return timezone.now().date().isoformat()
