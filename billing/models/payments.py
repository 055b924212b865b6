"""Payments, what gateways told us about them, and their receipts.

These rows are kept as long as the law wants payment records (P12). They name a wallet, not a person; what identifies a
person (the e-mail for the receipt) is a column of its own, which erasure empties.
"""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing.gateways.money import Money
from billing.models.ledger import Wallet
from billing.models.products import PackageVersion, PromoCode
from neuralbox.core import ids


class NextNumber(Func):
    """The next number of the sequence of payments. Robokassa wants a number, not an id."""

    function = "nextval"

    def __init__(self, **extra: Any) -> None:
        super().__init__(Value("billing_payment_number"), output_field=models.BigIntegerField(), **extra)


class Payment(models.Model):
    """One attempt to buy `tokens` and `bonus_tokens` for `amount` at one gateway. The row decides, never a report.

    `amount` is what the gateway is asked for, `full_amount` the price before a promo code, both in minor units.
    """

    class Status(models.TextChoices):
        CREATED = "created", _("created")
        PENDING = "pending", _("waits for the payment")
        PAID = "paid", _("paid")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        EXPIRED = "expired", _("expired")
        REFUNDED = "refunded", _("refunded")
        PARTIALLY_REFUNDED = "partially_refunded", _("refunded in part")
        DISPUTED = "disputed", _("disputed")

    # Money after a failure, a cancellation or the end of the time is real money, so `paid` can follow them.
    TRANSITIONS: ClassVar = {
        Status.CREATED: {Status.PENDING, Status.PAID, Status.FAILED, Status.CANCELLED, Status.EXPIRED},
        Status.PENDING: {Status.PAID, Status.FAILED, Status.CANCELLED, Status.EXPIRED},
        Status.FAILED: {Status.PAID},
        Status.CANCELLED: {Status.PAID},
        Status.EXPIRED: {Status.PAID},
        Status.PAID: {Status.PARTIALLY_REFUNDED, Status.REFUNDED, Status.DISPUTED},
        Status.PARTIALLY_REFUNDED: {Status.REFUNDED, Status.DISPUTED},
        Status.DISPUTED: {Status.PAID, Status.PARTIALLY_REFUNDED, Status.REFUNDED},
    }
    OPEN: ClassVar = (Status.CREATED, Status.PENDING)
    UNPAID_END: ClassVar = (Status.FAILED, Status.CANCELLED, Status.EXPIRED)
    MONEY_CAME: ClassVar = (Status.PAID, Status.PARTIALLY_REFUNDED, Status.REFUNDED, Status.DISPUTED)

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    number = models.BigIntegerField(_("number"), unique=True, db_default=NextNumber(), editable=False)
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="payments", db_index=False)
    gateway = models.CharField(_("gateway"), max_length=20)
    is_test = models.BooleanField(_("test"), default=False)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.CREATED)
    amount = models.BigIntegerField(_("amount"))
    full_amount = models.BigIntegerField(_("price"))
    currency = models.CharField(_("currency"), max_length=3)
    tokens = models.BigIntegerField(_("tokens"))
    bonus_tokens = models.BigIntegerField(_("bonus tokens"), default=0)
    package_version = models.ForeignKey(
        PackageVersion, on_delete=models.PROTECT, null=True, related_name="payments", verbose_name=_("package")
    )
    promo_code = models.ForeignKey(
        PromoCode, on_delete=models.PROTECT, null=True, related_name="payments", verbose_name=_("promo code")
    )
    email = models.EmailField(_("e-mail for the receipt"), blank=True)
    language = models.CharField(_("language"), max_length=2, default="ru")
    receipt_terms = models.JSONField(_("terms of the receipt"), null=True)
    external_id = models.CharField(_("number at the gateway"), max_length=200, blank=True)
    charge_id = models.CharField(_("number of the charge"), max_length=200, blank=True)
    method = models.CharField(_("way to pay"), max_length=60, blank=True)
    redirect_url = models.CharField(_("payment page"), max_length=2000, blank=True)
    failure = models.CharField(_("failure"), max_length=500, blank=True)
    refunded_amount = models.BigIntegerField(_("refunded"), default=0)
    refunded_tokens = models.BigIntegerField(_("tokens taken back"), default=0)
    refunded_bonus = models.BigIntegerField(_("bonus tokens taken back"), default=0)
    closed_amount = models.BigIntegerField(_("closed by receipts"), default=0)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    expires_at = models.DateTimeField(_("until"))
    paid_at = models.DateTimeField(_("paid at"), null=True)
    closed_at = models.DateTimeField(_("ended"), null=True)
    next_poll_at = models.DateTimeField(_("asked next"), null=True)
    polls = models.PositiveIntegerField(_("times asked"), default=0)
    creation_attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        permissions: ClassVar = [
            ("manage_payments", "Can ask for payments, refund them and decide review cases"),
            ("approve_refund", "Can approve and reject refunds"),
            ("see_revenue", "Can see and export revenue"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["gateway", "external_id"],
                condition=~Q(external_id=""),
                name="billing_one_payment_per_external_id",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, tokens__gt=0, bonus_tokens__gte=0, full_amount__gte=F("amount")),
                name="billing_payment_is_for_something",
            ),
            models.CheckConstraint(
                condition=Q(refunded_amount__gte=0, refunded_tokens__gte=0, refunded_bonus__gte=0)
                & Q(refunded_amount__lte=F("amount"), refunded_tokens__lte=F("tokens"))
                & Q(refunded_bonus__lte=F("bonus_tokens")),
                name="billing_refunds_within_payment",
            ),
            models.CheckConstraint(
                condition=Q(closed_amount__gte=0, closed_amount__lte=F("amount")),
                name="billing_closed_within_payment",
            ),
            models.CheckConstraint(
                condition=Q(paid_at__isnull=False)
                | ~Q(status__in=["paid", "refunded", "partially_refunded", "disputed"]),
                name="billing_money_has_a_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["wallet", "-created_at", "-id"], name="billing_payments_of_wallet"),
            models.Index("next_poll_at", condition=~Q(next_poll_at=None), name="billing_payments_to_ask"),
            models.Index(fields=["gateway", "created_at"], name="billing_payments_by_day"),
            models.Index("paid_at", condition=~Q(paid_at=None), name="billing_payments_paid"),
            # What closing receipts may be owed for.
            models.Index(
                fields=["id"],
                condition=Q(receipt_terms__isnull=False, closed_amount__lt=F("amount") - F("refunded_amount")),
                name="billing_payments_to_close",
            ),
            models.Index("charge_id", condition=~Q(charge_id=""), name="billing_payments_by_charge"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.number}"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class PaymentNotification(models.Model):
    """One call that came to the address of a gateway: kept before anything is done about it, also when refused.

    `body` and `query` are masked: no card, no secret, no proof that could be replayed, no e-mail.
    """

    class Verdict(models.TextChoices):
        RECEIVED = "received", _("received")
        REFUSED = "refused", _("not theirs")
        REPEATED = "repeated", _("repeated")
        APPLIED = "applied", _("applied")
        IGNORED = "ignored", _("nothing new")
        UNKNOWN = "unknown", _("no payment of ours")
        REVIEW = "review", _("for review")
        LATER = "later", _("asked again later")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    gateway = models.CharField(_("gateway"), max_length=20)
    delivery_id = models.CharField(_("id of the event"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=10, blank=True)
    raw_status = models.CharField(_("status"), max_length=60, blank=True)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, related_name="notifications", verbose_name=_("payment")
    )
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict, default=Verdict.RECEIVED)
    method = models.CharField(_("HTTP method"), max_length=4)
    body = models.TextField(_("body"), blank=True)
    peer = models.GenericIPAddressField(_("sender"), null=True)
    received_at = models.DateTimeField(_("received"), db_default=Now())

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes: ClassVar = [
            models.Index(fields=["gateway", "delivery_id"], name="billing_notification_event"),
            models.Index(fields=["-received_at"], name="billing_notification_time"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.kind} {self.raw_status}"


class PaymentEvent(models.Model):
    """What happened to a payment, in order: inserted only. The payment's columns follow from it."""

    class Source(models.TextChoices):
        CUSTOMER = "customer", _("customer")
        NOTIFICATION = "notification", _("notification")
        QUERY = "query", _("we asked")
        STAFF = "staff", _("staff")
        SITE = "site", _("the site")

    id = models.BigAutoField(primary_key=True)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="events", verbose_name=_("payment"))
    kind = models.CharField(_("what"), max_length=30)
    source = models.CharField(_("from"), max_length=12, choices=Source)
    details = models.JSONField(_("details"), default=dict)
    created_at = models.DateTimeField(_("time"), db_default=Now())

    class Meta:
        verbose_name = _("event of a payment")
        verbose_name_plural = _("events of payments")

    def __str__(self) -> str:
        return self.kind


