"""Generations: what happened to each, and what support can do about it. Their content stays closed until opened."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import action, display

from accounts.models import User
from generations import selectors_back_office as reads
from generations.admin import search, shown
from generations.admin.filters import ProviderFilter
from generations.models import Asset, Event, Generation, OutgoingWebhook, ProviderTask
from generations.services import files, support
from neuralbox.core.back_office import LookOnlyAdmin, LookOnlyInline, ReasonedActions, ReasonForm
from neuralbox.core.errors import DomainError

# What only its owner sees, and staff after opening it with a reason.
CONTENT = ("input", "prompt", "metadata")
OPEN_CONTENT = "generations.view_content"


class TaskInline(LookOnlyInline):
    model = ProviderTask
    fields = readonly_fields = (
        "number",
        "status",
        "provider",
        "provider_model",
        "external_id",
        "shown_cost",
        "shown_failure",
        "polls",
        "prompt_sent_at",
        "took",
    )
    ordering = ("number",)
    show_change_link = True

    @display(description=_("Cost"))
    def shown_cost(self, task: ProviderTask) -> str:
        return reads.money(task.cost, task.cost_currency)

    @display(description=_("Failure"))
    def shown_failure(self, task: ProviderTask) -> str:
        return ": ".join(filter(None, [task.failure_code, task.failure])) or "—"

    @display(description=_("Took"))
    def took(self, task: ProviderTask) -> str:
        return shown.wait(task.prompt_sent_at or task.created_at, task.finished_at)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProviderTask]:
        return super().get_queryset(request).defer("outputs")


class AssetInline(LookOnlyInline):
    """What the files are like; not what is in them."""

    model = Asset
    fields = readonly_fields = ("position", "kind", "mime", "bytes", "size", "seconds", "is_late", "created_at")
    ordering = ("position",)

    @display(description=_("Pixels"))
    def size(self, asset: Asset) -> str:
        return f"{asset.width} × {asset.height}" if asset.width else "—"


class EventInline(LookOnlyInline):
    model = Event
    fields = readonly_fields = ("kind", "status", "created_at")
    ordering = ("id",)

    @display(description=_("Status"))
    def status(self, event: Event) -> str:
        status = event.payload.get("status", "")
        return str(dict(Generation.Status.choices).get(status, status)) or "—"


class OutgoingWebhookInline(LookOnlyInline):
    model = OutgoingWebhook
    fields = readonly_fields = ("event", "url", "status", "attempts", "answer_status", "failure", "tried_at")
    ordering = ("created_at",)
    show_change_link = True


@admin.register(Generation)
class GenerationAdmin(LookOnlyAdmin, ReasonedActions):
    list_display = (
        "created_at",
        "short_id",
        "owner",
        "shown_model",
        "shown_status",
        "provider",
        "tokens",
        "took",
        "source",
    )
    list_display_links = ("created_at",)
    list_select_related = ("user", "model")
    list_filter = ("status", "modality", ProviderFilter, "source", ("created_at", RangeDateTimeFilter))
    search_fields = ("id",)
    search_help_text = _("Id of the generation or of its owner, e-mail of the owner, or the provider's id of a task")
    ordering = ("-created_at", "-id")
    inlines = (TaskInline, AssetInline, EventInline, OutgoingWebhookInline)
    actions_detail = ["open_content", "ask_provider", "fail", "cancel"]
    act_permission = "generations.change_generation"
    change_form_outer_after_template = "generations/admin/generation_more.html"
    fieldsets = (
        (None, {"fields": ("id", "owner", "shown_model", "status", "shown_error", "source", "shown_api_key")}),
        (_("Tokens"), {"fields": ("tokens_quoted", "tokens_captured", "shown_hold")}),
        (_("Times"), {"fields": ("created_at", "started_at", "finished_at", "deadline", "took")}),
        (_("More"), {"fields": ("provider", "progress", "stage", "hidden", "shown_retry_of", "webhook_url")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Generation]:
        return super().get_queryset(request).defer(*CONTENT)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        if not search_term.strip():
            return queryset, False
        if tasks := list(search.tasks_known_as(search_term).values_list("generation_id", flat=True)):
            return queryset.filter(pk__in=tasks), False
        return search.matching(queryset, search_term, user="user_id", ids=("pk",)), False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [name for _title, part in self.fieldsets for name in part["fields"]]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        extra_context = {**(extra_context or {}), **self._more(request, object_id)}
        return super().change_view(request, object_id, form_url, extra_context)

    def _more(self, request: HttpRequest, object_id: Any) -> dict[str, Any]:
        key = search.as_uuid(str(object_id))
        if key is None or not self.has_view_permission(request):
            return {}
        return {
            "deliveries": reads.deliveries(key),
            "entries": reads.entries_of_generation(key) if request.user.has_perm("billing.view_journalentry") else None,
            "openings": reads.openings_of_generation(key),
        }

    @display(description=_("Id"))
    def short_id(self, generation: Generation) -> str:
        return shown.generation(generation.pk)

    @display(description=_("Owner"))
    def owner(self, generation: Generation) -> str:
        return shown.person(generation.user)

    @display(description=_("Model"))
    def shown_model(self, generation: Generation) -> str:
        return generation.model.slug

    @display(description=_("Status"), label=shown.STATUS_LABELS)
    def shown_status(self, generation: Generation) -> tuple[str, str]:
        return generation.status, generation.get_status_display()

    @display(description=_("Tokens"))
    def tokens(self, generation: Generation) -> str:
        if generation.is_terminal:
            return f"{generation.tokens_captured} / {generation.tokens_quoted}"
        return gettext("%(tokens)d held") % {"tokens": generation.tokens_quoted}

    @display(description=_("Took"))
    def took(self, generation: Generation) -> str:
        return shown.wait(generation.created_at, generation.finished_at)

    @display(description=_("Failure"))
    def shown_error(self, generation: Generation) -> str:
        return (generation.error or {}).get("code", "—")

    @display(description=_("API key"))
    def shown_api_key(self, generation: Generation) -> str:
        key = generation.api_key
        return shown.link("admin:accounts_apikey_change", key.pk, key.name) if key else "—"

    @display(description=_("Hold"))
    def shown_hold(self, generation: Generation) -> str:
        hold = generation.hold
        return shown.link("admin:billing_hold_change", hold.pk, f"{hold.amount} · {hold.get_status_display()}")

    @display(description=_("Retry of"))
    def shown_retry_of(self, generation: Generation) -> str:
        return shown.generation(generation.retry_of_id) if generation.retry_of_id else "—"

    def has_open_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm(OPEN_CONTENT))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Of what support can do, show what makes sense in the present status."""
        offered = super().get_actions_detail(request, object_id)
        if Generation.objects.filter(pk=object_id, status__in=Generation.ACTIVE).exists():
            return offered
        return [offer for offer in offered if offer.method.original_function_name == "open_content"]

    @action(description=_("Open content"), url_path="content", permissions=["open"], icon="visibility")
    def open_content(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Shown in the answer to the POST alone: to look again is to say why again."""
        generation = self.found(request, object_id, OPEN_CONTENT)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        title = gettext("Open content")
        if request.method == "POST" and form.is_valid():
            try:
                opened = support.open_content(
                    generation_id=generation.pk, reason=form.cleaned_data["reason"], by=cast(User, request.user)
                )
            except DomainError as refusal:
                messages.error(request, str(refusal.detail))
            else:
                content = {"generation": opened, "results": _results(opened), "input": reads.as_json(opened.input)}
                page = self.page(request, "generations/admin/content.html", opened, gettext("Content"), **content)
                add_never_cache_headers(page)
                return page
        explanation = gettext(
            "You are about to see the prompt, the input and the results. The owner will find this in their access "
            "log, with your reason."
        )
        return self.page(request, self.reason_template, generation, title, form=form, explanation=explanation)

    @action(description=_("Ask the provider now"), url_path="ask", permissions=["act"], icon="sync")
    def ask_provider(self, request: HttpRequest, object_id: str) -> HttpResponse:
        explanation = gettext("The provider is asked about the open attempts at once, not at the next regular time.")
        return self._support(request, object_id, gettext("Ask the provider now"), explanation, support.check)

    @action(description=_("Fail, give tokens back"), url_path="fail", permissions=["act"], icon="undo")
    def fail(self, request: HttpRequest, object_id: str) -> HttpResponse:
        explanation = gettext("It ends as failed and all held tokens return. If a result still arrives, it is free.")
        return self._support(request, object_id, gettext("Fail, give tokens back"), explanation, support.fail)

    @action(description=_("Cancel"), url_path="cancel", permissions=["act"], icon="cancel")
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        explanation = gettext("It is cancelled, at the provider too, and all held tokens return.")
        return self._support(request, object_id, gettext("Cancel the generation"), explanation, support.cancel)

    def _support(
        self, request: HttpRequest, object_id: str, title: str, explanation: str, service: Any
    ) -> HttpResponse:
        generation = self.found(request, object_id)

        def act(reason: str) -> str:
            service(generation_id=generation.pk, reason=reason, by=request.user)
            return gettext("Done: %(what)s") % {"what": title}

        return self.with_reason(request, generation, title, explanation, act)


def _results(generation: Generation) -> list[dict[str, Any]]:
    return [
        {"asset": asset, "link": files.link(asset.storage_key, mime=asset.mime, filename=str(asset.pk))}
        for asset in generation.assets.all()
    ]
