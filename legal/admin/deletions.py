"""Deletion requests, legal holds and exports."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from legal.models import DeletionRequest, Export, LegalHold
from legal.services import deletions
from neuralbox.core.back_office import LookOnlyAdmin, ReasonedActions
from neuralbox.core.errors import DomainError

Status = DeletionRequest.Status
_SOON = deletions.WORRY


class DeadlineFilter(admin.SimpleListFilter):
    title = _("deadline")
    parameter_name = "deadline"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("Open")), ("late", _("Near or over"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        waiting = queryset.filter(status__in=DeletionRequest.OPEN)
        return waiting.filter(deadline__lte=timezone.now() + _SOON) if self.value() == "late" else waiting


class NewRequestForm(forms.ModelForm):
    class Meta:
        model = DeletionRequest
        fields = ("user", "way", "reason")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "way" in self.fields:
            self.fields["user"].required = self.fields["reason"].required = True
            profile = DeletionRequest.Way.PROFILE
            way = cast(forms.ChoiceField, self.fields["way"])
            way.choices = [one for one in DeletionRequest.Way.choices if one[0] != profile]


@admin.register(DeletionRequest)
class DeletionRequestAdmin(ReasonedActions):
    """Entered for who wrote to us; confirmed or rejected once it is clear who asks. The rest is done by itself."""

    act_permission = "legal.change_deletionrequest"
    list_display = ("created_at", "shown_person", "way", "shown_status", "shown_deadline", "erase_at", "waits_for")
    list_filter = (DeadlineFilter, "status", "way")
    list_select_related = ("user",)
    search_fields = ("=id", "=user__id", "=user__email")
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("user",)
    show_full_result_count = False
    form = NewRequestForm
    fields = readonly_fields = (
        "id",
        "user",
        "way",
        "status",
        "reason",
        "entered_by",
        "created_at",
        "erase_at",
        "deadline",
        "started_at",
        "finished_at",
        "waits_for",
        "erased",
        "act",
    )
    actions_detail = ["confirm", "reject"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else ("user", "way", "reason")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Nothing is saved here: the service enters the request."""
        return form.instance

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        try:
            made = deletions.enter(user=obj.user, way=obj.way, by=request.user, reason=obj.reason)
        except DomainError as refusal:
            form.refusal = str(refusal.detail)
            return
        form.made = obj.pk = made.pk

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """There is nothing related."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The audit trail has it."""

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        self._refusal = getattr(form, "refusal", "")
        return []

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        if self._refusal:
            messages.error(request, self._refusal)
            return HttpResponseRedirect(reverse("admin:legal_deletionrequest_changelist"))
        messages.success(request, gettext("Entered, with a deadline of 30 days."))
        return HttpResponseRedirect(self.address(obj))

    @display(description=_("Whose account"))
    def shown_person(self, row: DeletionRequest) -> str:
        return str(row.user) if row.user else "—"

    @display(
        description=_("Status"),
        label={
            "requested": "warning",
            "scheduled": "info",
            "running": "info",
            "done": "success",
            "cancelled": "info",
            "rejected": "info",
        },
    )
    def shown_status(self, row: DeletionRequest) -> tuple[str, str]:
        return row.status, row.get_status_display()

    @display(description=_("Deadline"), label={"late": "danger", "fine": "success"})
    def shown_deadline(self, row: DeletionRequest) -> Any:
        if row.status in DeletionRequest.TERMINAL:
            return "—"
        is_late = row.deadline <= timezone.now() + _SOON
        return ("late" if is_late else "fine"), row.deadline.strftime("%Y-%m-%d")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        row = DeletionRequest.objects.filter(pk=object_id).first()
        sensible: dict[str, set[str]] = {Status.REQUESTED: {"confirm", "reject"}, Status.SCHEDULED: {"reject"}}
        wanted = sensible.get(row.status, set()) if row else set()
        offered = super().get_actions_detail(request, object_id)
        return [one for one in offered if one.method.original_function_name in wanted]

    @action(description=_("Confirm"), url_path="confirm", permissions=["act"], icon="how_to_reg")
    def confirm(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.found(request, object_id)

        def act(reason: str) -> str:
            deletions.confirm(request_id=row.pk, by=request.user, reason=reason)
            return gettext("The account is closed and will be erased after the grace period.")

        explanation = gettext("Confirm only when you are sure that the owner of the account asks. Access ends at once.")
        return self.with_reason(request, row, gettext("Confirm"), explanation, act)

    @action(description=_("Reject"), url_path="reject", permissions=["act"], icon="undo")
    def reject(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.found(request, object_id)

        def act(reason: str) -> str:
            deletions.reject(request_id=row.pk, by=request.user, reason=reason)
            return gettext("Rejected. The account works.")

        explanation = gettext("The account works again. Write to the person why.")
        return self.with_reason(request, row, gettext("Reject"), explanation, act)


@admin.register(LegalHold)
class LegalHoldAdmin(ReasonedActions):
    """Placed with its ground, lifted with a reason; while it stands, nothing of the person goes."""

    act_permission = "legal.change_legalhold"
    list_display = ("placed_at", "user", "ground", "placed_by", "lifted_at")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user", "placed_by")
    search_fields = ("=user__id", "=user__email", "ground")
    ordering = ("-placed_at",)
    autocomplete_fields = ("user",)
    show_full_result_count = False
    actions_detail = ["lift"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("user", "ground", "placed_by", "placed_at", "lifted_by", "lifted_at") if obj else ("user", "ground")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.pk = deletions.place_hold(user=obj.user, ground=obj.ground, by=request.user).pk

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The audit trail has it."""

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        stands = LegalHold.objects.filter(pk=object_id, lifted_at=None).exists()
        return super().get_actions_detail(request, object_id) if stands else []

    @action(description=_("Lift"), url_path="lift", permissions=["act"], icon="lock_open")
    def lift(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.found(request, object_id)

        def act(reason: str) -> str:
            deletions.lift_hold(hold_id=row.pk, by=request.user, reason=reason)
            return gettext("Lifted. Purges and erasures go on.")

        explanation = gettext("Purges and erasures of this person's data go on.")
        return self.with_reason(request, row, gettext("Lift"), explanation, act)


@admin.register(Export)
class ExportAdmin(LookOnlyAdmin):
    """That somebody asked for their data, and how far it is. Never the archive."""

    list_display = ("created_at", "user", "status", "done", "total", "ready_at", "expires_at")
    list_filter = ("status",)
    list_select_related = ("user",)
    search_fields = ("=user__id", "=user__email")
    shown = ("id", "user", "status", "language", "done", "total", "created_at", "ready_at", "expires_at")
    fields = readonly_fields = shown
    ordering = ("-created_at", "-id")
