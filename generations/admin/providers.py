"""The console of providers: how each does and what it costs, its switch and its limits."""

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from accounts.models import User
from generations import selectors_back_office as reads
from generations import selectors_providers as figures
from generations.admin import search, shown
from generations.models import PriceProposal
from generations.services import price_drift
from neuralbox.core.back_office import LookOnlyAdmin, ReasonedActions, ReasonForm
from neuralbox.core.errors import DomainError
from providers import registry, selectors
from providers.models import Deletion, ProviderHealth
from providers.services import deletions, health, limits

ACT = "providers.change_providerhealth"
CHANGE_PRICES = "generations.change_model"
PRICE_ADDRESS = "generations_provider_price"


class LimitsForm(ReasonForm):
    """Empty fields return to what the provider publishes."""

    requests = forms.IntegerField(
        label=_("Requests"), min_value=1, max_value=100_000, required=False, widget=UnfoldAdminIntegerFieldWidget()
    )
    per_seconds = forms.IntegerField(
        label=_("Per seconds"), min_value=1, max_value=3600, required=False, widget=UnfoldAdminIntegerFieldWidget()
    )
    concurrent = forms.IntegerField(
        label=_("Tasks at once"), min_value=0, max_value=100_000, required=False, widget=UnfoldAdminIntegerFieldWidget()
    )
    field_order = ("requests", "per_seconds", "concurrent", "reason")


