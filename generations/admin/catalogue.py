"""Models, their routes and prices, for the staff that looks after the catalogue.

Nothing is edited in place: what changes the catalogue is a form of its own, with a reason, that acts on POST alone.
"""

import json
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextareaWidget, UnfoldBooleanSwitchWidget

from accounts.models import User
from generations.catalogue.price_rules import PriceRule
from generations.models import Model, ModelVersion, PriceProposal, Route
from generations.services import catalogue, catalogue_changes
from generations.services.catalogue_changes import RouteChange
from neuralbox.core.errors import DomainError

TEMPLATES = "generations/admin"


class ReasonForm(forms.Form):
    """Whatever changes the catalogue says why; the audit trail keeps it."""

    reason = forms.CharField(
        label=_("Reason"), min_length=3, max_length=1000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


class PriceForm(ReasonForm):
    price_rule = forms.CharField(
        label=_("Price rule"),
        max_length=64 * 1024,
        help_text=_('JSON in the language of prices. Amounts are texts, such as "0.25".'),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 24, "spellcheck": "false"}),
    )
    field_order = ("price_rule", "reason")


class RouteForm(forms.Form):
    """One route; its prefix is the route's id."""

    is_enabled = forms.BooleanField(label=_("In use"), required=False, widget=UnfoldBooleanSwitchWidget())
    priority = forms.IntegerField(
        label=_("Priority"), min_value=1, max_value=1000, widget=UnfoldAdminIntegerFieldWidget()
    )


class _LookOnly:
    """Nobody adds, edits or deletes rows here: services do."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RouteInline(_LookOnly, TabularInline):
    model = Route
    extra = 0
    tab = True
    fields = readonly_fields = ("provider", "provider_model", "is_enabled", "priority", "cost_currency", "cost_rule")


class VersionInline(_LookOnly, TabularInline):
    model = ModelVersion
    extra = 0
    tab = True
    per_page = 20
    show_change_link = True
    fields = readonly_fields = ("number", "author", "created_by", "created_at", "reason")
    ordering = ("-number",)


class ProposalInline(_LookOnly, TabularInline):
    model = PriceProposal
    fk_name = "model"
    extra = 0
    tab = True
    per_page = 20
    show_change_link = True
    fields = readonly_fields = ("status", "largest_change", "proposed_by", "created_at", "reason")


def _who(request: HttpRequest) -> User:
    """The member of staff; the admin lets nobody else in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _may_change(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("generations.change_model"))


def _texts(refusal: DomainError) -> list[str]:
    """What a refusal says, field by field where it does."""
    return [f"{error.pointer}: {error.detail}" for error in refusal.errors] or [str(refusal.detail)]


class _WithForms(_LookOnly, ModelAdmin):
    """Admin pages whose changes are forms: shown on GET, done on POST, for who may change the catalogue."""

    list_per_page = 50
    show_full_result_count = False

    def has_catalogue_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return _may_change(request)

    def found(self, request: HttpRequest, object_id: str) -> Any:
        """The row of an action's address. Raises PermissionDenied before it looks, Http404 when there is none."""
        if not _may_change(request):
            raise PermissionDenied
        row = self.get_object(request, str(object_id))
        if row is None:
            raise Http404
        return row

    def page(self, request: HttpRequest, template: str, row: Any, title: str, **more: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "row": row, "title": title, **more}
        return TemplateResponse(request, f"{TEMPLATES}/{template}", {**context, "back": self.address(row)})

    def address(self, row: Any) -> str:
        return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])

    def with_reason(
        self, request: HttpRequest, row: Any, title: str, act: Callable[[str], str], **more: Any
    ) -> HttpResponse:
        """Ask for a reason; then `act` on it and say what it returned."""
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                messages.success(request, act(form.cleaned_data["reason"]))
            except DomainError as refusal:
                for text in _texts(refusal):
                    messages.error(request, text)
            return HttpResponseRedirect(self.address(row))
        return self.page(request, "reason.html", row, title, form=form, **more)


