"""Tables of libraries in the back office: the audit trail and the roles in our dress, the others not at all.

Login tokens are not kept, provider credentials come from the environment, and linked logins, addresses and devices
stand on the person's page.
"""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from auditlog.models import LogEntry
from auditlog.render import get_field_verbose_name
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from neuralbox.core import audit
from neuralbox.core.back_office import LookOnlyAdmin
from neuralbox.core.tables import as_csv

for model in (EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, UserSession, Group, LogEntry):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(Group)
class RoleAdmin(GroupAdmin, ModelAdmin):
    """Roles of staff."""


class TableFilter(admin.SimpleListFilter):
    """What was changed. The tables come from the back office: the trail is not read for them, it is long."""

    title = _("table")
    parameter_name = "table"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        types = ContentType.objects.get_for_models(*admin.site._registry).values()
        return sorted(((str(one.pk), capfirst(one.name)) for one in types), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = self.value()
        if chosen is None:
            return queryset
        return queryset.filter(content_type_id=chosen) if chosen.isdecimal() else queryset.none()


@admin.register(LogEntry)
class AuditTrailAdmin(LookOnlyAdmin):
    """Who changed what, and why. The table only grows: it is neither counted nor sorted by anything but its id."""

    list_display = ("time", "who", "event", "reason", "what", "address")
    list_display_links = ("time",)
    list_select_related = ("content_type", "actor")
    list_filter = (TableFilter,)
    ordering = ("-id",)
    search_fields = ("=object_pk", "=actor__email", "=additional_data__event")
    search_help_text = _("Id of what was changed, e-mail of who did it, or the event")
    fields = readonly_fields = ("time", "who", "address", "what", "event", "reason", "changed")

    actions_list = ["export"]

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("auditlog.view_logentry"))

    @action(description=_("Export"), url_path="export", permissions=["export"], icon="download")
    def export(self, request: HttpRequest) -> StreamingHttpResponse:
        """All of it as CSV, oldest first, read in portions."""
        response = StreamingHttpResponse(as_csv(audit.rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="audit-trail.csv"'
        return response

    @display(description=_("Time"))
    def time(self, entry: LogEntry) -> str:
        return date_format(localtime(entry.timestamp), "DATETIME_FORMAT")

    @display(description=_("Who"))
    def who(self, entry: LogEntry) -> str:
        if entry.actor is None:
            return "—"
        page = reverse("admin:accounts_user_change", args=[entry.actor.pk])
        return format_html('<a href="{}">{}</a>', page, entry.actor)

    @display(description=_("Address"))
    def address(self, entry: LogEntry) -> str:
        return str(entry.remote_addr or "—")

    @display(description=_("Event"))
    def event(self, entry: LogEntry) -> str:
        return str((entry.additional_data or {}).get("event") or entry.get_action_display())

    @display(description=_("Reason"))
    def reason(self, entry: LogEntry) -> str:
        return str((entry.additional_data or {}).get("reason") or "—")

    @display(description=_("What was changed"))
    def what(self, entry: LogEntry) -> str:
        """The kind of row and its id, with the way there when its kind has a page."""
        kind, app = capfirst(entry.content_type.name), entry.content_type.app_label
        shown = format_html('{} <span class="nb-id">{}</span>', kind, entry.object_pk)
        try:
            page = reverse(f"admin:{app}_{entry.content_type.model}_change", args=[entry.object_pk])
        except NoReverseMatch:
            return shown
        return format_html('<a href="{}">{}</a>', page, shown)

    @display(description=_("Changes"))
    def changed(self, entry: LogEntry) -> str:
        """Field by field, from what to what."""
        changes = sorted((entry.changes or {}).items())
        lines = ((get_field_verbose_name(entry, field), *values) for field, values in changes)
        return format_html_join("", "<div>{}: {} → {}</div>", lines) or "—"
