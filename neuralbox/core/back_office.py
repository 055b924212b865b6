"""What admin pages share: tables to look at, and actions that ask for a reason before they act.

An action shows its form on GET and acts on POST alone, for who has its permission; `ReasonedActions` sees to both.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminTextareaWidget

from neuralbox.core.audit import LONGEST_REASON, SHORTEST_REASON
from neuralbox.core.errors import DomainError


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("Kept in the audit trail."),
    )


class LookOnly:
    """Nobody adds, changes or deletes rows here: services do."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LookOnlyAdmin(LookOnly, ModelAdmin):
    """A table that may be very large: its rows are never counted, and its pages are read one at a time."""

    list_per_page = 50
    show_full_result_count = False
    paginator = InfinitePaginator
    list_filter_submit = True


class LookOnlyInline(LookOnly, TabularInline):
    extra = 0
    tab = True
    can_delete = False
    per_page = 20


class ReasonedActions(ModelAdmin):
    """Adds actions on one row, each with a reason. `act_permission`: what a member of staff needs for them."""

    act_permission = ""
    reason_template = "admin/reason.html"

    def has_act_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm(self.act_permission))

    def found(self, request: HttpRequest, object_id: str, permission: str = "") -> Any:
        """The row of an action's address. Raises PermissionDenied before it looks, Http404 when there is none."""
        if not request.user.has_perm(permission or self.act_permission):
            raise PermissionDenied
        try:
            key = UUID(str(object_id))
        except ValueError as error:
            raise Http404 from error
        return get_object_or_404(self.get_queryset(request), pk=key)

    def with_reason(
        self, request: HttpRequest, row: models.Model, title: str, explanation: str, act: Callable[[str], str]
    ) -> HttpResponse:
        """Ask for a reason; then `act` on it and show what it returned, or why it refused."""
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                messages.success(request, act(form.cleaned_data["reason"]))
            except DomainError as refusal:
                messages.error(request, str(refusal.detail))
            return HttpResponseRedirect(self.address(row))
        return self.page(request, self.reason_template, row, title, form=form, explanation=explanation)

    def page(self, request: HttpRequest, template: str, row: models.Model, title: str, **more: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "row": row, "title": title, **more}
        return TemplateResponse(request, template, {**context, "back": self.address(row)})

    def address(self, row: models.Model) -> str:
        exists = type(row)._default_manager.filter(pk=row.pk).exists()
        page, arguments = ("change", [row.pk]) if exists else ("changelist", [])
        return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=arguments)