@admin.register(Model)
class CatalogueModelAdmin(_WithForms):
    list_display = ("slug", "name_ru", "modality", "state", "providers_here", "price", "version", "checked_on")
    list_filter = ("modality", "is_enabled", "is_local_only")
    list_select_related = ("current_version",)
    search_fields = ("slug", "name_ru", "name_en")
    inlines = [RouteInline, VersionInline, ProposalInline]
    actions_detail = ["change_price", "change_routes", "switch_off", "switch_on"]
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "slug",
                    "modality",
                    "state",
                    "providers_here",
                    "price",
                    "version",
                    "position",
                    "is_local_only",
                )
            },
        ),
        (_("Texts"), {"fields": ("name_ru", "name_en", "description_ru", "description_en")}),
        (_("Where it comes from"), {"fields": ("source", "checked_on", "created_at")}),
    )
    readonly_fields = ("state", "providers_here", "price", "version", "created_at")

    @display(description=_("State"), ordering="is_enabled", label={_("On"): "success", _("Off"): "danger"})
    def state(self, model: Model) -> Any:
        return _("On") if model.is_enabled else _("Off")

    @display(description=_("Providers here"))
    def providers_here(self, model: Model) -> str:
        """Customers do not see a model that no provider with a key makes; staff see why."""
        return ", ".join(catalogue.providers_here(model.slug)) or str(_("not available on this installation"))

    @display(description=_("Price"))
    def price(self, model: Model) -> str:
        version = model.current_version
        if version is None:
            return "—"
        rows = catalogue_changes.price_list(version)
        return f"{min(rows)}–{max(rows)}" if len(set(rows)) > 1 else str(rows[0])

    @display(description=_("Version"))
    def version(self, model: Model) -> str:
        version = model.current_version
        return f"{version.number} · {version.get_author_display()}" if version else "—"

    @action(description=_("Change the price"), url_path="price", permissions=["catalogue"], icon="sell")
    def change_price(self, request: HttpRequest, object_id: str) -> HttpResponse:
        model = self.found(request, object_id)
        version = model.current_version
        if version is None:
            messages.error(request, gettext("This model was never loaded from a file."))
            return HttpResponseRedirect(self.address(model))
        shown = json.dumps(version.price_rule, ensure_ascii=False, indent=2)
        form = PriceForm(request.POST if request.method == "POST" else None, initial={"price_rule": shown})
        rule_text, consequences = shown, None
        if request.method == "POST":
            rule_text = request.POST.get("price_rule", "")
            try:
                consequences = catalogue_changes.preview(version, catalogue_changes.parsed_rule(rule_text, version))
                if "save" in request.POST and form.is_valid():
                    return self._priced(request, model, rule_text, form.cleaned_data["reason"])
            except DomainError as refusal:
                form.add_error("price_rule", _texts(refusal))
            if "save" not in request.POST:
                form.errors.pop("reason", None)
        consequences = consequences or catalogue_changes.preview(version, PriceRule.model_validate(version.price_rule))
        language = "ru" if (get_language() or "").startswith("ru") else "en"
        rows = [(row.label[language], row.before, row.after) for row in consequences.rows]
        return self.page(
            request,
            "price.html",
            model,
            gettext("Change the price"),
            form=form,
            rows=rows,
            consequences=consequences,
            alone_up_to=catalogue_changes.ALONE_UP_TO_PERCENT,
        )

    def _priced(self, request: HttpRequest, model: Model, rule_text: str, reason: str) -> HttpResponse:
        outcome = catalogue_changes.change_price(model=model, rule_text=rule_text, reason=reason, by=_who(request))
        if isinstance(outcome, PriceProposal):
            text = gettext("The change is large, so it waits for a second person.")
            messages.warning(request, text)
            return HttpResponseRedirect(self.address(outcome))
        messages.success(
            request, gettext("The new price holds now, as version %(number)d.") % {"number": outcome.number}
        )
        return HttpResponseRedirect(self.address(model))

    @action(description=_("Change routes"), url_path="routes", permissions=["catalogue"], icon="route")
    def change_routes(self, request: HttpRequest, object_id: str) -> HttpResponse:
        model = self.found(request, object_id)
        posted = request.POST if request.method == "POST" else None
        routes = list(model.routes.order_by("priority", "provider"))
        forms_of_routes = [
            (
                route,
                RouteForm(
                    posted, prefix=str(route.pk), initial={"is_enabled": route.is_enabled, "priority": route.priority}
                ),
            )
            for route in routes
        ]
        form = ReasonForm(posted)
        everything = [form, *(one for _route, one in forms_of_routes)]
        wrong = [one for one in everything if not one.is_valid()]
        if posted is not None and not wrong:
            changes = [
                RouteChange(route.pk, one.cleaned_data["is_enabled"], one.cleaned_data["priority"])
                for route, one in forms_of_routes
            ]
            count = catalogue_changes.change_routes(
                model=model, changes=changes, reason=form.cleaned_data["reason"], by=_who(request)
            )
            messages.success(request, gettext("Routes changed: %(count)d") % {"count": count})
            return HttpResponseRedirect(self.address(model))
        return self.page(
            request, "routes.html", model, gettext("Change routes"), form=form, forms_of_routes=forms_of_routes
        )

    @action(description=_("Switch off"), url_path="switch-off", permissions=["catalogue"], icon="block")
    def switch_off(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._switch(request, object_id, gettext("Switch off"), is_enabled=False)

    @action(description=_("Switch on"), url_path="switch-on", permissions=["catalogue"], icon="check_circle")
    def switch_on(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._switch(request, object_id, gettext("Switch on"), is_enabled=True)

    def _switch(self, request: HttpRequest, object_id: str, title: str, *, is_enabled: bool) -> HttpResponse:
        model = self.found(request, object_id)

        def act(reason: str) -> str:
            done = catalogue_changes.set_enabled(model=model, is_enabled=is_enabled, reason=reason, by=_who(request))
            return gettext("Done.") if done else gettext("Nothing to do: it was so already.")

        return self.with_reason(request, model, title, act)


@admin.register(ModelVersion)
class ModelVersionAdmin(_WithForms):
    """What was in force, and who wrote it. Versions are never changed."""

    list_display = ("model", "number", "author", "created_by", "created_at", "reason")
    list_filter = ("author", "model__modality", "created_at")
    list_select_related = ("model", "created_by")
    search_fields = ("=id", "model__slug")
    ordering = ("-created_at",)
    fields = readonly_fields = (
        *("model", "number", "author", "created_by", "created_at", "reason", "typical_seconds", "deadline_seconds"),
        *("price_list", "rule", "schema", "results"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelVersion]:
        return super().get_queryset(request).select_related("model", "created_by")

    @display(description=_("Price list"))
    def price_list(self, version: ModelVersion) -> str:
        rule = PriceRule.model_validate(version.price_rule)
        prices = catalogue_changes.price_list(version)
        return "; ".join(f"{row.label.ru}: {tokens}" for row, tokens in zip(rule.rows, prices, strict=True))

    @display(description=_("Price rule"))
    def rule(self, version: ModelVersion) -> str:
        return _readable(version.price_rule)

    @display(description=_("Input schema"))
    def schema(self, version: ModelVersion) -> str:
        return _readable(version.input_schema)


@admin.register(PriceProposal)
class PriceProposalAdmin(_WithForms):
    list_display = ("model", "status", "largest_change", "proposed_by", "created_at", "decided_by", "decided_at")
    list_filter = ("status", "created_at")
    list_select_related = ("model", "proposed_by", "decided_by")
    search_fields = ("=id", "model__slug")
    actions_detail = ["approve", "reject"]
    fields = readonly_fields = (
        *("model", "status", "largest_change", "changes", "reason", "proposed_by", "created_at"),
        *("decided_by", "decided_at", "decision_reason", "rule"),
    )

    @display(description=_("Price list"))
    def changes(self, proposal: PriceProposal) -> str:
        rule = PriceRule.model_validate(proposal.price_rule)
        rows = catalogue_changes.preview(proposal.based_on, rule).rows
        return "; ".join(f"{row.label['ru']}: {row.before} → {row.after}" for row in rows)

    @display(description=_("Price rule"))
    def rule(self, proposal: PriceProposal) -> str:
        return _readable(proposal.price_rule)

    @action(description=_("Approve"), url_path="approve", permissions=["catalogue"], icon="check_circle")
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        proposal = self.found(request, object_id)

        def act(reason: str) -> str:
            version = catalogue_changes.approve(proposal=proposal, reason=reason, by=_who(request))
            return gettext("The new price holds now, as version %(number)d.") % {"number": version.number}

        return self.with_reason(request, proposal, gettext("Approve"), act, details=self.changes(proposal))

    @action(description=_("Reject"), url_path="reject", permissions=["catalogue"], icon="block")
    def reject(self, request: HttpRequest, object_id: str) -> HttpResponse:
        proposal = self.found(request, object_id)

        def act(reason: str) -> str:
            catalogue_changes.reject(proposal=proposal, reason=reason, by=_who(request))
            return gettext("The price stays as it is.")

        return self.with_reason(request, proposal, gettext("Reject"), act, details=self.changes(proposal))


def _readable(stored: Any) -> str:
    return format_html(
        '<pre class="whitespace-pre-wrap text-xs">{}</pre>', json.dumps(stored, ensure_ascii=False, indent=2)
    )
