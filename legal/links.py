"""Links to archives: signed, for a day, and only as long as the archive is there."""

from datetime import timedelta

from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from legal.models import Export, ExportPart
from neuralbox.core.errors import DomainError, NotFound

LIFETIME = timedelta(hours=24)
_SALT = "legal.export"


class ArchiveLinkExpired(DomainError):
    code = "link_expired"
    status = 410
    title = _("This link has expired: the archive was kept for 24 hours")


def token_of(part: ExportPart) -> str:
    return signing.dumps(part.pk, salt=_SALT)


def part_behind(token: str) -> ExportPart:
    """The part that a token opens. Raises NotFound for a forged one, ArchiveLinkExpired for an old one."""
    try:
        key = signing.loads(token, salt=_SALT, max_age=LIFETIME)
    except signing.SignatureExpired as error:
        raise ArchiveLinkExpired from error
    except signing.BadSignature as error:
        raise NotFound from error
    part = ExportPart.objects.select_related("export").filter(pk=key).first()
    if part is None or part.export.status != Export.Status.READY:
        raise ArchiveLinkExpired
    if part.export.expires_at is None or part.export.expires_at <= timezone.now():
        raise ArchiveLinkExpired
    return part
