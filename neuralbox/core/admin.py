"""Background jobs: what waits, what is being done, and what gave up and needs a person."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from neuralbox.core import job_rescue
from neuralbox.core.back_office import LookOnlyAdmin, ReasonedActions
from neuralbox.core.models import Job

GAVE_UP = "yes"


class GaveUpFilter(admin.SimpleListFilter):
    title = _("gave up")
    parameter_name = "gave_up"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(GAVE_UP, _("Gave up")), ("no", _("Still trying"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        if self.value() is None:
            return queryset
        return queryset.filter(gave_up_at__isnull=self.value() != GAVE_UP)


@admin.register(Job)
class JobAdmin(LookOnlyAdmin, ReasonedActions):
    list_display = ("created_at", "name", "state", "attempts", "last_error", "run_at")
    list_filter = (GaveUpFilter,)
    list_filter_submit = False
    search_fields = ("name",)
    search_help_text = _("Beginning of the name")
    ordering = ("-created_at", "-id")
    fields = readonly_fields = (
        "id",
        "name",
        "arguments",
        "attempts",
        "last_error",
        "created_at",
        "run_at",
        "published_at",
        "leased_until",
        "gave_up_at",
    )
    actions_detail = ["run_again"]
    act_permission = "core.change_job"

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.filter(name__startswith=search_term.strip()), False

    @display(
        description=_("State"),
        label={"gave_up": "danger", "running": "info", "waits": "warning"},
    )
    def state(self, job: Job) -> tuple[str, Any]:
        if job.gave_up_at:
            return "gave_up", _("Gave up")
        return ("running", _("In work")) if job.leased_until else ("waits", _("Waits"))

    @display(description=_("Arguments"))
    def arguments(self, job: Job) -> str:
        return json.dumps(job.args, ensure_ascii=False)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        gave_up = Job.objects.filter(pk=object_id).exclude(gave_up_at=None).exists()
        return super().get_actions_detail(request, object_id) if gave_up else []

    @action(description=_("Run again"), url_path="run-again", permissions=["act"], icon="replay")
    def run_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        job = self.found(request, object_id)

        def act(reason: str) -> str:
            job_rescue.run_again(job_id=job.pk, reason=reason, by=request.user)
            return gettext("The job has all its attempts again and runs now.")

        explanation = gettext("It gets all its attempts again. What it does, it may have done in part before.")
        return self.with_reason(request, job, gettext("Run again"), explanation, act)
