"""A generation from order to end: start, cancel, retry, and the settlement of its hold.

Every end is reached through `states.move` under the generation's row lock, and the hold is settled in the same
transaction. The generation is always locked before the wallet.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Notice, User
from accounts.notice_settings import wants
from accounts.services import freezes, notices
from billing.services import holds
from generations.errors import (
    IdempotencyMismatch,
    ModelUnavailable,
    PriceAboveLimit,
    QuoteNotOpen,
    WrongState,
)
from generations.models import Generation, ProviderTask, WebhookEndpoint
from generations.services import catalogue, events, inputs, pricing
from legal.services import consents
from neuralbox.core import ids, jobs, states
from neuralbox.core.errors import DomainError, FieldError

SUBMIT = "generations.submit"
Status = Generation.Status


@dataclass(frozen=True, slots=True)
class Order:
    """What a caller asks for: a quote to redeem, or a model with its input."""

    user_id: UUID
    quote_id: UUID | None = None
    model: str = ""
    raw_input: Any = None
    max_tokens: int | None = None
    source: str = Generation.Source.API
    api_key_id: UUID | None = None
    spender: str = ""
    caps: Mapping[str, int] | None = None
    webhook_url: str = ""
    metadata: Mapping[str, Any] | None = None
    retry_of: UUID | None = None
    idempotency_key: str | None = None
    body: Any = None


@dataclass(frozen=True, slots=True)
class Started:
    """A generation as it was at its creation. `replayed`: an earlier call with this key created it."""

    id: UUID
    model: str
    modality: str
    input: Mapping[str, Any]
    tokens: int
    source: str
    metadata: Mapping[str, Any]
    created_at: datetime
    deadline: datetime
    retry_of: UUID | None = None
    replayed: bool = False


def start(order: Order) -> Started:
    """Create the generation and place its hold, in one transaction.

    Raises InvalidInput, UnknownModel, ModelUnavailable, QuoteNotOpen, PriceAboveLimit, IdempotencyMismatch,
    InsufficientTokens, SpendCapReached, AccountFrozen, ConsentRequired; nothing is stored then, and the idempotency
    key may be used again.
    """
    digest = _digest(order.body) if order.idempotency_key else None
    try:
        return _start(order, digest)
    except DomainError:
        # A repeated call must get its first answer, even if it could not be ordered any more.
        if digest and (earlier := _replay(order, digest)):
            return earlier
        raise


def _start(order: Order, digest: bytes | None) -> Started:
    if order.quote_id:
        return _create(order, digest, version_id=None, tokens=None, accepted=None)
    for _attempt in range(2):
        offer = catalogue.offered(order.model)
        accepted = inputs.accept(offer, order.raw_input, user_id=order.user_id)
        tokens = pricing.price(offer, accepted).tokens
        try:
            return _create(order, digest, version_id=offer.version_id, tokens=tokens, accepted=accepted)
        except _StaleOffer:
            catalogue.forget()
    raise ModelUnavailable


class _StaleOffer(Exception):
    """The cached terms are not the present ones."""


@transaction.atomic
def _create(
    order: Order,
    digest: bytes | None,
    *,
    version_id: UUID | None,
    tokens: int | None,
    accepted: inputs.AcceptedInput | None,
) -> Started:
    generation_id, hold_id, job_id = ids.new(), ids.new(), ids.new()
    metadata = dict(order.metadata or {})
    with connection.cursor() as cursor:
        cursor.execute(
            # One statement, so that asking for the consent costs no query.
            "SELECT created.*, legal_owes_consent(%s) FROM generations_create("
            "%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::uuid[], %s, %s, %s, %s, %s) AS created",
            [
                order.user_id,
                generation_id,
                order.user_id,
                order.api_key_id,
                order.idempotency_key,
                digest,
                order.quote_id,
                version_id,
                tokens,
                hold_id,
                json.dumps(accepted.input if accepted else None),
                accepted.prompt if accepted else "",
                [upload.pk for upload in accepted.uploads] if accepted else [],
                order.source,
                order.webhook_url,
                json.dumps(metadata),
                order.retry_of,
                job_id,
            ],
        )
        outcome, found_id, price, model, modality, final_input, created_at, deadline, owes_consent = cursor.fetchone()
    if outcome == "stale":
        if order.quote_id:
            raise ModelUnavailable
        raise _StaleOffer
    if outcome == "quote_not_open":
        raise QuoteNotOpen
    if outcome == "key_reused":
        raise IdempotencyMismatch
    if outcome == "frozen":
        raise freezes.refusal_of(order.user_id)
    if outcome == "replayed":
        return _started(found_id)
    if owes_consent:
        raise consents.refusal_of(order.user_id)
    if order.max_tokens is not None and price > order.max_tokens:
        raise PriceAboveLimit(
            _("The price is %(price)d tokens, your limit is %(limit)d.") % {"price": price, "limit": order.max_tokens},
            errors=[FieldError("/max_tokens", _("Lower than the price."), "price_above_limit")],
            tokens=price,
        )
    placed = holds.place(
        owner_id=order.user_id,
        hold_id=hold_id,
        amount=price,
        reference=f"generation:{generation_id}",
        spender=order.spender,
        caps=order.caps,
    )
    jobs.publish_after_commit(job_id, SUBMIT, [str(generation_id)])
    balance = {"available": placed.available, "held": placed.held}
    events.pass_on(order.user_id, "status", {"status": Status.QUEUED}, generation_id=generation_id)
    events.pass_on(order.user_id, "balance", balance)
    return Started(
        id=generation_id,
        model=model,
        modality=modality,
        input=json.loads(final_input) if isinstance(final_input, str) else final_input,
        tokens=price,
        source=order.source,
        metadata=metadata,
        created_at=created_at,
        deadline=deadline,
        retry_of=order.retry_of,
    )


def _digest(body: Any) -> bytes:
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).digest()


def _replay(order: Order, digest: bytes) -> Started | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT body_digest, generation_id FROM generations_idempotencykey WHERE user_id = %s AND key = %s",
            [order.user_id, order.idempotency_key],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    if bytes(row[0]) != digest:
        raise IdempotencyMismatch
    return _started(row[1])


def _started(generation_id: UUID) -> Started:
    generation = Generation.objects.select_related("model").get(pk=generation_id)
    return Started(
        id=generation.pk,
        model=generation.model.slug,
        modality=generation.modality,
        input=generation.input,
        tokens=generation.tokens_quoted,
        source=generation.source,
        metadata=generation.metadata,
        created_at=generation.created_at,
        deadline=generation.deadline,
        retry_of=generation.retry_of_id,
        replayed=True,
    )


def lock(generation_id: UUID) -> Generation | None:
    """The generation, its row locked until the transaction ends. None: it was deleted."""
    return Generation.objects.select_for_update().filter(pk=generation_id).first()


@transaction.atomic
def succeed(generation: Generation, *, delivered: int, expected: int) -> bool:
    """End well: capture the price, in proportion when fewer results came than were ordered.

    Rounded in the user's favour. False: it had ended already.
    """
    tokens = generation.tokens_quoted * min(delivered, expected) // expected
    changes: dict[str, Any] = {"finished_at": timezone.now(), "tokens_captured": tokens, "progress": 1.0, "stage": ""}
    if not states.move(generation, Status.SUCCEEDED, **changes):
        return False
    if tokens:
        holds.capture(generation.hold_id, tokens)
    else:
        holds.release(generation.hold_id)
    _announce_end(generation)
    _tell_who_asked(generation)
    return True


@transaction.atomic
def fail(generation: Generation, code: str) -> bool:
    """End badly, for the reason `code` (see `generations.failures`), and give the tokens back."""
    changes: dict[str, Any] = {"finished_at": timezone.now(), "error": {"code": code}, "stage": ""}
    if not states.move(generation, Status.FAILED, **changes):
        return False
    holds.release(generation.hold_id)
    _announce_end(generation)
    return True


@transaction.atomic
def cancel(generation: Generation) -> None:
    """Stop at the user's wish and give the tokens back. Raises WrongState once the results are being saved."""
    if not states.move(generation, Status.CANCELLED, finished_at=timezone.now(), stage=""):
        raise WrongState(_("It has ended already, or its results are being saved."))
    holds.release(generation.hold_id)
    for task in generation.tasks.filter(status__in=ProviderTask.OPEN).exclude(external_id=""):
        jobs.enqueue("generations.cancel_at_provider", str(task.pk))
    _announce_end(generation)


