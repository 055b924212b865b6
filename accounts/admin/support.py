"""The desk of support: letters with their deadlines, and looks at accounts."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from accounts.models import StaffView, SupportMessage, User
from accounts.services import support
from neuralbox.core.back_office import LookOnlyAdmin, ReasonedActions

Status = SupportMessage.Status


class WaitingFilter(admin.SimpleListFilter):
    title = _("deadline")
    parameter_name = "deadline"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("Waiting")), ("late", _("Over"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        waiting = queryset.filter(status=Status.OPEN)
        return waiting.filter(deadline__lte=timezone.now()) if self.value() == "late" else waiting


@admin.register(SupportMessage)
class SupportMessageAdmin(LookOnlyAdmin, ReasonedActions):
    """Letters of the contact form: answered or closed, never changed."""

    act_permission = "accounts.change_supportmessage"
    list_display = ("created_at", "topic", "user", "contact", "shown_status", "shown_deadline")
    list_filter = (WaitingFilter, "topic", "status")
    list_select_related = ("user",)
    search_fields = ("=id", "=contact", "=user__email", "=user__id")
    search_help_text = _("Id of the letter, or e-mail or id of the person")
    ordering = ("-created_at", "-id")
    fields = readonly_fields = (
        "id",
        "topic",
        "user",
        "contact",
        "owner_of_contact",
        "language",
        "text",
        "status",
        "created_at",
        "deadline",
        "answer",
        "answered_by",
        "answered_at",
    )
    actions_detail = ["answer_it", "close_it"]

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        is_open = SupportMessage.objects.filter(pk=object_id, status=Status.OPEN).exists()
        return super().get_actions_detail(request, object_id) if is_open else []

    @display(description=_("Status"), label={"open": "warning", "answered": "success", "closed": "info"})
    def shown_status(self, message: SupportMessage) -> tuple[str, str]:
        return message.status, message.get_status_display()

    @display(description=_("Deadline"), label={"late": "danger", "fine": "success", "past": "info"})
    def shown_deadline(self, message: SupportMessage) -> tuple[str, str]:
        shown = f"{message.deadline:%Y-%m-%d %H:%M}"
        if message.status != Status.OPEN:
            return "past", shown
        return ("late" if message.deadline <= timezone.now() else "fine"), shown

    @display(description=_("Account with this address"))
    def owner_of_contact(self, message: SupportMessage) -> str:
        """A hint and no proof: anybody can type an address."""
        owner = User.objects.filter(email=User.objects.normalize_email(message.contact)).first()
        if owner is None:
            return "—"
        return format_html('<a href="{}">{}</a>', reverse("admin:accounts_user_change", args=[owner.pk]), owner)

    @action(description=_("Answer"), url_path="answer", permissions=["act"], icon="reply")
    def answer_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        message = self.found(request, object_id)

        def act(text: str) -> str:
            support.answer(message_id=message.pk, text=text, by=cast(User, request.user))
            return gettext("The answer is on its way.")

        explanation = gettext("The text below goes to the person, in the site and by e-mail: ") + message.text[:500]
        return self.with_reason(request, message, gettext("Answer"), explanation, act)

    @action(description=_("Close without an answer"), url_path="close", permissions=["act"], icon="close")
    def close_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        message = self.found(request, object_id)

        def act(reason: str) -> str:
            support.close(message_id=message.pk, reason=reason, by=cast(User, request.user))
            return gettext("Closed.")

        explanation = gettext("For what needs no answer, such as a double or an advertisement.")
        return self.with_reason(request, message, gettext("Close without an answer"), explanation, act)


@admin.register(StaffView)
class StaffViewAdmin(LookOnlyAdmin):
    """Who looked at whose account, and why."""

    list_display = ("created_at", "user", "staff", "reason", "expires_at", "ended_at")
    list_filter = ("created_at",)
    list_select_related = ("user", "staff")
    search_fields = ("=user__email", "=user__id", "=staff__email")
    ordering = ("-created_at", "-id")
