"""Payments from the customer's side: begin one, ask about it, let it end.

Nothing is ever called failed because an answer was lost: the row stays open, the same order is sent again under the
same number, and the gateway is asked until it tells.
"""

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services import freezes
from billing.errors import GatewayNotUsable, GatewayTrouble, PaymentRefused
from billing.gateways import registry
from billing.gateways.base import Invoice, Order, PaymentRef
from billing.gateways.errors import Blame, GatewayRefused, GatewayUnavailable, OutcomeUnknown
from billing.models import Payment, PaymentEvent, ReviewCase, Wallet
from billing.services import offers, payment_events, receipts, reviews
from billing.services.offers import Purchase
from legal.services import consents
from neuralbox.core import states
from neuralbox.core.errors import FieldError, InvalidInput

logger = logging.getLogger(__name__)

OPEN_FOR = timedelta(hours=3)
FIRST_QUESTION_AFTER = timedelta(seconds=30)
CREATION_ATTEMPTS = 6


def start(
    *,
    owner_id: UUID,
    gateway: str,
    currency: str = "",
    package: str = "",
    amount: int | None = None,
    promo_code: str = "",
    email: str = "",
    language: str = "ru",
) -> Payment:
    """Begin a payment for a package, or for `amount` minor units, and get the address of the gateway's page.

    When the gateway's answer is lost the payment stays `created` without an address; it is asked for again soon.
    Raises AccountFrozen, ConsentRequired, GatewayNotUsable, NotOffered, AmountOutOfLimits, UnusableCode, InvalidInput;
    GatewayTrouble and PaymentRefused when the gateway did not take it: then nothing was paid and nothing will be.
    """
    freezes.refuse_if_frozen(owner_id)
    consents.demand(owner_id)
    currency = _usable(gateway, currency)
    payment = _record(
        owner_id=owner_id,
        gateway=gateway,
        purchase=lambda: (
            offers.of_package(slug=package, currency=currency)
            if package
            else offers.of_amount(minor=amount or 0, currency=currency)
        ),
        promo_code=promo_code,
        email=email,
        language=language,
    )
    open_page(payment)
    return payment


def _usable(gateway: str, currency: str) -> str:
    """The currency that the gateway is asked for. Raises GatewayNotUsable."""
    usable = registry.configured()
    if gateway not in usable:
        raise GatewayNotUsable(usable=list(usable))
    known = registry.gateway(gateway).facts.currencies
    currency = currency.upper() or next(iter(known))
    if currency not in known:
        detail = _("%(currency)s cannot be paid this way.") % {"currency": currency}
        raise GatewayNotUsable(
            detail, usable=[slug for slug in usable if currency in registry.gateway(slug).facts.currencies]
        )
    return currency


@transaction.atomic
def _record(*, owner_id: UUID, gateway: str, purchase: Any, promo_code: str, email: str, language: str) -> Payment:
    """The row that everything later is compared with."""
    wallet = Wallet.objects.select_for_update(no_key=True).get(owner_id=owner_id)
    bought: Purchase = purchase()
    if promo_code:
        bought = offers.with_promo_code(bought, code=promo_code, wallet_id=wallet.pk)
    limits = registry.gateway(gateway).facts.currencies[bought.amount.currency]
    if not limits.minimum <= bought.amount.minor <= limits.maximum:
        raise offers.out_of_limits(limits.minimum, limits.maximum, bought.amount.currency)
    terms = receipts.terms_for(gateway)
    if terms and not email:
        detail = _("The receipt is sent by e-mail: say where to.")
        raise InvalidInput(errors=[FieldError("/email", detail, code="required")])
    now = timezone.now()
    payment = Payment.objects.create(
        wallet=wallet,
        gateway=gateway,
        is_test=registry.gateway(gateway).is_test(),
        amount=bought.amount.minor,
        full_amount=bought.price.minor,
        currency=bought.amount.currency,
        tokens=bought.tokens,
        bonus_tokens=bought.bonus_tokens,
        package_version=bought.package_version,
        promo_code=bought.promo_code,
        email=email,
        language=language,
        receipt_terms=terms,
        expires_at=now + OPEN_FOR,
        next_poll_at=now + FIRST_QUESTION_AFTER,
    )
    payment.refresh_from_db(fields=["number", "created_at"])
    payment_events.add(payment, "created", PaymentEvent.Source.CUSTOMER)
    return payment


