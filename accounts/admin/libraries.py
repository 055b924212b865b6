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
from django.http import HttpRequest
from unfold.admin import ModelAdmin

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

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
