"""Tables of libraries in the back office: the audit trail and the roles in our dress, the others not at all.

Login tokens are not kept, provider credentials come from the environment, and linked logins, addresses and devices
stand on the person's page.
"""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from auditlog.admin import LogEntryAdmin
from auditlog.filters import ResourceTypeFilter
from auditlog.models import LogEntry
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.paginator import InfinitePaginator

from neuralbox.core import audit
from neuralbox.core.tables import as_csv

for model in (EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, UserSession, Group, LogEntry):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(Group)
class RoleAdmin(GroupAdmin, ModelAdmin):
    """Roles of staff."""


@admin.register(LogEntry)
class AuditTrailAdmin(LogEntryAdmin, ModelAdmin):
    """Who changed what, and why. The table only grows: it is neither counted nor sorted by anything but its id."""

    list_display = ("created", "actor", "event", "reason", "resource_url", "remote_addr")
    list_display_links = ("created",)
    list_select_related = ("content_type", "actor")
    list_filter = ("action", ResourceTypeFilter)
    list_per_page = 50
    show_full_result_count = False
    paginator = InfinitePaginator
    ordering = ("-id",)
    date_hierarchy = None
    search_fields = ("=object_pk", "=actor__email", "=additional_data__event")
    search_help_text = _("Id of what was changed, e-mail of who did it, or the event")
    readonly_fields = (*LogEntryAdmin.readonly_fields, "event", "reason", "remote_addr")
    fieldsets = (
        (None, {"fields": ("created", "user_url", "remote_addr", "resource_url")}),
        (_("What and why"), {"fields": ("event", "reason")}),
        (_("Changes"), {"fields": ("action", "msg")}),
    )

    actions_list = ["export"]

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("auditlog.view_logentry"))

    @action(description=_("Export"), url_path="export", permissions=["export"], icon="download")
    def export(self, request: HttpRequest) -> StreamingHttpResponse:
        """All of it as CSV, oldest first, read in portions."""
        response = StreamingHttpResponse(as_csv(audit.rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="audit-trail.csv"'
        return response

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=_("Event"))
    def event(self, entry: LogEntry) -> str:
        return str((entry.additional_data or {}).get("event") or entry.get_action_display())

    @display(description=_("Reason"))
    def reason(self, entry: LogEntry) -> str:
        return str((entry.additional_data or {}).get("reason") or "—")
