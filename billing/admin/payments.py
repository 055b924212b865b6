"""Payments with all that happened to them, what gateways told us, and receipts."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from billing import selectors_payments
from billing.admin import revenue, shown
from billing.admin.base import as_uuid, wallets_of
from billing.gateways import registry
from billing.models import Payment, PaymentEvent, PaymentNotification, Receipt, Refund
from billing.services import closings, payment_polls, refunds
from neuralbox.core import audit
from neuralbox.core.back_office import LookOnlyAdmin, LookOnlyInline, ReasonedActions


class EventInline(LookOnlyInline):
    model = PaymentEvent
    fields = readonly_fields = ("created_at", "kind", "source", "details")
    ordering = ("id",)


class RefundInline(LookOnlyInline):
    model = Refund
    fields = readonly_fields = ("created_at", "status", "source", "amount", "tokens", "ended_at")
    ordering = ("created_at",)
    show_change_link = True


class ReceiptInline(LookOnlyInline):
    model = Receipt
    fields = readonly_fields = ("created_at", "status", "url", "fiscal_document", "issued_at")
    ordering = ("created_at",)


class NotificationInline(LookOnlyInline):
    model = PaymentNotification
    fields = readonly_fields = ("received_at", "kind", "raw_status", "verdict", "peer")
    ordering = ("received_at",)
    show_change_link = True


@admin.register(Payment)
class PaymentAdmin(LookOnlyAdmin, ReasonedActions):
    list_display = ("created_at", "number", "person", "gateway", "shown_status", "sum", "tokens", "bonus_tokens")
    list_filter = ("status", "gateway", "currency", "is_test", "created_at")
    list_select_related = ("wallet__owner",)
    search_fields = ("number",)
    search_help_text = _("Number, id, number at the gateway; id of the wallet; id, e-mail or name of the person")
    ordering = ("-created_at", "-id")
    fields = readonly_fields = (
        "number", "person", "gateway", "is_test", "status", "sum", "full_sum", "tokens", "bonus_tokens",
        "package_version", "promo_code", "external_id", "charge_id", "method", "failure", "returned", "can_be_returned",
        "receipt_terms", "created_at", "expires_at", "paid_at", "closed_at", "next_poll_at", "polls",
    )  # fmt: skip
    inlines = [EventInline, RefundInline, ReceiptInline, NotificationInline]
    actions_detail = ["ask", "ask_by_number", "propose_refund"]
    act_permission = "billing.manage_payments"

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """A payer's number helps where the gateway has not told us of it."""
        actions = super().get_actions_detail(request, object_id)
        payment = Payment.objects.filter(pk=object_id, charge_id="").first()
        known = registry.GATEWAYS.get(payment.gateway) if payment else None
        helps = known is not None and known.facts.knows_payers_number
        return [one for one in actions if helps or not one.action_name.endswith("ask_by_number")]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        found = queryset.filter(external_id=term) | queryset.filter(charge_id=term)
        if term.isascii() and term.isdigit() and len(term) < 19:
            found |= queryset.filter(number=int(term))
        if key := as_uuid(term):
            found |= queryset.filter(pk=key)
        return found | queryset.filter(wallet_id__in=wallets_of(term)), False

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(revenue.revenue)
        return [path("revenue/", page, name="billing_payment_revenue"), *super().get_urls()]

    @display(description=_("Person"))
    def person(self, payment: Payment) -> str:
        return shown.owner(payment.wallet)

    @display(description=_("Status"), ordering="status", label=shown.PAYMENT_LABELS)
    def shown_status(self, payment: Payment) -> tuple[str, str]:
        return payment.status, payment.get_status_display()

    @display(description=_("Amount"), ordering="amount")
    def sum(self, payment: Payment) -> str:
        return shown.money(payment.amount, payment.currency)

    @display(description=_("Price"))
    def full_sum(self, payment: Payment) -> str:
        return shown.money(payment.full_amount, payment.currency)

    @display(description=_("Refunded"))
    def returned(self, payment: Payment) -> str:
        return shown.money(payment.refunded_amount, payment.currency)

    @display(description=_("Can be returned now"))
    def can_be_returned(self, payment: Payment) -> str:
        part = selectors_payments.refundable(payment)
        return f"{shown.money(part.amount, payment.currency)} · {part.explanation}"

    @action(description=_("Ask the gateway now"), url_path="ask", permissions=["act"], icon="sync")
    def ask(self, request: HttpRequest, object_id: str) -> HttpResponse:
        payment = self.found(request, object_id)

        def act(reason: str) -> str:
            audit.record(payment, by=request.user, event="payment_asked", reason=reason)
            payment_polls.ask(payment.pk)
            payment.refresh_from_db()
            return gettext("Asked. The payment is now: %(status)s") % {"status": payment.get_status_display()}

        explanation = gettext("What the gateway says is applied by the same rules as its notifications.")
        return self.with_reason(request, payment, gettext("Ask the gateway now"), explanation, act)

    @action(description=_("Ask by the payer's number"), url_path="ask-by-number", permissions=["act"], icon="pin")
    def ask_by_number(self, request: HttpRequest, object_id: str) -> HttpResponse:
        payment = self.found(request, object_id)

        def act(reason: str) -> str:
            audit.record(payment, by=request.user, event="payment_asked", reason=reason)
            payment_polls.ask_by_number(payment, reason)
            return gettext("Asked. The payment is now: %(status)s") % {"status": payment.get_status_display()}

        explanation = gettext("The number of the payment that the payer saw on the page of the payment system.")
        return self.with_reason(request, payment, gettext("Ask by the payer's number"), explanation, act)

    @action(description=_("Propose a refund"), url_path="refund", permissions=["act"], icon="undo")
    def propose_refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        payment = self.found(request, object_id)

        def act(reason: str) -> str:
            refunds.propose(payment_id=payment.pk, reason=reason, by=request.user)
            return gettext("The unused tokens are set aside. The refund waits for its approval.")

        explanation = selectors_payments.refundable(payment).explanation
        return self.with_reason(request, payment, gettext("Propose a refund"), explanation, act)


