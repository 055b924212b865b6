"""Refunds and disputes: what people ask for, what two people decide, what a bank takes."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from billing import selectors_payments
from billing.admin import shown
from billing.models import Dispute, Refund
from billing.services import refund_sending, refunds
from neuralbox.core import audit
from neuralbox.core.back_office import LookOnlyAdmin, ReasonedActions

_MAY = {
    Refund.Status.REQUESTED: ("approve", "reject"),
    Refund.Status.APPROVED: ("ask", "paid_out", "call_off"),
    Refund.Status.SENT: ("ask", "paid_out", "call_off"),
}


@admin.register(Refund)
class RefundAdmin(LookOnlyAdmin, ReasonedActions):
    list_display = ("created_at", "person", "payment", "shown_status", "sum", "tokens", "source", "shown_age")
    list_filter = ("status", "source", "is_manual", "is_outcome_unknown", "payment__gateway", "created_at")
    list_select_related = ("payment__wallet__owner",)
    search_fields = ("=id", "=payment__id", "=payment__number", "=external_id", "=payment__wallet__owner__email")
    search_help_text = _("Id; id or number of the payment; number at the gateway; e-mail of the person")
    ordering = ("-created_at", "-id")
    fields = readonly_fields = (
        "person", "payment", "status", "sum", "tokens", "bonus_tokens", "source", "reason", "is_manual",
        "is_outcome_unknown", "needs_two", "requested_by", "first_approved_by", "decided_by", "answer", "proof",
        "external_id", "failure", "created_at", "decided_at", "sent_at", "ended_at", "next_poll_at", "polls",
    )  # fmt: skip
    actions_detail = ["approve", "reject", "ask", "paid_out", "call_off"]
    act_permission = "billing.approve_refund"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Refund]:
        return super().get_queryset(request).select_related("payment__wallet__owner")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """What can be decided in this state."""
        refund = Refund.objects.filter(pk=object_id).only("status", "is_manual").first()
        wanted = _MAY.get(Refund.Status(refund.status), ()) if refund else ()
        if refund and refund.is_manual:
            wanted = tuple(one for one in wanted if one != "ask")
        return [one for one in super().get_actions_detail(request, object_id) if one.action_name.endswith(wanted)]

    @display(description=_("Person"))
    def person(self, refund: Refund) -> str:
        return shown.owner(refund.payment.wallet)

    @display(description=_("Status"), ordering="status", label=shown.REFUND_LABELS)
    def shown_status(self, refund: Refund) -> tuple[str, str]:
        return refund.status, refund.get_status_display()

    @display(description=_("Amount"), ordering="amount")
    def sum(self, refund: Refund) -> str:
        return shown.money(refund.amount, refund.payment.currency)

    @display(description=_("Hours"), label={"late": "danger", "open": "warning", "ended": "success"})
    def shown_age(self, refund: Refund) -> tuple[str, str]:
        """From the request to the end, or until now; red when it passes what we promise in public."""
        taken = (refund.ended_at or timezone.now()) - refund.created_at
        hours = f"{taken.total_seconds() / 3600:.1f}"
        if taken > selectors_payments.REFUND_PROMISE:
            return "late", hours
        return ("ended" if refund.ended_at else "open"), hours

    @display(description=_("Two people"), boolean=True)
    def needs_two(self, refund: Refund) -> bool:
        return refunds.needs_second_person(refund)

    @action(description=_("Approve"), url_path="approve", permissions=["act"], icon="check_circle")
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        refund = self.found(request, object_id)

        def act(reason: str) -> str:
            approved = refunds.approve(refund, reason=reason, by=request.user)
            if approved.status == Refund.Status.REQUESTED:
                return gettext("Above the limit: a second person has to approve it too.")
            return gettext("Approved. The money is on its way.")

        explanation = gettext("The money goes back the way it came; the tokens that are set aside are taken.")
        return self.with_reason(request, refund, gettext("Approve"), explanation, act)

    @action(description=_("Reject"), url_path="reject", permissions=["act"], icon="cancel")
    def reject(self, request: HttpRequest, object_id: str) -> HttpResponse:
        refund = self.found(request, object_id)

        def act(reason: str) -> str:
            refunds.reject(refund, reason=reason, by=request.user)
            return gettext("Rejected. The tokens are back.")

        return self.with_reason(request, refund, gettext("Reject"), gettext("The customer reads your reason."), act)

    @action(description=_("Ask the gateway now"), url_path="ask", permissions=["act"], icon="sync")
    def ask(self, request: HttpRequest, object_id: str) -> HttpResponse:
        refund = self.found(request, object_id)

        def act(reason: str) -> str:
            audit.record(refund.payment, by=request.user, event="refund_asked", reason=reason, refund=str(refund.pk))
            refund_sending.send_now(refund.pk)
            refund.refresh_from_db()
            return gettext("Asked. The refund is now: %(status)s") % {"status": refund.get_status_display()}

        explanation = gettext("It is never sent a second time before the gateway has said that it knows of none.")
        return self.with_reason(request, refund, gettext("Ask the gateway now"), explanation, act)

    @action(description=_("Paid out by hand"), url_path="paid-out", permissions=["act"], icon="payments")
    def paid_out(self, request: HttpRequest, object_id: str) -> HttpResponse:
        refund = self.found(request, object_id)

        def act(reason: str) -> str:
            refunds.record_payout(refund, proof=reason, by=request.user)
            return gettext("Recorded. The tokens are taken.")

        explanation = gettext("Give the number of the transaction: it is the proof, and the customer sees it.")
        return self.with_reason(request, refund, gettext("Paid out by hand"), explanation, act)

    @action(description=_("No money went"), url_path="call-off", permissions=["act"], icon="block")
    def call_off(self, request: HttpRequest, object_id: str) -> HttpResponse:
        refund = self.found(request, object_id)

        def act(reason: str) -> str:
            refunds.record_failure(refund, reason=reason, by=request.user)
            return gettext("Recorded. The tokens are back.")

        explanation = gettext("Only when the gateway's cabinet shows that no money went. Where did you look?")
        return self.with_reason(request, refund, gettext("No money went"), explanation, act)


@admin.register(Dispute)
class DisputeAdmin(LookOnlyAdmin):
    list_display = ("created_at", "person", "payment", "shown_status", "sum", "frozen_tokens", "shortfall", "answer_by")
    list_filter = ("status", "payment__gateway", "created_at")
    list_select_related = ("payment__wallet__owner",)
    search_fields = ("=external_id", "=payment__number", "=payment__wallet__owner__email")
    search_help_text = _("Number at the gateway, number of the payment, e-mail of the person")
    fields = readonly_fields = (
        "payment", "external_id", "status", "sum", "hold", "frozen_tokens", "shortfall", "reason", "raw_status",
        "answer_by", "created_at", "ended_at",
    )  # fmt: skip
    ordering = ("-created_at", "-id")

    @display(description=_("Person"))
    def person(self, dispute: Dispute) -> str:
        return shown.owner(dispute.payment.wallet)

    @display(description=_("Status"), ordering="status", label=shown.DISPUTE_LABELS)
    def shown_status(self, dispute: Dispute) -> tuple[str, str]:
        return dispute.status, dispute.get_status_display()

    @display(description=_("Amount"))
    def sum(self, dispute: Dispute) -> str:
        return shown.money(dispute.amount, dispute.payment.currency)
