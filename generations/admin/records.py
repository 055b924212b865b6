"""Tables around generations, to look things up: attempts at providers, uploads, webhooks we sent, the access log."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from generations import selectors_back_office as reads
from generations.admin import search, shown
from generations.admin.filters import ProviderFilter
from generations.models import ContentAccess, OutgoingWebhook, ProviderTask, Upload
from neuralbox.core.back_office import LookOnlyAdmin


class _FoundByOwner(LookOnlyAdmin):
    """`owner_field` leads to the owner's id; `id_fields` are compared with an id that was typed in."""

    owner_field = "user_id"
    id_fields: tuple[str, ...] = ("pk", "generation_id")
    search_fields = ("id",)
    search_help_text = _("Id of the row, of the generation or of the owner, or e-mail of the owner")
    ordering = ("-id",)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        if not search_term.strip():
            return queryset, False
        return search.matching(queryset, search_term, user=self.owner_field, ids=self.id_fields), False

    @display(description=_("Generation"))
    def generation_link(self, row: Any) -> str:
        return shown.generation(row.generation_id)


@admin.register(ProviderTask)
class ProviderTaskAdmin(_FoundByOwner):
    """Without the outputs: those are content."""

    owner_field = "generation__user_id"
    list_display = (
        "created_at",
        "generation_link",
        "number",
        "shown_status",
        "provider",
        "provider_model",
        "external_id",
        "shown_cost",
        "failure_code",
        "polls",
        "took",
    )
    list_filter = ("status", ProviderFilter)
    fields = readonly_fields = (
        "id",
        "generation_link",
        "number",
        "status",
        "provider",
        "provider_model",
        "external_id",
        "progress",
        "failure_code",
        "failure",
        "shown_cost",
        "polls",
        "created_at",
        "prompt_sent_at",
        "finished_at",
        "next_poll_at",
    )
    search_help_text = _("Id of the task, of the generation or of the owner, e-mail, or the provider's id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProviderTask]:
        return super().get_queryset(request).defer("outputs")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        if tasks := list(search.tasks_known_as(search_term).values_list("pk", flat=True)):
            return queryset.filter(pk__in=tasks), False
        return super().get_search_results(request, queryset, search_term)

    @display(
        description=_("Status"),
        label={
            ProviderTask.Status.CREATED: "info",
            ProviderTask.Status.SUBMITTING: "info",
            ProviderTask.Status.SUBMITTED: "info",
            ProviderTask.Status.RUNNING: "info",
            ProviderTask.Status.UNKNOWN: "warning",
            ProviderTask.Status.SUCCEEDED: "success",
            ProviderTask.Status.FAILED: "danger",
        },
    )
    def shown_status(self, task: ProviderTask) -> tuple[str, str]:
        return task.status, task.get_status_display()

    @display(description=_("Cost"))
    def shown_cost(self, task: ProviderTask) -> str:
        return reads.money(task.cost, task.cost_currency)

    @display(description=_("Took"))
    def took(self, task: ProviderTask) -> str:
        return shown.wait(task.prompt_sent_at or task.created_at, task.finished_at)


@admin.register(Upload)
class UploadAdmin(_FoundByOwner):
    """What the files are like. Their names and what is in them is the owner's."""

    id_fields = ("pk",)
    list_display = ("created_at", "owner", "kind", "mime", "bytes", "width", "height", "seconds")
    list_filter = ("kind",)
    list_select_related = ("user",)
    fields = readonly_fields = (
        "id",
        "owner",
        "kind",
        "mime",
        "bytes",
        "width",
        "height",
        "seconds",
        "sha256",
        "created_at",
    )
    search_help_text = _("Id of the upload or of its owner, or e-mail of the owner")

    @display(description=_("Owner"))
    def owner(self, upload: Upload) -> str:
        return shown.person(upload.user)


@admin.register(OutgoingWebhook)
class OutgoingWebhookAdmin(_FoundByOwner):
    list_display = (
        "created_at",
        "generation_link",
        "owner",
        "event",
        "shown_status",
        "attempts",
        "answer_status",
        "failure",
        "tried_at",
    )
    list_filter = ("status", "event")
    list_select_related = ("user",)
    fields = readonly_fields = (
        "id",
        "generation_link",
        "owner",
        "url",
        "event",
        "status",
        "attempts",
        "answer_status",
        "failure",
        "created_at",
        "tried_at",
    )

    @display(description=_("Owner"))
    def owner(self, webhook: OutgoingWebhook) -> str:
        return shown.person(webhook.user)

    @display(
        description=_("Status"),
        label={
            OutgoingWebhook.Status.PENDING: "info",
            OutgoingWebhook.Status.DELIVERED: "success",
            OutgoingWebhook.Status.FAILED: "danger",
        },
    )
    def shown_status(self, webhook: OutgoingWebhook) -> tuple[str, str]:
        return webhook.status, webhook.get_status_display()


@admin.register(ContentAccess)
class ContentAccessAdmin(_FoundByOwner):
    list_display = ("created_at", "staff", "owner", "generation_link", "reason")
    list_filter = (("created_at", RangeDateTimeFilter),)
    list_select_related = ("user", "staff")
    fields = readonly_fields = ("created_at", "staff", "owner", "generation_link", "reason")

    @display(description=_("Whose content"))
    def owner(self, opening: ContentAccess) -> str:
        return shown.person(opening.user)