@admin.register(PaymentNotification)
class PaymentNotificationAdmin(LookOnlyAdmin):
    list_display = ("received_at", "gateway", "kind", "raw_status", "shown_verdict", "payment", "peer")
    list_filter = ("verdict", "gateway", "kind", "received_at")
    list_select_related = ("payment",)
    search_fields = ("delivery_id",)
    search_help_text = _("Id of the event, id of the payment")
    ordering = ("-received_at", "-id")
    fields = readonly_fields = (
        "received_at", "gateway", "kind", "raw_status", "delivery_id", "verdict", "payment", "peer", "method",
        "shown_body",
    )  # fmt: skip

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = search_term.strip()
        found: QuerySet[PaymentNotification] = queryset.filter(delivery_id=term) if term else queryset
        if key := as_uuid(term):
            found |= queryset.filter(payment_id=key)
        return found, False

    @display(
        description=_("Verdict"),
        ordering="verdict",
        label={
            PaymentNotification.Verdict.RECEIVED: "danger",
            PaymentNotification.Verdict.REFUSED: "danger",
            PaymentNotification.Verdict.UNKNOWN: "warning",
            PaymentNotification.Verdict.REVIEW: "warning",
            PaymentNotification.Verdict.LATER: "warning",
            PaymentNotification.Verdict.APPLIED: "success",
            PaymentNotification.Verdict.IGNORED: "info",
            PaymentNotification.Verdict.REPEATED: "info",
        },
    )
    def shown_verdict(self, notification: PaymentNotification) -> tuple[str, str]:
        return notification.verdict, notification.get_verdict_display()

    @display(description=_("Body, masked"))
    def shown_body(self, notification: PaymentNotification) -> str:
        try:
            text = json.dumps(json.loads(notification.body), ensure_ascii=False, indent=2)
        except ValueError:
            text = notification.body
        return format_html('<pre class="whitespace-pre-wrap">{}</pre>', text)


@admin.register(Receipt)
class ReceiptAdmin(LookOnlyAdmin, ReasonedActions):
    list_display = ("created_at", "payment", "shown_kind", "shown_status", "sum", "fiscal_document", "issued_at")
    list_filter = ("kind", "status", "payment__gateway", "created_at")
    list_select_related = ("payment",)
    search_fields = ("=fiscal_document", "=payment__number")
    search_help_text = _("Number of the fiscal document or of the payment")
    ordering = ("-created_at", "-id")
    fields = readonly_fields = (
        "payment", "kind", "refund", "status", "sum", "lines", "url", "fiscal_storage", "fiscal_document",
        "fiscal_sign", "raw_status", "external_id", "is_outcome_unknown", "created_at", "sent_at", "issued_at",
        "next_try_at", "tries",
    )  # fmt: skip
    actions_detail = ["send_again", "made_elsewhere"]
    act_permission = "billing.approve_refund"

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only a closing receipt that waits for staff can be acted upon."""
        waits = Receipt.objects.filter(pk=object_id, kind=Receipt.Kind.CLOSING).filter(
            Q(status=Receipt.Status.FAILED) | Q(status=Receipt.Status.PENDING, next_try_at=None)
        )
        return super().get_actions_detail(request, object_id) if waits.exists() else []

    @display(description=_("Kind"), ordering="kind")
    def shown_kind(self, receipt: Receipt) -> str:
        return receipt.get_kind_display()

    @display(description=_("Status"), ordering="status", label=shown.RECEIPT_LABELS)
    def shown_status(self, receipt: Receipt) -> tuple[str, str]:
        return receipt.status, receipt.get_status_display()

    @display(description=_("Amount"))
    def sum(self, receipt: Receipt) -> str:
        return shown.money(sum(line["amount"] for line in receipt.lines), receipt.payment.currency)

    @action(description=_("Send again"), url_path="send-again", permissions=["act"], icon="replay")
    def send_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        receipt = self.found(request, object_id)

        def act(reason: str) -> str:
            closings.send_again(receipt, reason=reason, by=request.user)
            return gettext("It is being asked for anew.")

        explanation = gettext("Only when the cabinet shows that it was not made: a second one would be wrong.")
        return self.with_reason(request, receipt, gettext("Send again"), explanation, act)

    @action(description=_("It was made"), url_path="made", permissions=["act"], icon="check_circle")
    def made_elsewhere(self, request: HttpRequest, object_id: str) -> HttpResponse:
        receipt = self.found(request, object_id)

        def act(reason: str) -> str:
            closings.made_elsewhere(receipt, proof=reason, by=request.user)
            return gettext("Recorded.")

        explanation = gettext("Give the number of its fiscal document.")
        return self.with_reason(request, receipt, gettext("It was made"), explanation, act)
