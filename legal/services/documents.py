"""Versions of documents: drafted by staff, published once, announced to everybody whom a change concerns."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from legal import selectors
from legal.errors import AlreadyPublished
from legal.models import Document, DocumentVersion
from legal.signals import document_changed
from neuralbox.core import audit, jobs, states
from neuralbox.core.errors import FieldError, InvalidInput

# People are told of a significant change at least this long before it comes into force.
NOTICE_PERIOD = timedelta(days=7)
PORTION = 500


@transaction.atomic
def draft(*, document: Document, by: Any) -> DocumentVersion:
    """The draft of the next version, made from the last one. There is one draft at a time: asking again gives it."""
    Document.objects.select_for_update().get(pk=document.pk)
    waiting = DocumentVersion.objects.filter(document=document, status=DocumentVersion.Status.DRAFT).first()
    if waiting:
        return waiting
    last = DocumentVersion.objects.filter(document=document).order_by("-number").first()
    texts = {name: getattr(last, name) if last else "" for name in ("title_ru", "title_en", "body_ru", "body_en")}
    return DocumentVersion.objects.create(
        document=document,
        number=next_number(document),
        effective_at=timezone.now() + NOTICE_PERIOD + timedelta(days=1),
        created_by=by,
        **texts,
    )


def next_number(document: Document) -> int:
    highest = DocumentVersion.objects.filter(document=document).aggregate(highest=Max("number"))["highest"]
    return (highest or 0) + 1


@transaction.atomic
def publish(*, version_id: UUID, by: Any, reason: str) -> DocumentVersion:
    """Publish a draft: from now on it never changes. People are told of a significant one, in the background.

    Raises InvalidInput without a reason, for a version that begins before the one in force, and for a significant one
    that begins sooner than people can be told; AlreadyPublished.
    """
    reason = audit.checked_reason(reason)
    version = DocumentVersion.objects.select_for_update().get(pk=version_id)
    if version.status != DocumentVersion.Status.DRAFT:
        raise AlreadyPublished
    if errors := list(_mistakes(version)):
        raise InvalidInput(errors=errors)
    if not states.move(version, DocumentVersion.Status.PUBLISHED, published_by=by, published_at=timezone.now()):
        raise AlreadyPublished
    audit.record(version, by=by, event="document_published", reason=reason, document=version.document_id)
    if version.is_significant:
        jobs.enqueue("legal.announce_document", str(version.pk))
    return version


def _mistakes(version: DocumentVersion) -> Iterator[FieldError]:
    before = selectors.published(version.document_id).first()
    if before is None:
        return
    if version.effective_at <= before.effective_at:
        yield FieldError("/effective_at", _("It has to begin after the version before it."), "too_early")
    if version.is_significant and version.effective_at < timezone.now() + NOTICE_PERIOD:
        detail = _("People are told of a significant change %(days)d days before.") % {"days": NOTICE_PERIOD.days}
        yield FieldError("/effective_at", detail, "too_early")
    if version.needs_acceptance and not version.is_significant:
        yield FieldError("/is_significant", _("Who has to agree again is told of it before."), "required")
    if version.is_significant and not (version.change_ru and version.change_en):
        yield FieldError("/change_ru", _("Say what changed, in both languages."), "required")


def announce(version_id: UUID) -> int:
    """Tell everybody who may sign in of a significant version, in portions. Returns how many. May be repeated."""
    version = DocumentVersion.objects.get(pk=version_id)
    if version.announced_at is not None:
        return 0
    people = get_user_model()._default_manager.filter(is_active=True).order_by("pk").values_list("pk", flat=True)
    told, after = 0, None
    while portion := list((people.filter(pk__gt=after) if after else people)[:PORTION]):
        with transaction.atomic():
            document_changed.send(
                sender=DocumentVersion,
                user_ids=portion,
                document=version.document_id,
                version_id=version.pk,
                titles={"ru": version.title_ru, "en": version.title_en},
                effective_at=version.effective_at,
                needs_acceptance=version.needs_acceptance,
            )
        told, after = told + len(portion), portion[-1]
    DocumentVersion.objects.filter(pk=version.pk, announced_at=None).update(announced_at=timezone.now())
    return told


@transaction.atomic
def load(
    *, slug: str, position: int, is_accepted: bool, texts: Mapping[str, str], now: datetime | None = None
) -> DocumentVersion | None:
    """Bring a document of the product into the database: `texts` has `title_…` and `body_…` in both languages.

    The first version is published at once. Later a changed text becomes a draft, which staff publish; a draft that
    waits is left alone. Returns the version that it made, or None.
    """
    document, _created = Document.objects.update_or_create(
        slug=slug, defaults={"position": position, "is_accepted": is_accepted}
    )
    last = DocumentVersion.objects.select_for_update().filter(document=document).order_by("-number").first()
    moment = now or timezone.now()
    if last is None:
        return DocumentVersion.objects.create(
            document=document,
            number=1,
            status=DocumentVersion.Status.PUBLISHED,
            published_at=moment,
            effective_at=moment,
            needs_acceptance=is_accepted,
            **texts,
        )
    if last.status == DocumentVersion.Status.DRAFT or all(getattr(last, name) == text for name, text in texts.items()):
        return None
    return DocumentVersion.objects.create(
        document=document,
        number=last.number + 1,
        effective_at=moment + NOTICE_PERIOD + timedelta(days=1),
        **texts,
    )
