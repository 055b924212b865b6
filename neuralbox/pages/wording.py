"""How the pages say amounts, times and kinds."""

import re

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

NO_BREAK = "\u00a0"

MODALITY_ICONS = {
    "image": "image",
    "video": "film",
    "music": "music",
    "speech": "mic",
    "avatar": "scan-face",
    "text": "type",
}
# The order in which kinds are offered, with what one says of them.
MODALITIES = {
    "image": _("Pictures"),
    "video": _("Video"),
    "music": _("Music"),
    "speech": _("Speech"),
    "avatar": _("Avatars"),
    "text": _("Text"),
}
# Where providers have their seat, as far as they say.
COUNTRIES = {"US": _("the United States"), "SG": _("Singapore"), "CN": _("China"), "HK": _("Hong Kong")}
_PREFIX = re.compile(rf"^/(?:{'|'.join(code for code, _name in settings.LANGUAGES)})(?=/|$)")


def without_prefix(path: str) -> str:
    """The path without its language."""
    return _PREFIX.sub("", path) or "/"


def tokens(amount: int) -> str:
    text = ngettext("%(count)d token", "%(count)d tokens", amount) % {"count": amount}
    return text.replace(" ", NO_BREAK)


def wait(seconds: int) -> str:
    if seconds < 90:
        rounded = seconds if seconds < 10 else round(seconds / 5) * 5
        text = ngettext("about %(count)d second", "about %(count)d seconds", rounded) % {"count": rounded}
    else:
        minutes = (seconds + 30) // 60
        text = ngettext("about %(count)d minute", "about %(count)d minutes", minutes) % {"count": minutes}
    return text.replace(" ", NO_BREAK)
