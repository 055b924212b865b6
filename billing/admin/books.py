"""The ledger explorer: entries with their postings, and holds."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from billing.admin.base import as_uuid, wallets_of
from billing.models import Hold, JournalEntry, Posting
from neuralbox.core.back_office import LookOnlyAdmin, LookOnlyInline


def _hold(sent: str) -> Hold | None:
    key = as_uuid(sent)
    return Hold.objects.filter(pk=key).first() if key else None


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
    search_fields = ("reference",)
    search_help_text = _(
        "Whole reference, id of the wallet, of its owner or of the hold, or e-mail or name of the owner"
    )
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

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        if not search_term.strip():
            return queryset, False
        hold = _hold(search_term)
        references = hold.references if hold else [search_term.strip()]
        return queryset.filter(Q(reference__in=references) | Q(wallet_id__in=wallets_of(search_term))), False

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

    def get_queryset(self, request: HttpRequest) -> QuerySet[JournalEntry]:
        return super().get_queryset(request).order_by("-sequence")


class HoldEntryInline(EntryInline):
    """The entries of a hold have no index by the hold, which every step would have to write: their references have."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[JournalEntry]:
        match = request.resolver_match
        hold = _hold(match.kwargs.get("object_id", "")) if match else None
        return super().get_queryset(request).filter(reference__in=hold.references if hold else [])


@admin.register(Hold)
class HoldAdmin(LookOnlyAdmin):
    list_display = ("created_at", "owner", "shown_status", "amount", "captured", "reference", "settled_at")
    list_filter = ("status", "created_at")
    list_select_related = ("wallet__owner",)
    search_fields = ("reference",)
    search_help_text = _("Id, whole reference, id of the wallet or of its owner, or e-mail or name of the owner")
    ordering = ("-id",)
    inlines = [HoldEntryInline]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        named = Q(reference=term) | Q(wallet_id__in=wallets_of(term))
        if key := as_uuid(term):
            named |= Q(pk=key)
        return queryset.filter(named), False

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
