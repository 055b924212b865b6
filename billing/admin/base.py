"""What the admin pages of billing have in common: money is looked at, never typed in."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from neuralbox.core.errors import DomainError


class LookOnly:
    """Nobody adds, changes or deletes here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LookOnlyAdmin(LookOnly, ModelAdmin):
    list_per_page = 50
    show_full_result_count = False


class LookOnlyInline(LookOnly, TabularInline):
    extra = 0
    can_delete = False


def say(request: HttpRequest, refusal: DomainError) -> None:
    """Show a refusal, with what is wrong with each field."""
    details = [str(error.detail) for error in refusal.errors]
    messages.error(request, " ".join([str(refusal.detail), *details]))
