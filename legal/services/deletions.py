"""Deletion of accounts: asked for, announced, taken back within the grace period, and done.

Access ends with the request. After the grace period every app erases what it holds, the highest first, each step
noted in the row; a step may be repeated, so a crash at any moment costs nothing but time. What is left in the end is
the act: numbers, and nobody's name.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from legal.errors import DeletionPending, NotConfirmed, NothingToCancel, WrongState
from legal.models import DeletionRequest, LegalHold
from legal.signals import deletion_began, deletion_cancelled, deletion_scheduled
from neuralbox.core import audit, jobs, personal_data, recipients, states, storage
from neuralbox.core.errors import FieldError, NotFound
from neuralbox.core.personal_data import NotYet

logger = logging.getLogger(__name__)

GRACE = timedelta(days=14)
DEADLINE = timedelta(days=30)
# From here on the staff are reminded of a request every day.
WORRY = timedelta(days=5)
ON_HOLD = "a legal hold"
_SALT = "legal.deletion"

Status, Way = DeletionRequest.Status, DeletionRequest.Way


def of(user: Any) -> DeletionRequest | None:
    """The open request about this person, or the last one that was cancelled or rejected."""
    mine = DeletionRequest.objects.filter(user=user)
    return mine.filter(status__in=DeletionRequest.OPEN).first() or mine.order_by("-created_at").first()


def ask(*, user: Any, confirm: str) -> DeletionRequest:
    """The person's own wish: scheduled at once, access ends, and two weeks to think again.

    `confirm` is the person's e-mail or name, typed. Raises NotConfirmed, DeletionPending.
    """
    expected = {text.strip().casefold() for text in (user.email or "", user.name or "") if text.strip()}
    if (confirm.strip().casefold() or "-") not in (expected or {str(user.pk)}):
        raise NotConfirmed(errors=[FieldError("/confirm", NotConfirmed.title, "not_confirmed")])
    with transaction.atomic():
        request = _open(user=user, way=Way.PROFILE, by=None, reason="")
        _schedule(request, GRACE)
    return request


@transaction.atomic
def enter(*, user: Any, way: str, by: Any, reason: str) -> DeletionRequest:
    """A request that came by letter, or that staff make. A child's account goes at once, without a grace period (P21),
    also when it was waiting for one.

    Another request waits for a member of staff to be sure who asks. Raises InvalidInput without a reason,
    DeletionPending.
    """
    reason = audit.checked_reason(reason)
    waiting = _waiting(user) if way == Way.CHILD else None
    request = waiting or _open(user=user, way=Way(way), by=by, reason=reason)
    if waiting:
        waiting.way, waiting.entered_by, waiting.reason = Way.CHILD, by, reason
        waiting.save(update_fields=["way", "entered_by", "reason"])
    audit.record(request, by=by, event="deletion_requested", reason=reason, owner=str(user.pk), way=way)
    if request.way == Way.CHILD:
        _schedule(request, timedelta(0))
    return request


@transaction.atomic
def confirm(*, request_id: UUID, by: Any, reason: str) -> DeletionRequest:
    """Staff are sure who asks: the account is closed now, and erased after the grace period. Raises WrongState."""
    reason = audit.checked_reason(reason)
    request = _locked(request_id)
    if request.status != Status.REQUESTED:
        raise WrongState
    _schedule(request, min(GRACE, request.deadline - WORRY - timezone.now()))
    audit.record(request, by=by, event="deletion_confirmed", reason=reason, owner=str(request.user_id))
    return request


@transaction.atomic
def reject(*, request_id: UUID, by: Any, reason: str) -> DeletionRequest:
    """Refuse a request before the erasure has begun; the account works again. Raises WrongState."""
    reason = audit.checked_reason(reason)
    request = _locked(request_id)
    was_scheduled = request.status == Status.SCHEDULED
    if not states.move(request, Status.REJECTED, finished_at=timezone.now(), reason=reason):
        raise WrongState
    audit.record(request, by=by, event="deletion_rejected", reason=reason, owner=str(request.user_id))
    if was_scheduled:
        deletion_cancelled.send(sender=DeletionRequest, user_id=request.user_id, request_id=request.pk)
    return request


def cancel(*, user: Any) -> DeletionRequest:
    """The person thinks again. Raises NothingToCancel, also once the erasure has begun, and for a child's account."""
    request = DeletionRequest.objects.filter(user=user, status__in=(Status.REQUESTED, Status.SCHEDULED)).first()
    if request is None:
        raise NothingToCancel
    return _cancel(request)


