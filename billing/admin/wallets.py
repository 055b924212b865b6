"""Wallets with their balances, and the door to a correction."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextareaWidget

from accounts.models import User
from billing.admin.base import as_uuid, say
from billing.admin.books import EntryInline
from billing.models import Correction, SpendCap, Wallet
from billing.services import amounts, corrections
from neuralbox.core.audit import LONGEST_REASON, SHORTEST_REASON
from neuralbox.core.back_office import LookOnlyAdmin, LookOnlyInline
from neuralbox.core.errors import DomainError


class CorrectionForm(forms.Form):
    amount = forms.IntegerField(
        label=_("Tokens"),
        min_value=-amounts.LARGEST,
        max_value=amounts.LARGEST,
        help_text=_("Negative to take tokens away."),
        widget=UnfoldAdminIntegerFieldWidget,
    )
    reason = forms.CharField(
        label=_("Reason"),
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("Kept in the audit trail; the owner sees it in the export of their data."),
    )


class CapInline(LookOnlyInline):
    model = SpendCap
    fields = readonly_fields = ("window", "limit")
    ordering = ("id",)


@admin.register(Wallet)
class WalletAdmin(LookOnlyAdmin):
    list_display = ("owner", "available", "paid", "bonus", "held", "entries_count", "created_at")
    list_select_related = ("owner",)
    search_fields = ("=id", "=owner__id", "owner__email", "owner__name")
    search_help_text = _("Id of the wallet or of its owner, e-mail or name of the owner")
    ordering = ("-id",)
    fields = ("id", "owner", "paid", "bonus", "held", "entries_count", "shown_hash", "created_at")
    readonly_fields = fields
    inlines = [CapInline, EntryInline]
    actions_detail = ["correct"]

    def has_correct_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("billing.correct_balance"))

    @display(description=_("Available"))
    def available(self, wallet: Wallet) -> int:
        return wallet.paid + wallet.bonus

    @display(description=_("Hash of the last entry"))
    def shown_hash(self, wallet: Wallet) -> str:
        return bytes(wallet.last_hash).hex()

    @action(description=_("Correct the balance"), url_path="correct", permissions=["correct"], icon="balance")
    def correct(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the tokens and the reason on GET; act on POST alone."""
        if not self.has_correct_permission(request):
            raise PermissionDenied
        wallet = get_object_or_404(Wallet.objects.select_related("owner"), pk=as_uuid(object_id))
        form = CorrectionForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            self._correct(request, wallet, **form.cleaned_data)
            return HttpResponseRedirect(reverse("admin:billing_wallet_change", args=[wallet.pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Correct the balance"),
            "wallet": wallet,
            "form": form,
            "limit": corrections.LIMIT,
        }
        return TemplateResponse(request, "billing/admin/correct.html", context)

    def _correct(self, request: HttpRequest, wallet: Wallet, amount: int, reason: str) -> None:
        by = cast(User, request.user)
        alone = corrections.may_alone(wallet_id=wallet.pk, amount=amount, by=by)
        service = corrections.post if alone else corrections.propose
        try:
            correction: Correction = service(wallet_id=wallet.pk, amount=amount, reason=reason, by=by)
        except DomainError as refusal:
            say(request, refusal)
            return
        if correction.status == Correction.Status.POSTED:
            messages.success(request, gettext("The balance has been corrected."))
        else:
            messages.warning(request, gettext("Above the limit: a second person has to approve it now."))