@admin.register(ProviderHealth)
class ProviderAdmin(LookOnlyAdmin, ReasonedActions):
    act_permission = ACT
    list_display = (
        "provider",
        "state",
        "success",
        "typical",
        "at_once",
        "waiting",
        "left",
        "costs",
    )
    list_display_links = ("provider",)
    actions_detail = ["switch_off", "switch_on", "probe", "change_limits", "erase_again"]
    change_form_outer_after_template = "generations/admin/provider_more.html"
    fieldsets = (
        (None, {"fields": ("provider", "shown_state", "detail", "since", "probe_at", "switch_reason")}),
        (_("The last 24 hours"), {"fields": ("ended", "success", "typical", "long", "costs")}),
        (_("Now"), {"fields": ("at_once", "waiting", "rate", "left", "balance_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProviderHealth]:
        for slug in registry.configured():
            health.row_of(slug)
        return super().get_queryset(request).filter(provider__in=registry.ADAPTERS)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [name for _title, part in self.fieldsets for name in part["fields"]]

    def get_urls(self) -> list[Any]:
        price = self.admin_site.admin_view(self.price)
        return [path("<path:object_id>/price/<uuid:route_id>/", price, name=PRICE_ADDRESS), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = _row(object_id)
        if row is not None and self.has_view_permission(request):
            extra_context = {**(extra_context or {}), **self._more(request, row)}
        return super().change_view(request, object_id, form_url, extra_context)

    def _more(self, request: HttpRequest, row: ProviderHealth) -> dict[str, Any]:
        may_price = request.user.has_perm(CHANGE_PRICES)
        return {
            "days": figures.days(row.provider),
            "drifts": [
                (drift, reverse(f"admin:{PRICE_ADDRESS}", args=[row.pk, drift.route_id]) if may_price else "")
                for drift in figures.drifts(row.provider)
            ],
            "stuck": [
                (task, reverse("admin:generations_generation_ask_provider", args=[task.generation_id]))
                for task in figures.stuck(row.provider)
            ],
            "may_ask": request.user.has_perm("generations.change_generation"),
            "changes": selectors.changes(row.provider),
            "balances": selectors.balances(row.provider, limit=12),
            "deletes": registry.adapter(row.provider).facts.deletes_on_request,
            "deletions": selectors.deletions(row.provider),
        }

    # --- What is shown ----------------------------------------------------------------------------

    def _now(self, row: ProviderHealth) -> figures.Now:
        return figures.now().get(row.provider, figures.Now())

    @display(
        description=_("State"),
        label={"on": "success", "off": "danger", "out": "danger", "resting": "warning", "missing": "info"},
    )
    def state(self, row: ProviderHealth) -> tuple[str, str]:
        if row.provider not in registry.configured():
            return "missing", gettext("no key")
        if row.is_switched_off:
            return "off", gettext("switched off")
        if row.status != ProviderHealth.Status.CLOSED:
            return "out" if row.is_out else "resting", str(row.get_reason_display())
        return "on", str(row.get_status_display())

    @display(description=_("State"))
    def shown_state(self, row: ProviderHealth) -> str:
        _kind, text = self.state(row)
        return text

    @display(description=_("Success"))
    def success(self, row: ProviderHealth) -> str:
        now = self._now(row)
        return "—" if now.success is None else f"{now.success} %"

    @display(description=_("Ended"))
    def ended(self, row: ProviderHealth) -> int:
        return self._now(row).ended

    @display(description=_("Half are ready within"))
    def typical(self, row: ProviderHealth) -> str:
        return _seconds(self._now(row).typical)

    @display(description=_("19 of 20 are ready within"))
    def long(self, row: ProviderHealth) -> str:
        return _seconds(self._now(row).long)

    @display(description=_("Has now"))
    def at_once(self, row: ProviderHealth) -> int:
        return self._now(row).at_once

    @display(description=_("Wait for it"))
    def waiting(self, row: ProviderHealth) -> int:
        return limits.waiting(row.provider)

    @display(description=_("Left"))
    def left(self, row: ProviderHealth) -> str:
        return reads.money(row.balance, row.balance_unit)

    @display(description=_("Cost, 24 hours"))
    def costs(self, row: ProviderHealth) -> str:
        return ", ".join(reads.money(amount, currency) for amount, currency in self._now(row).costs) or "—"

    @display(description=_("Limits"))
    def rate(self, row: ProviderHealth) -> str:
        held = limits.limits_of(row)
        text = gettext("%(requests)d requests in %(seconds)d s") % {
            "requests": held.requests,
            "seconds": held.per_seconds,
        }
        if held.concurrent is not None:
            text += ", " + gettext("%(count)d tasks at once") % {"count": held.concurrent}
        return text

    # --- What staff do ----------------------------------------------------------------------------

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Of what staff can do, show what makes sense in the present state."""
        offered = super().get_actions_detail(request, object_id)
        row = _row(object_id)
        if row is None:
            return offered
        hidden = {"switch_off" if row.is_switched_off else "switch_on"}
        if row.status == ProviderHealth.Status.CLOSED:
            hidden.add("probe")
        if not any(one.status == Deletion.Status.GAVE_UP for one in selectors.deletions(row.provider, limit=1)):
            hidden.add("erase_again")
        return [offer for offer in offered if offer.method.original_function_name not in hidden]

    @action(description=_("Switch off"), url_path="switch-off", permissions=["act"], icon="block")
    def switch_off(self, request: HttpRequest, object_id: str) -> HttpResponse:
        explanation = gettext("It gets no new work. What it has goes on. Models that only it makes cannot be ordered.")
        return self._switch(request, object_id, gettext("Switch off"), explanation, is_on=False)

    @action(description=_("Switch on"), url_path="switch-on", permissions=["act"], icon="check_circle")
    def switch_on(self, request: HttpRequest, object_id: str) -> HttpResponse:
        explanation = gettext("It gets work again.")
        return self._switch(request, object_id, gettext("Switch on"), explanation, is_on=True)

    def _switch(
        self, request: HttpRequest, object_id: str, title: str, explanation: str, *, is_on: bool
    ) -> HttpResponse:
        row = self.found(request, object_id)

        def act(reason: str) -> str:
            done = health.switch(provider=row.provider, is_on=is_on, reason=reason, by=request.user)
            return gettext("Done.") if done else gettext("Nothing to do: it was so already.")

        return self.with_reason(request, row, title, explanation, act)

    @action(description=_("Probe now"), url_path="probe", permissions=["act"], icon="network_check")
    def probe(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.found(request, object_id)
        title = gettext("Probe now")

        def act(reason: str) -> str:
            ProviderHealth.objects.filter(pk=row.pk, status=ProviderHealth.Status.OPEN).update(probe_at=timezone.now())
            health.probe(row)
            row.refresh_from_db()
            return gettext("Done: %(what)s") % {"what": row.get_status_display()}

        return self.with_reason(request, row, title, gettext("Our balance is read there; nothing is ordered."), act)

    @action(description=_("Change limits"), url_path="limits", permissions=["act"], icon="speed")
    def change_limits(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.found(request, object_id)
        names = ("requests", "per_seconds", "concurrent")
        present = {name: getattr(row, name) for name in names}
        form = LimitsForm(request.POST if request.method == "POST" else None, initial=present)
        if request.method == "POST" and form.is_valid():
            wanted = {name: form.cleaned_data[name] for name in names}
            try:
                health.set_limits(
                    provider=row.provider, limits=wanted, reason=form.cleaned_data["reason"], by=request.user
                )
            except DomainError as refusal:
                for error in refusal.errors:
                    form.add_error(error.pointer.strip("/"), str(error.detail))
            else:
                messages.success(request, gettext("Done."))
                return HttpResponseRedirect(self.address(row))
        explanation = gettext("Empty fields return to what the provider publishes.")
        title = gettext("Change limits")
        return self.page(request, self.reason_template, row, title, form=form, explanation=explanation)

    @action(description=_("Ask again to erase"), url_path="erase-again", permissions=["act"], icon="delete_history")
    def erase_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.found(request, object_id)

        def act(reason: str) -> str:
            asked = deletions.again(provider=row.provider, reason=reason, by=request.user)
            return ngettext("%(count)d request.", "%(count)d requests.", asked) % {"count": asked}

        explanation = gettext("All that it did not erase in four days is asked for anew.")
        return self.with_reason(request, row, gettext("Ask again to erase"), explanation, act)

    def price(self, request: HttpRequest, object_id: str, route_id: UUID) -> HttpResponse:
        """Apply a proposed price. Asks for a reason, as every change of a price does."""
        row = self.found(request, object_id, CHANGE_PRICES)
        known = figures.drift_of(row.provider, str(route_id))
        if known is None:
            raise Http404
        _offer, drift = known

        def act(reason: str) -> str:
            outcome = price_drift.apply(
                provider=row.provider, route_id=route_id, reason=reason, by=cast(User, request.user)
            )
            if isinstance(outcome, PriceProposal):
                return gettext("The change is large, so it waits for a second person.")
            return gettext("The new price holds now, as version %(number)d.") % {"number": outcome.number}

        explanation = gettext(
            "%(model)s: %(samples)d results cost %(actual)s, the catalogue expects %(expected)s. All its prices are "
            "multiplied by %(factor)s."
        ) % {
            "model": drift.model,
            "samples": drift.samples,
            "actual": reads.money(drift.actual, drift.currency),
            "expected": reads.money(drift.expected, drift.currency),
            "factor": drift.factor,
        }
        return self.with_reason(request, row, gettext("Apply the proposed price"), explanation, act)


def _row(object_id: Any) -> ProviderHealth | None:
    key = search.as_uuid(str(object_id))
    return ProviderHealth.objects.filter(pk=key).first() if key else None


def _seconds(number: float | None) -> str:
    return "—" if number is None else shown.duration(timedelta(seconds=number))