def cancel_by_letter(token: str) -> DeletionRequest:
    """As `cancel`, with the token of the link in the letter: for who cannot sign in. Raises NothingToCancel."""
    request = by_letter(token)
    if request is None:
        raise NothingToCancel
    return _cancel(request)


def letter_token(request_id: UUID) -> str:
    """What the link in the letter carries. It can do one thing: keep the account."""
    return signing.dumps(str(request_id), salt=_SALT, compress=False)


def by_letter(token: str) -> DeletionRequest | None:
    """The request that could still be cancelled with this token."""
    try:
        request_id = UUID(signing.loads(token, salt=_SALT, max_age=DEADLINE))
    except (signing.BadSignature, ValueError):
        return None
    return DeletionRequest.objects.filter(pk=request_id, status=Status.SCHEDULED).exclude(way=Way.CHILD).first()


@transaction.atomic
def _cancel(request: DeletionRequest) -> DeletionRequest:
    if request.way == Way.CHILD or not states.move(request, Status.CANCELLED, finished_at=timezone.now(), reason=""):
        raise NothingToCancel
    deletion_cancelled.send(sender=DeletionRequest, user_id=request.user_id, request_id=request.pk)
    return request


def _open(*, user: Any, way: str, by: Any, reason: str) -> DeletionRequest:
    try:
        with transaction.atomic():
            return DeletionRequest.objects.create(
                user=user, way=way, entered_by=by, reason=reason, deadline=timezone.now() + DEADLINE
            )
    except IntegrityError as error:
        raise DeletionPending from error


def _schedule(request: DeletionRequest, grace: timedelta) -> None:
    """Close the account now, within this transaction, and have it erased after the grace period."""
    erase_at = timezone.now() + max(grace, timedelta(0))
    if request.status == Status.SCHEDULED:
        # Closed and announced already; it only comes sooner.
        request.erase_at = erase_at
        request.save(update_fields=["erase_at"])
    elif states.move(request, Status.SCHEDULED, erase_at=erase_at):
        deletion_scheduled.send(
            sender=DeletionRequest,
            user_id=request.user_id,
            request_id=request.pk,
            erase_at=erase_at,
            by_person=request.way == Way.PROFILE,
        )
    else:
        raise WrongState
    if grace <= timedelta(0):
        jobs.enqueue("legal.erase", str(request.pk))


def _waiting(user: Any) -> DeletionRequest | None:
    """This person's request whose erasure has not begun, locked."""
    waiting = DeletionRequest.objects.select_for_update().filter(user=user)
    return waiting.filter(status__in=(Status.REQUESTED, Status.SCHEDULED)).first()


def _locked(request_id: UUID) -> DeletionRequest:
    request = DeletionRequest.objects.select_for_update().filter(pk=request_id).first()
    if request is None:
        raise NotFound
    return request


def due() -> QuerySet[DeletionRequest]:
    """Requests to work on now: their time has come, or the work on them stopped."""
    return DeletionRequest.objects.filter(
        Q(status=Status.SCHEDULED, erase_at__lte=timezone.now()) | Q(status=Status.RUNNING)
    )


def start_due() -> int:
    """Give every due request a job. Returns how many. A job too many does no harm."""
    waiting = list(due().values_list("pk", flat=True))
    for request_id in waiting:
        jobs.enqueue("legal.erase", str(request_id))
    return len(waiting)


def erase(request_id: UUID) -> bool:
    """Erase everything of the person of a due request. May be repeated at any point. True: all is done.

    False: nothing is due, or something must end first (`waits_for` says what): it is tried again by `start_due`.
    """
    request = due().select_related("user").filter(pk=request_id).first()
    if request is None or request.user is None:
        return False
    if LegalHold.objects.filter(user=request.user, lifted_at=None).exists():
        return _wait(request, ON_HOLD)
    if request.status == Status.SCHEDULED:
        if not states.move(request, Status.RUNNING, started_at=timezone.now(), act=_inventory(request)):
            return False
        deletion_began.send(sender=DeletionRequest, user_id=request.user_id, request_id=request.pk)
    for holder in reversed(personal_data.holders()):
        try:
            _note(request, holder.name, holder.erase(request.user))
        except NotYet as reason:
            return _wait(request, str(reason))
    return _finish(request)


