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
from auditlog.models import LogEntry
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action

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
    """Who changed what, and why."""

    list_select_related = ("content_type", "actor")
    show_full_result_count = False
    actions_list = ["export"]
    search_fields = ("=object_pk", "=actor__email", "additional_data__event", "additional_data__reason")
    search_help_text = _("Id of the row, e-mail of who acted, event, or words of the reason")

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
