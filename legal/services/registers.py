"""Registers: letters about data and their answers; demands of authorities and what was given."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from legal.errors import SecondPersonNeeded, WrongState
from legal.models import DeletionRequest, Disclosure, PrivacyRequest
from legal.services import deletions
from neuralbox.core import audit, recipients, states

ANSWERED_WITHIN = timedelta(days=30)
# A child's data has no business here: somebody looks at once.
CHILD_WITHIN = timedelta(days=1)

DISCLOSURE_COLUMNS = (
    "id", "authority", "letter", "ground", "scope", "user_id", "status", "received_at", "deadline", "entered_by_id",
    "created_at", "decided_by_id", "decided_at", "given", "is_secret",
)  # fmt: skip


def receive(
    *, kind: str, way: str, text: str, contact: str = "", user_id: UUID | None = None, by: Any = None
) -> PrivacyRequest:
    """Put a letter about somebody's data into the queue of the staff (P23). Returns it, with its deadline."""
    within = CHILD_WITHIN if kind == PrivacyRequest.Kind.CHILD else ANSWERED_WITHIN
    request = PrivacyRequest.objects.create(
        kind=PrivacyRequest.Kind(kind),
        way=PrivacyRequest.Way(way),
        text=text.strip()[:10_000],
        contact=contact,
        user_id=user_id,
        deadline=timezone.now() + within,
    )
    if by is not None:
        audit.record(request, by=by, event="privacy_request_entered", reason=request.get_kind_display())
    return request


@transaction.atomic
def close(*, request_id: UUID, answer: str, by: Any, rejected: bool = False) -> PrivacyRequest:
    """Note what was done about a letter. Raises InvalidInput without an answer, WrongState when it was closed."""
    answer = audit.checked_reason(answer)
    request = PrivacyRequest.objects.select_for_update().get(pk=request_id)
    status = PrivacyRequest.Status.REJECTED if rejected else PrivacyRequest.Status.DONE
    if not states.move(request, status, answer=answer, closed_by=by, closed_at=timezone.now()):
        raise WrongState
    audit.record(request, by=by, event="privacy_request_closed", reason=answer, owner=str(request.user_id or ""))
    return request


@transaction.atomic
def delete_child(*, request_id: UUID, user: Any, by: Any, reason: str) -> DeletionRequest:
    """A letter told of a child: the child's account, `user`, goes at once (P21), and the reason closes the letter.

    Raises InvalidInput without a reason, WrongState when the letter was closed, DeletionPending.
    """
    close(request_id=request_id, answer=reason, by=by)
    return deletions.enter(user=user, way=DeletionRequest.Way.CHILD, by=by, reason=reason)


@transaction.atomic
def decide(*, disclosure_id: UUID, status: str, given: str, by: Any) -> Disclosure:
    """A second person decides what an authority gets, and says what was given or why nothing was.

    Raises InvalidInput without that, SecondPersonNeeded for who entered the demand, WrongState once decided.
    """
    given = audit.checked_reason(given)
    disclosure = Disclosure.objects.select_for_update().get(pk=disclosure_id)
    if disclosure.entered_by_id == by.pk:
        raise SecondPersonNeeded
    if not states.move(disclosure, status, given=given, decided_by=by, decided_at=timezone.now()):
        raise WrongState
    audit.record(disclosure, by=by, event=f"disclosure_{status}", reason=given, owner=str(disclosure.user_id or ""))
    return disclosure


def disclosure_rows(rows: Iterable[Disclosure] | None = None) -> Iterator[dict[str, Any]]:
    """The register of disclosures as records, oldest first."""
    chosen = Disclosure.objects.order_by("received_at") if rows is None else rows
    for row in chosen:
        yield {name: getattr(row, name) for name in DISCLOSURE_COLUMNS}


def recipient_rows() -> Iterator[dict[str, Any]]:
    """The register of recipients (P17), as it follows from the adapters themselves."""
    for one in recipients.everyone():
        yield {
            "name": one.name,
            "title": one.title,
            "company": one.company,
            "country": one.country,
            "purpose": one.purpose.value,
            "sent": str(one.sent),
            "not_sent": str(one.not_sent),
            "kept": str(one.kept),
            "deletes_on_request": one.deletes_on_request,
            "is_used": one.is_used,
            "privacy_policy": one.privacy_policy,
        }


def late(now: datetime | None = None) -> Any:
    """Open letters whose deadline is over."""
    return PrivacyRequest.objects.filter(status=PrivacyRequest.Status.OPEN, deadline__lte=now or timezone.now())