def _wait(request: DeletionRequest, what: str) -> bool:
    DeletionRequest.objects.filter(pk=request.pk).update(waits_for=what[:200])
    return False


def _note(request: DeletionRequest, holder: str, counts: Mapping[str, int]) -> None:
    """Add what a holder has erased to what it had erased before a crash."""
    with transaction.atomic():
        noted = DeletionRequest.objects.select_for_update().get(pk=request.pk)
        before = noted.erased.get(holder, {})
        noted.erased[holder] = before | {name: before.get(name, 0) + count for name, count in counts.items() if count}
        noted.save(update_fields=["erased"])


def _inventory(request: DeletionRequest) -> dict[str, Any]:
    """What was there when the erasure began, in numbers: so that the act is right even after a crash."""
    held: dict[str, int] = {}
    passed_on: list[dict[str, Any]] = []
    deleting = {one.name for one in recipients.everyone() if one.deletes_on_request}
    for holder in personal_data.holders():
        held |= {section.name: section.count() for section in holder.sections(request.user)}
        passed_on += [
            {"recipient": got.recipient, "count": got.count, "offers_deletion": got.recipient in deleting}
            for got in holder.received(request.user)
        ]
    return {"held": {name: count for name, count in held.items() if count}, "received_by": passed_on}


def _finish(request: DeletionRequest) -> bool:
    """Forget whose request it was. Raises RuntimeError when a file of the person is still there."""
    left = [
        found.key
        for folder in sorted(personal_data.folders())
        for found in storage.store().listing(f"{folder}/{request.user_id}")
    ]
    if left:
        raise RuntimeError(f"{len(left)} files are left after an erasure")
    request.refresh_from_db()
    act = request.act | {
        "number": str(request.pk),
        "way": request.way,
        "requested_at": request.created_at.isoformat(),
        "began_at": request.started_at and request.started_at.isoformat(),
        "finished_at": timezone.now().isoformat(),
        "in_time": timezone.now() <= request.deadline,
        "erased": request.erased,
        "files_left": 0,
    }
    return states.move(
        request, Status.DONE, user=None, reason="", waits_for="", erased={}, act=act, finished_at=timezone.now()
    )


def late() -> QuerySet[DeletionRequest]:
    """Open requests whose deadline is near or over."""
    return DeletionRequest.objects.filter(
        status__in=DeletionRequest.OPEN, deadline__lte=timezone.now() + WORRY
    ).order_by("deadline")


def watch() -> int:
    """Remind of requests that are about to be late, in the log that people watch. Returns how many."""
    requests = list(late())
    for request in requests:
        logger.error(
            "deletion request near its deadline",
            extra={
                "request": str(request.pk),
                "deadline": request.deadline.isoformat(),
                "waits_for": request.waits_for,
            },
        )
    return len(requests)


@transaction.atomic
def place_hold(*, user: Any, ground: str, by: Any) -> LegalHold:
    """From now on nothing of this person is purged or erased. `ground`: what obliges us. Raises InvalidInput."""
    ground = audit.checked_reason(ground)[:300]
    hold = LegalHold.objects.create(user=user, ground=ground, placed_by=by)
    audit.record(hold, by=by, event="legal_hold_placed", reason=ground, owner=str(user.pk))
    return hold


@transaction.atomic
def lift_hold(*, hold_id: UUID, by: Any, reason: str) -> LegalHold:
    """End a legal hold. Raises WrongState when it has ended already."""
    reason = audit.checked_reason(reason)
    hold = LegalHold.objects.select_for_update().get(pk=hold_id)
    if hold.lifted_at is not None:
        raise WrongState
    hold.lifted_at, hold.lifted_by = timezone.now(), by
    hold.save(update_fields=["lifted_at", "lifted_by"])
    audit.record(hold, by=by, event="legal_hold_lifted", reason=reason, owner=str(hold.user_id))
    return hold
