"""Consents are records: who agreed to which version, when, from where and by which way."""

from collections.abc import Sequence
from uuid import UUID

from django.utils import translation

from legal import selectors
from legal.models import Consent


def record(
    user_id: UUID, version_ids: Sequence[UUID], *, ip: str | None, way: str, language: str | None = None
) -> list[Consent]:
    """Write down that a person agreed to these versions. Agreeing twice is agreeing once: the first record stays.

    `way` is one of `Consent.Way`; `language` is the one the texts were read in, by default the reader's.
    Raises NotFound for a version that is not published. Call it in the transaction that the consent belongs to.
    """
    versions = selectors.versions_named(version_ids)
    read_in = (language or translation.get_language() or "ru")[:2]
    Consent.objects.bulk_create(
        [
            Consent(user_id=user_id, version=version, ip=ip, way=Consent.Way(way), language=read_in)
            for version in versions
        ],
        ignore_conflicts=True,
    )
    return list(Consent.objects.filter(user_id=user_id, version__in=versions))
