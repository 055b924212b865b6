"""The ledger explorer: entries with their postings, and holds."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from billing.admin.base import LookOnlyAdmin, LookOnlyInline
from billing.models import Hold, JournalEntry, Posting


class PostingInline(LookOnlyInline):
    """A view has no permissions of its own: who may see the entry may see its lines."""

    model = Posting
    fields = readonly_fields = ("account", "amount")
    ordering = ("id",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("billing.view_journalentry"))


@admin.register(JournalEntry)
class JournalEntryAdmin(LookOnlyAdmin):
    list_display = (
        "created_at",
        "kind",
        "owner",
        "available_change",
        "held",
        "revenue",
        "available_after",
        "reference",
    )
    list_filter = ("kind", "created_at")
    list_select_related = ("wallet__owner",)
    search_fields = ("=reference", "=wallet__id", "=wallet__owner__email", "=hold__id")
    search_help_text = _("Whole reference, id of the wallet or of the hold, or e-mail of the owner")
    ordering = ("-id",)
    fields = (
        "wallet",
        "sequence",
        "kind",
        "reference",
        "description",
        "hold",
        "created_at",
        "available_after",
        "held_after",
        "shown_hash",
        "shown_previous_hash",
    )
    readonly_fields = fields
    inlines = [PostingInline]

    @display(description=_("Owner"))
    def owner(self, entry: JournalEntry) -> str:
        return str(entry.wallet.owner)

    @display(description=_("Available"))
    def available_change(self, entry: JournalEntry) -> str:
        return f"{entry.paid + entry.bonus:+}"

    @display(description=_("Hash"))
    def shown_hash(self, entry: JournalEntry) -> str:
        return bytes(entry.hash).hex()

    @display(description=_("Hash of the entry before"))
    def shown_previous_hash(self, entry: JournalEntry) -> str:
        return bytes(entry.previous_hash).hex()


class EntryInline(LookOnlyInline):
    model = JournalEntry
    fields = readonly_fields = ("sequence", "kind", "paid", "bonus", "held", "revenue", "created_at")
    ordering = ("sequence",)
    verbose_name_plural = _("Journal entries")
    show_change_link = True
    # A wallet may have very many: only the page asked for is read.
    per_page = 20

    def get_queryset(self, request: HttpRequest) -> QuerySet[JournalEntry]:
        return super().get_queryset(request).order_by("-sequence")


@admin.register(Hold)
class HoldAdmin(LookOnlyAdmin):
    list_display = ("created_at", "owner", "shown_status", "amount", "captured", "reference", "settled_at")
    list_filter = ("status", "created_at")
    list_select_related = ("wallet__owner",)
    search_fields = ("=id", "=reference", "=wallet__id", "=wallet__owner__email")
    search_help_text = _("Id, whole reference, id of the wallet, or e-mail of the owner")
    ordering = ("-id",)
    inlines = [EntryInline]

    @display(description=_("Owner"))
    def owner(self, hold: Hold) -> str:
        return str(hold.wallet.owner)

    @display(
        description=_("Status"),
        ordering="status",
        label={Hold.Status.ACTIVE: "warning", Hold.Status.CAPTURED: "success", Hold.Status.RELEASED: "info"},
    )
    def shown_status(self, hold: Hold) -> tuple[str, str]:
        return hold.status, hold.get_status_display()
