"""Consents are records: who agreed to which version, when, from where and by which way."""

from collections.abc import Sequence
from uuid import UUID

from django.utils import translation

from legal import selectors
from legal.errors import ConsentRequired
from legal.models import Consent

AGREE_AT = "/privacy-center#consents"


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


def demand(user_id: UUID) -> None:
    """What orders or buys calls this first. Raises ConsentRequired for who owes one. One query for everybody else."""
    if selectors.owes_consent(user_id):
        raise refusal_of(user_id)


def refusal_of(user_id: UUID) -> ConsentRequired:
    """For who has found out by another way that a consent is owed, such as the function that takes orders."""
    documents = [
        {
            "document": version.document_id,
            "version_id": str(version.pk),
            "number": version.number,
            "title": version.title,
            "url": f"/legal/{version.document_id}",
        }
        for version in selectors.unaccepted(user_id)
    ]
    return ConsentRequired(documents=documents, agree_at=AGREE_AT)
