"""Reads of documents and consents."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone, translation

from legal.models import Consent, Document, DocumentVersion
from neuralbox.core.errors import NotFound


def published(slug: str) -> QuerySet[DocumentVersion]:
    """The published versions of a document, newest first; also those that come into force later."""
    return DocumentVersion.objects.filter(document_id=slug, status=DocumentVersion.Status.PUBLISHED).order_by("-number")


def in_force(slug: str, *, at: datetime | None = None) -> DocumentVersion:
    """The version that holds at that moment. Raises NotFound."""
    found = published(slug).filter(effective_at__lte=at or timezone.now()).first()
    if found is None:
        raise NotFound
    return found


def current_documents(language: str | None = None) -> list[dict[str, Any]]:
    """The documents in force, in their order: `slug`, `version_id`, `number`, `title` in that language,
    `effective_at`, `is_accepted` (people agree to it when they join) and its address, `url`.

    Without a `language` the titles are in the reader's.
    """
    versions = (
        DocumentVersion.objects.filter(status=DocumentVersion.Status.PUBLISHED, effective_at__lte=timezone.now())
        .select_related("document")
        .order_by("document__position", "document_id", "-number")
        .distinct("document__position", "document_id")
    )
    with translation.override(language or translation.get_language()):
        return [
            {
                "slug": version.document_id,
                "version_id": version.id,
                "number": version.number,
                "title": version.title,
                "effective_at": version.effective_at,
                "is_accepted": version.document.is_accepted,
                "url": f"/legal/{version.document_id}",
            }
            for version in versions.defer("body_ru", "body_en")
        ]


def to_accept() -> list[UUID]:
    """The versions that somebody who joins now agrees to."""
    return [found["version_id"] for found in current_documents("en") if found["is_accepted"]]


def unaccepted(user_id: UUID, *, ahead: bool = False) -> list[DocumentVersion]:
    """The documents in force that this person has to agree to again; with `ahead` also those that come into force.

    A version that needs acceptance, or any later one in force, settles it; whoever agreed to an older one is asked.
    """
    now, missing = timezone.now(), []
    for document in Document.objects.filter(is_accepted=True):
        agreed = Consent.objects.filter(user_id=user_id, version__document=document).order_by("-version__number")
        highest = agreed.values_list("version__number", flat=True).first() or 0
        asking = published(document.slug).filter(needs_acceptance=True, number__gt=highest)
        if asking.filter(effective_at__lte=now).exists():
            missing.append(in_force(document.slug))
        if ahead:
            missing += asking.filter(effective_at__gt=now)[:1]
    return missing


def owes_consent(user_id: UUID) -> bool:
    """Whether the person has to agree to a changed document before they order or buy (`legal/sql/consents.sql`)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT legal_owes_consent(%s)", [user_id])
        return bool(cursor.fetchone()[0])


def consents(user_id: UUID) -> QuerySet[Consent]:
    return Consent.objects.filter(user_id=user_id).select_related("version").order_by("-created_at", "-id")


def upcoming() -> list[DocumentVersion]:
    """Significant versions that are published and not yet in force: what the banner announces."""
    return list(
        DocumentVersion.objects.filter(
            status=DocumentVersion.Status.PUBLISHED, is_significant=True, effective_at__gt=timezone.now()
        )
        .defer("body_ru", "body_en")
        .order_by("effective_at")
    )


def recent(days: int = 14) -> list[DocumentVersion]:
    """Significant changes that came into force lately. First versions are no change."""
    now = timezone.now()
    return list(
        DocumentVersion.objects.filter(
            status=DocumentVersion.Status.PUBLISHED,
            is_significant=True,
            number__gt=1,
            effective_at__lte=now,
            effective_at__gt=now - timedelta(days=days),
        )
        .defer("body_ru", "body_en")
        .order_by("-effective_at")
    )


def versions_named(version_ids: Sequence[UUID]) -> list[DocumentVersion]:
    """Published versions with these ids. Raises NotFound when one is missing."""
    found = list(
        DocumentVersion.objects.filter(pk__in=version_ids, status=DocumentVersion.Status.PUBLISHED).defer(
            "body_ru", "body_en"
        )
    )
    if len(found) != len(set(version_ids)):
        raise NotFound
    return found
