"""API keys, notices and the security log, to look things up. Nothing here can be changed, and no secret is shown."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from accounts.models import ApiKey, ApiKeySecret, Notice, SecurityEvent
from accounts.visitors import device_name


class _LookOnly(ModelAdmin):
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SecretInline(TabularInline):
    model = ApiKeySecret
    extra = 0
    fields = readonly_fields = ("public_id", "last_four", "created_at", "expires_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ApiKey)
class ApiKeyAdmin(_LookOnly):
    list_display = ("name", "user", "scopes", "created_at", "last_used_at", "expires_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("user",)
    search_fields = ("=id", "name", "user__email", "secrets__public_id")
    search_help_text = _("Id, name, e-mail of the owner, or the eight characters after nb_live_")
    ordering = ("-created_at",)
    inlines = [SecretInline]


@admin.register(Notice)
class NoticeAdmin(_LookOnly):
    list_display = ("kind", "user", "created_at", "read_at")
    list_filter = ("kind", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "reference")
    ordering = ("-created_at",)


@admin.register(SecurityEvent)
class SecurityEventAdmin(_LookOnly):
    list_display = ("kind", "user", "ip", "device", "created_at")
    list_filter = ("kind", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "=ip")
    ordering = ("-created_at",)

    @display(description=_("Device"))
    def device(self, event: SecurityEvent) -> str:
        return device_name(event.user_agent) or "—"