def retry(generation: Generation, **by: Any) -> Started:
    """Order the same again, at today's price. Raises WrongState while it runs or if it succeeded, and as `start`."""
    if generation.status not in {Status.FAILED, Status.CANCELLED}:
        raise WrongState(_("Only what failed or was cancelled can be tried again."))
    return start(
        Order(
            user_id=generation.user_id,
            model=generation.model.slug,
            raw_input=generation.input,
            metadata=generation.metadata,
            webhook_url=generation.webhook_url,
            retry_of=generation.pk,
            **by,
        )
    )


def check(generation: Generation) -> None:
    """Have the provider asked at once. Raises WrongState when there is nothing to ask about."""
    open_tasks = generation.tasks.filter(status__in=ProviderTask.OPEN)
    if generation.is_terminal or not open_tasks.update(next_poll_at=timezone.now()):
        raise WrongState(_("There is nothing to ask the provider about."))
    transaction.on_commit(lambda: jobs.hint("generations.poll_due"), robust=True)


def _announce_end(generation: Generation) -> None:
    events.status_changed(generation)
    events.balance_changed(generation.user_id)
    if generation.webhook_url or WebhookEndpoint.objects.filter(user_id=generation.user_id, is_enabled=True).exists():
        jobs.enqueue("generations.announce_end", str(generation.pk))


def _tell_who_asked(generation: Generation) -> None:
    """A notice, for those who have switched on that they want one for each result."""
    owner = User.objects.only("notice_settings").get(pk=generation.user_id)
    if wants(owner, Notice.Kind.GENERATION_FINISHED):
        notices.send(
            user_id=owner.pk,
            kind=Notice.Kind.GENERATION_FINISHED,
            reference=f"generation:{generation.pk}",
            link=f"/g/{generation.pk}",
            model={"ru": generation.model.name_ru, "en": generation.model.name_en},
        )