def order_of(payment: Payment) -> Order:
    """The payment as its gateway is asked for it: the same every time."""
    prefix = f"{settings.SITE_URL}/{payment.language}/wallet/payments/{payment.pk}"
    return Order(
        payment_id=payment.pk,
        number=payment.number,
        amount=payment.money,
        description=receipts.line_name(payment.tokens + payment.bonus_tokens, payment.language)[:100],
        language=payment.language,
        success_url=prefix,
        fail_url=prefix,
        notification_url=f"{settings.WEBHOOK_BASE_URL}/webhooks/payments/{payment.gateway}",
        expires_at=payment.expires_at,
        receipt=receipts.of_payment(payment),
    )


def reference_of(payment: Payment) -> PaymentRef:
    """The payment as its gateway knows it."""
    return PaymentRef(
        payment_id=payment.pk,
        number=payment.number,
        amount=payment.money,
        external_id=payment.external_id,
        charge_id=payment.charge_id,
        method=payment.method,
    )


def open_page(payment: Payment) -> None:
    """Ask the gateway for its page, outside of any transaction. A lost answer leaves the payment as it is.

    Raises GatewayTrouble, PaymentRefused: then the payment has failed.
    """
    gateway = registry.gateway(payment.gateway)
    Payment.objects.filter(pk=payment.pk).update(creation_attempts=payment.creation_attempts + 1)
    payment.creation_attempts += 1
    try:
        invoice = gateway.create(order_of(payment))
    except OutcomeUnknown as error:
        logger.warning("payment page not known: %s", type(error).__name__, extra={"payment": str(payment.pk)})
        payment_events.add(payment, "outcome_unknown", PaymentEvent.Source.SITE)
        return
    except GatewayUnavailable as error:
        _fail(payment, "unavailable")
        raise GatewayTrouble(_("Nothing was paid. Try again in a moment, or choose another way to pay.")) from error
    except GatewayRefused as refusal:
        _fail(payment, f"{refusal.code}: {refusal.message}")
        raise _refusal(payment, refusal) from refusal
    _opened(payment, invoice)


def _fail(payment: Payment, why: str) -> None:
    now = timezone.now()
    ended = {"failure": why[:500], "closed_at": now, "next_poll_at": None}
    if states.move(payment, Payment.Status.FAILED, **ended):
        payment_events.add(payment, "failed", PaymentEvent.Source.SITE, why=why[:500])


def _refusal(payment: Payment, refusal: GatewayRefused) -> Exception:
    """What the customer hears of a gateway's no; staff hear of it when it is about us."""
    match refusal.blame:
        case Blame.LIMIT:
            return PaymentRefused(_("The payment system does not take this amount. Choose another one."))
        case Blame.CUSTOMER:
            return PaymentRefused(_("The payment system refused. Try another card or another way to pay."))
        case Blame.STAFF:
            reviews.raise_case(
                ReviewCase.Kind.CONFIGURATION,
                gateway=payment.gateway,
                key=f"{refusal.code}:{timezone.now():%Y-%m-%d}",
                payment=payment,
                code=refusal.code,
                message=refusal.message[:300],
            )
    return GatewayTrouble(_("Nothing was paid. Try again in a moment, or choose another way to pay."))


@transaction.atomic
def _opened(payment: Payment, invoice: Invoice) -> None:
    """Keep the page's address. A notification may have been faster: then the payment has moved on already."""
    mine = Payment.objects.filter(pk=payment.pk)
    mine.update(redirect_url=invoice.redirect_url)
    mine.filter(external_id="").update(external_id=invoice.external_id)
    payment.external_id, payment.redirect_url = invoice.external_id, invoice.redirect_url
    if invoice.expires_at is not None:
        payment.expires_at = invoice.expires_at
        payment.save(update_fields=["expires_at"])
    if states.move(payment, Payment.Status.PENDING):
        payment_events.add(payment, "opened", PaymentEvent.Source.SITE)
