"""Retention: the periods of every kind of data, dry runs, and the report of each run."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextareaWidget

from legal.models import RetentionResult, RetentionRule, RetentionRun, RetentionWarning
from legal.services import retention
from neuralbox.core import personal_data
from neuralbox.core.audit import LONGEST_REASON, SHORTEST_REASON
from neuralbox.core.back_office import LookOnlyAdmin, LookOnlyInline
from neuralbox.core.errors import DomainError


def _title(kind: str) -> str:
    """A kind of data as people call it; a kind that no app has any more, by its name."""
    rule = personal_data.rules().get(kind)
    return str(rule.title) if rule else kind


class PeriodForm(forms.Form):
    days = forms.IntegerField(label=_("Kept, days"), min_value=1, widget=UnfoldAdminIntegerFieldWidget())
    reason = forms.CharField(
        label=_("Reason"),
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )


@admin.register(RetentionRule)
class RetentionRuleAdmin(LookOnlyAdmin):
    """Every kind of data with its period, also those whose default nobody has changed."""

    list_display = ("kind", "days", "changed_by", "changed_at")
    list_select_related = ("changed_by",)
    fields = readonly_fields = ("kind", "days", "changed_by", "changed_at")

    def get_urls(self) -> list[Any]:
        change = self.admin_site.admin_view(self.change_period)
        return [path("set/<str:kind>/", change, name="legal_retentionrule_set"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = [
            {
                "rule": rule,
                "days": retention.period(rule).days,
                "link": reverse("admin:legal_retentionrule_set", args=[rule.kind]),
            }
            for rule in personal_data.rules().values()
        ]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Retention rules"),
            "rows": rows,
            "may_change": request.user.has_perm("legal.change_retentionrule"),
        }
        return TemplateResponse(request, "legal/admin/rules.html", context)

    def change_period(self, request: HttpRequest, kind: str) -> HttpResponse:
        """The form on GET; POST alone changes."""
        if not request.user.has_perm("legal.change_retentionrule"):
            raise PermissionDenied
        back = reverse("admin:legal_retentionrule_changelist")
        rule = personal_data.rules().get(kind)
        if rule is None:
            return HttpResponseRedirect(back)
        initial = {"days": retention.period(rule).days}
        form = PeriodForm(request.POST if request.method == "POST" else None, initial=initial)
        if request.method == "POST" and form.is_valid():
            try:
                retention.set_period(kind=kind, by=request.user, **form.cleaned_data)
            except DomainError as refusal:
                form.add_error("days", str(refusal.errors[0].detail if refusal.errors else refusal.detail))
            else:
                messages.success(request, gettext("Set. It holds from the next run on."))
                return HttpResponseRedirect(back)
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, "rule": rule, "back": back}
        return TemplateResponse(request, "legal/admin/rule.html", {**context, "title": rule.title})


class ResultInline(LookOnlyInline):
    model = RetentionResult
    fields = ("shown_kind", "days", "due", "held", "purged", "warned", "batches", "seconds", "failure", "samples")
    readonly_fields = fields
    per_page = 50

    @display(description=_("Kind of data"))
    def shown_kind(self, result: RetentionResult) -> str:
        return _title(result.kind)


@admin.register(RetentionRun)
class RetentionRunAdmin(LookOnlyAdmin):
    """What each run did. A dry run can be started here; the real one runs every night."""

    list_display = ("started_at", "is_dry", "shown_status", "purged", "orphan_files", "undeclared_files", "took")
    list_filter = ("is_dry", "status")
    fields = readonly_fields = (
        "started_at",
        "finished_at",
        "is_dry",
        "status",
        "started_by",
        "orphan_files",
        "undeclared_files",
    )
    ordering = ("-started_at",)
    inlines = [ResultInline]
    actions_list = ["dry_run"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("results")

    def has_dry_run_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("legal.change_retentionrule"))

    @action(description=_("Dry run"), url_path="dry-run", permissions=["dry_run"], icon="science")
    def dry_run(self, request: HttpRequest) -> HttpResponse:
        """Counts and samples what the next night would purge; changes nothing but its own report."""
        if request.method != "POST":
            context = {**self.admin_site.each_context(request), "opts": self.opts, "title": gettext("Dry run")}
            return TemplateResponse(request, "legal/admin/dry_run.html", context)
        run = retention.run(is_dry=True, by=request.user)
        return HttpResponseRedirect(reverse("admin:legal_retentionrun_change", args=[run.pk]))

    @display(description=_("Status"), label={"running": "info", "done": "success", "failed": "danger"})
    def shown_status(self, run: RetentionRun) -> tuple[str, str]:
        return run.status, run.get_status_display()

    @display(description=_("Rows purged"))
    def purged(self, run: RetentionRun) -> int:
        return sum(count for result in run.results.all() for count in result.purged.values())

    @display(description=_("Took, s"))
    def took(self, run: RetentionRun) -> str:
        return f"{sum(result.seconds for result in run.results.all()):.1f}"


@admin.register(RetentionWarning)
class RetentionWarningAdmin(LookOnlyAdmin):
    list_display = ("created_at", "user", "shown_kind", "count", "purge_at")
    list_filter = ("kind",)
    list_select_related = ("user",)
    search_fields = ("=user__id", "=user__email")
    ordering = ("-created_at", "-id")
    fields = readonly_fields = ("user", "shown_kind", "count", "covers_before", "purge_at", "created_at")

    @display(description=_("Kind of data"))
    def shown_kind(self, warning: RetentionWarning) -> str:
        return _title(warning.kind)