class Receipt(models.Model):
    """A fiscal receipt (54-FZ) made by the gateway. `lines` name no person.

    Those of a sale and of a return come with the payment and the refund. A closing one is asked for by itself, when
    prepaid tokens have been spent; `is_outcome_unknown` then says that it may have been made.
    """

    class Kind(models.TextChoices):
        SALE = "sale", _("payment")
        RETURN = "return", _("return")
        CLOSING = "closing", _("offset of the prepayment")

    class Status(models.TextChoices):
        PENDING = "pending", _("is being made")
        ISSUED = "issued", _("issued")
        FAILED = "failed", _("failed")
        UNTOLD = "untold", _("left to the gateway, which does not tell")

    TRANSITIONS: ClassVar = {
        Status.PENDING: {Status.ISSUED, Status.FAILED, Status.UNTOLD},
        Status.UNTOLD: {Status.ISSUED, Status.FAILED},
        Status.FAILED: {Status.ISSUED, Status.PENDING},
    }

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="receipts", verbose_name=_("payment"))
    refund = models.OneToOneField(
        "billing.Refund", on_delete=models.PROTECT, null=True, related_name="receipt", verbose_name=_("refund")
    )
    kind = models.CharField(_("kind"), max_length=7, choices=Kind, default=Kind.SALE)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.PENDING)
    lines = models.JSONField(_("lines"))
    url = models.CharField(_("address"), max_length=500, blank=True)
    fiscal_storage = models.CharField(_("fiscal storage"), max_length=40, blank=True)
    fiscal_document = models.CharField(_("fiscal document"), max_length=40, blank=True)
    fiscal_sign = models.CharField(_("fiscal sign"), max_length=40, blank=True)
    raw_status = models.CharField(_("status at the gateway"), max_length=60, blank=True)
    created_at = models.DateTimeField(_("begun"), db_default=Now())
    issued_at = models.DateTimeField(_("issued at"), null=True)
    number = models.BigIntegerField(_("number"), null=True, unique=True)
    external_id = models.CharField(_("number at the gateway"), max_length=200, blank=True)
    is_outcome_unknown = models.BooleanField(_("outcome unknown"), default=False)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    next_try_at = models.DateTimeField(_("tried next"), null=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["payment"], condition=Q(kind="sale"), name="billing_one_receipt_per_payment"
            ),
            models.CheckConstraint(
                condition=Q(refund=None, kind__in=["sale", "closing"]) | Q(refund__isnull=False, kind="return"),
                name="billing_receipt_of_its_kind",
            ),
        ]
        indexes: ClassVar = [
            models.Index("next_try_at", condition=~Q(next_try_at=None), name="billing_receipts_to_try"),
        ]

    def __str__(self) -> str:
        return str(self.id)
