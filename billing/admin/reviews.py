"""The review queue, and the daily comparisons with the gateways' books."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from billing.admin import shown
from billing.models import ReconciliationDifference, ReconciliationRun, ReviewCase
from billing.services import reviews
from neuralbox.core.back_office import LookOnlyAdmin, LookOnlyInline, ReasonedActions

_Resolution = ReviewCase.Resolution


@admin.register(ReviewCase)
class ReviewCaseAdmin(LookOnlyAdmin, ReasonedActions):
    list_display = ("created_at", "kind", "gateway", "payment", "shown_details", "shown_status", "resolution")
    list_filter = ("status", "kind", "gateway", "created_at")
    list_select_related = ("payment",)
    search_fields = ("=id", "=payment__number", "=payment__id")
    search_help_text = _("Id, number or id of the payment")
    ordering = ("-created_at", "-id")
    actions_detail = ["credit", "returned", "nothing"]
    act_permission = "billing.manage_payments"

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        is_open = ReviewCase.objects.filter(pk=object_id, status=ReviewCase.Status.OPEN).exists()
        return super().get_actions_detail(request, object_id) if is_open else []

    @display(description=_("Status"), ordering="status", label=shown.REVIEW_LABELS)
    def shown_status(self, case: ReviewCase) -> tuple[str, str]:
        return case.status, case.get_status_display()

    @display(description=_("Details"))
    def shown_details(self, case: ReviewCase) -> str:
        return " · ".join(f"{name}: {value}" for name, value in case.details.items() if value)

    def _resolve(
        self, request: HttpRequest, object_id: str, title: str, explanation: str, resolution: str
    ) -> HttpResponse:
        case = self.found(request, object_id)

        def act(reason: str) -> str:
            reviews.resolve(case, resolution=resolution, note=reason, by=request.user)
            return gettext("Decided.")

        decide: Callable[[str], str] = act
        return self.with_reason(request, case, title, explanation, decide)

    @action(description=_("Credit the payment"), url_path="credit", permissions=["act"], icon="add_card")
    def credit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        explanation = gettext("The tokens that were ordered are given, as if the gateway had confirmed the payment.")
        return self._resolve(request, object_id, gettext("Credit the payment"), explanation, _Resolution.CREDITED)

    @action(description=_("Money returned"), url_path="returned", permissions=["act"], icon="undo")
    def returned(self, request: HttpRequest, object_id: str) -> HttpResponse:
        explanation = gettext("It was returned in the gateway's cabinet or by hand. Name the transaction.")
        return self._resolve(request, object_id, gettext("Money returned"), explanation, _Resolution.RETURNED)

    @action(description=_("Nothing to do"), url_path="nothing", permissions=["act"], icon="done")
    def nothing(self, request: HttpRequest, object_id: str) -> HttpResponse:
        explanation = gettext("Say why nothing has to be done.")
        return self._resolve(request, object_id, gettext("Nothing to do"), explanation, _Resolution.NOTHING)


class DifferenceInline(LookOnlyInline):
    model = ReconciliationDifference
    fields = readonly_fields = ("kind", "payment", "external_id", "ours", "theirs")
    ordering = ("id",)


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(LookOnlyAdmin):
    list_display = ("day", "gateway", "shown_status", "compared", "credited", "differences_count", "ended_at")
    list_filter = ("status", "gateway", "day")
    search_fields = ("gateway",)
    search_help_text = _("Gateway")
    ordering = ("-day", "gateway")
    inlines = [DifferenceInline]

    @display(
        description=_("Status"),
        ordering="status",
        label={
            ReconciliationRun.Status.DONE: "success",
            ReconciliationRun.Status.FAILED: "danger",
            ReconciliationRun.Status.RUNNING: "info",
        },
    )
    def shown_status(self, run: ReconciliationRun) -> tuple[str, str]:
        return run.status, run.get_status_display()

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("differences")

    @display(description=_("Differences"))
    def differences_count(self, run: ReconciliationRun) -> int:
        return len(run.differences.all())
