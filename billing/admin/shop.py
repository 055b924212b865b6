"""What is sold: packages with their versions, prices of free amounts, promo codes, vouchers."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextareaWidget

from billing.admin import shown
from billing.admin.base import say
from billing.models import Package, PackageVersion, PromoCode, TokenRate, VoucherBatch
from billing.services import products
from neuralbox.core.audit import LONGEST_REASON, SHORTEST_REASON
from neuralbox.core.back_office import LookOnly, LookOnlyAdmin, LookOnlyInline, ReasonedActions
from neuralbox.core.errors import DomainError

MAY_SET_PRICES = "billing.set_prices"


class PublishForm(forms.Form):
    tokens = forms.IntegerField(label=_("Tokens"), min_value=1, widget=UnfoldAdminIntegerFieldWidget)
    bonus_tokens = forms.IntegerField(
        label=_("Bonus tokens"), min_value=0, initial=0, widget=UnfoldAdminIntegerFieldWidget
    )
    prices = forms.CharField(
        label=_("Prices"),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("A line per currency, in kopecks or cents: RUB 125000"),
    )
    reason = forms.CharField(
        label=_("Reason"),
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=_("Kept in the audit trail."),
    )

    def clean_prices(self) -> dict[str, int]:
        prices: dict[str, int] = {}
        for line in self.cleaned_data["prices"].splitlines():
            words = line.split()
            if not words:
                continue
            if len(words) != 2 or not words[1].isdecimal() or not (words[0].isalpha() and len(words[0]) == 3):
                raise forms.ValidationError(gettext("Not a price: %(line)s") % {"line": line})
            prices[words[0].upper()] = int(words[1])
        return prices


def _prices(version: PackageVersion) -> str:
    return ", ".join(shown.money(price.amount, price.currency) for price in version.prices.all())


class VersionInline(LookOnlyInline):
    model = PackageVersion
    fields = readonly_fields = (
        "number",
        "tokens",
        "bonus_tokens",
        "shown_prices",
        "published_by",
        "reason",
        "created_at",
    )
    ordering = ("-number",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("prices")

    @display(description=_("Prices"))
    def shown_prices(self, version: PackageVersion) -> str:
        return _prices(version)


@admin.register(Package)
class PackageAdmin(LookOnly, ReasonedActions):
    list_display = ("slug", "position", "is_offered", "is_featured", "newest")
    search_fields = ("slug",)
    ordering = ("position", "id")
    inlines = [VersionInline]
    actions_detail = ["publish", "offer"]
    act_permission = MAY_SET_PRICES

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("versions__prices")

    @display(description=_("Newest version"))
    def newest(self, package: Package) -> str:
        version = max(package.versions.all(), key=lambda one: one.number, default=None)
        if version is None:
            return "—"
        return f"{version.tokens} + {version.bonus_tokens}: {_prices(version)}"

    def found(self, request: HttpRequest, object_id: str, permission: str = "") -> Package:
        """A package is numbered, not named by a UUID."""
        if not request.user.has_perm(permission or self.act_permission):
            raise PermissionDenied
        return get_object_or_404(Package, pk=int(object_id) if object_id.isdecimal() else 0)

    @action(description=_("New version"), url_path="publish", permissions=["act"], icon="publish")
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        package = self.found(request, object_id)
        form = PublishForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                products.publish_package(package, by=request.user, **form.cleaned_data)
                messages.success(request, gettext("Published. Payments that have begun keep their price."))
            except DomainError as refusal:
                say(request, refusal)
            return HttpResponseRedirect(self.address(package))
        return self.page(request, "billing/admin/form.html", package, gettext("New version"), form=form)

    @action(description=_("Offer or withdraw"), url_path="offer", permissions=["act"], icon="storefront")
    def offer(self, request: HttpRequest, object_id: str) -> HttpResponse:
        package = self.found(request, object_id)
        wanted = not package.is_offered
        title = gettext("Offer it") if wanted else gettext("Withdraw it")

        def act(reason: str) -> str:
            products.set_offered(package, is_offered=wanted, reason=reason, by=request.user)
            return gettext("Done: %(what)s") % {"what": title}

        return self.with_reason(request, package, title, gettext("The shop shows only what is offered."), act)


class AddedByService(LookOnlyAdmin):
    """Rows are added through a service and never changed afterwards. `added_fields` are what the form asks for."""

    added_fields: tuple[str, ...] = ()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm(MAY_SET_PRICES))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.added_fields if obj is None else super().get_fields(request, obj)

    def add(self, values: dict[str, Any], by: Any) -> models.Model:
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: models.Model, form: forms.ModelForm, change: bool) -> None:
        made = self.add(form.cleaned_data, request.user)
        for field in made._meta.concrete_fields:
            setattr(obj, field.attname, getattr(made, field.attname))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """A refusal of the service is shown, not raised."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except DomainError as refusal:
            say(request, refusal)
            return HttpResponseRedirect(request.get_full_path())


