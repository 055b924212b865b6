"""Corrections, and the second person's decision about the large ones."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from billing.models import Correction
from billing.services import corrections
from neuralbox.core.back_office import LookOnlyAdmin, ReasonedActions


@admin.register(Correction)
class CorrectionAdmin(LookOnlyAdmin, ReasonedActions):
    list_display = ("created_at", "owner", "amount", "shown_status", "proposed_by", "decided_by", "reason")
    list_filter = ("status", "created_at")
    list_select_related = ("wallet__owner", "proposed_by", "decided_by")
    search_fields = ("=id", "=wallet__id", "=wallet__owner__email", "=proposed_by__email")
    search_help_text = _("Id, id of the wallet, e-mail of the owner or of the one who proposed it")
    ordering = ("-id",)
    actions_detail = ["approve", "reject"]
    act_permission = "billing.approve_correction"

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """There is something to decide only about a proposal."""
        waits = Correction.objects.filter(pk=object_id, status=Correction.Status.PROPOSED).exists()
        return super().get_actions_detail(request, object_id) if waits else []

    @display(description=_("Owner"))
    def owner(self, correction: Correction) -> str:
        return str(correction.wallet.owner)

    @display(
        description=_("Status"),
        ordering="status",
        label={
            Correction.Status.PROPOSED: "warning",
            Correction.Status.POSTED: "success",
            Correction.Status.REJECTED: "info",
        },
    )
    def shown_status(self, correction: Correction) -> tuple[str, str]:
        return correction.status, correction.get_status_display()

    @action(description=_("Approve"), url_path="approve", permissions=["act"], icon="check_circle")
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(request, object_id, gettext("Approve"), corrections.approve)

    @action(description=_("Reject"), url_path="reject", permissions=["act"], icon="cancel")
    def reject(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(request, object_id, gettext("Reject"), corrections.reject)

    def _decide(self, request: HttpRequest, object_id: str, title: str, service: Callable[..., None]) -> HttpResponse:
        correction = self.found(request, object_id)

        def act(reason: str) -> str:
            service(correction, reason=reason, by=request.user)
            return gettext("Done: %(what)s") % {"what": title}

        explanation = f"{correction.wallet.owner} · {correction} · {correction.proposed_by}: {correction.reason}"
        return self.with_reason(request, correction, title, explanation, act)