@admin.register(TokenRate)
class TokenRateAdmin(AddedByService):
    list_display = ("created_at", "shown_rate", "shown_minimum", "shown_maximum", "is_offered", "published_by")
    list_filter = ("currency",)
    list_select_related = ("published_by",)
    ordering = ("-id",)
    readonly_fields = ("shown_rate", "shown_minimum", "shown_maximum")
    fields = (*readonly_fields, "is_offered", "published_by", "reason", "created_at")
    added_fields = ("currency", "per_thousand", "minimum", "maximum", "is_offered", "reason")

    def add(self, values: dict[str, Any], by: Any) -> models.Model:
        return products.set_rate(by=by, **values)

    @display(description=_("Price of 1,000 tokens"))
    def shown_rate(self, rate: TokenRate) -> str:
        return shown.money(rate.per_thousand, rate.currency)

    @display(description=_("Smallest payment"))
    def shown_minimum(self, rate: TokenRate) -> str:
        return shown.money(rate.minimum, rate.currency)

    @display(description=_("Largest payment"))
    def shown_maximum(self, rate: TokenRate) -> str:
        return shown.money(rate.maximum, rate.currency)


@admin.register(PromoCode)
class PromoCodeAdmin(AddedByService, ReasonedActions):
    list_display = (
        "code", "discount_percent", "bonus_percent", "package", "starts_at", "ends_at", "uses", "uses_at_most",
        "is_active",
    )  # fmt: skip
    list_filter = ("is_active", "created_at")
    list_select_related = ("package",)
    search_fields = ("code",)
    ordering = ("-id",)
    added_fields = (
        "code", "discount_percent", "bonus_percent", "package", "starts_at", "ends_at", "uses_at_most",
        "uses_per_person", "reason",
    )  # fmt: skip
    actions_detail = ["end"]
    act_permission = MAY_SET_PRICES

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(paid_uses=Count("payments", filter=~Q(payments__paid_at=None)))

    def add(self, values: dict[str, Any], by: Any) -> models.Model:
        return products.create_promo_code(by=by, **values)

    @display(description=_("Paid with it"))
    def uses(self, promo_code: PromoCode) -> int:
        return int(promo_code.paid_uses)  # type: ignore[attr-defined]

    @action(description=_("End it"), url_path="end", permissions=["act"], icon="block")
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        promo_code = self.found(request, object_id)

        def act(reason: str) -> str:
            products.end_promo_code(promo_code, reason=reason, by=request.user)
            return gettext("No purchase can begin with it any more.")

        explanation = gettext("Payments that have begun with it keep their price.")
        return self.with_reason(request, promo_code, gettext("End it"), explanation, act)


@admin.register(VoucherBatch)
class VoucherBatchAdmin(AddedByService, ReasonedActions):
    list_display = ("created_at", "name", "tokens", "count", "redeemed", "expires_at", "is_active", "created_by")
    list_filter = ("is_active", "created_at")
    list_select_related = ("created_by",)
    search_fields = ("name",)
    ordering = ("-id",)
    added_fields = ("name", "tokens", "count", "expires_at", "reason")
    actions_detail = ["end"]
    act_permission = MAY_SET_PRICES

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(used=Count("vouchers", filter=~Q(vouchers__redeemed_at=None)))

    def save_model(self, request: HttpRequest, obj: models.Model, form: forms.ModelForm, change: bool) -> None:
        batch, codes = products.make_vouchers(by=request.user, **form.cleaned_data)
        obj.pk = batch.pk
        request.voucher_codes = codes  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """The codes are shown here and nowhere else: only their digests are kept."""
        codes = "\r\n".join(request.voucher_codes)  # type: ignore[attr-defined]
        headers = {"Content-Disposition": f'attachment; filename="vouchers-{obj.pk}.txt"', "Cache-Control": "no-store"}
        return HttpResponse(codes, content_type="text/plain; charset=utf-8", headers=headers)

    @display(description=_("Redeemed"))
    def redeemed(self, batch: VoucherBatch) -> int:
        return int(batch.used)  # type: ignore[attr-defined]

    @action(description=_("End them"), url_path="end", permissions=["act"], icon="block")
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        batch = self.found(request, object_id)

        def act(reason: str) -> str:
            products.end_vouchers(batch, reason=reason, by=request.user)
            return gettext("None of them can be redeemed any more.")

        return self.with_reason(request, batch, gettext("End them"), gettext("Tokens that were given stay."), act)
