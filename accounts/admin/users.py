"""The page of a person, with blocking and freezing."""

from typing import Any, cast
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.models import ApiKey, Notice, SecurityEvent, StaffView, SupportMessage, User
from accounts.services import blocks, freezes, second_factors, staff_views
from accounts.visitors import device_name
from legal.models import Consent, DeletionRequest, PrivacyRequest
from neuralbox.core import audit
from neuralbox.core.errors import DomainError, InvalidInput

RIGHTS = ("is_staff", "is_superuser")


def _staff(request: HttpRequest) -> User:
    """Who is at work: the admin lets nobody else in."""
    return cast(User, request.user)


def _roles_of(user: User) -> list[str]:
    return sorted(user.groups.values_list("name", flat=True))


class ReasonForm(forms.Form):
    """Every action on a person's account says why; the audit trail keeps it."""

    reason = forms.CharField(
        label=_("Reason"), min_length=3, max_length=1000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


class _ReadOnlyInline(TabularInline):
    extra = 0
    can_delete = False
    tab = True
    per_page = 20
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class IdentityInline(_ReadOnlyInline):
    model = SocialAccount
    verbose_name_plural = _("Logins")
    fields = ("provider", "uid", "date_joined", "last_login")
    readonly_fields = fields
    ordering = ("date_joined",)


class SessionInline(_ReadOnlyInline):
    model = UserSession
    verbose_name_plural = _("Devices")
    fields = ("device", "address", "began", "seen")
    readonly_fields = fields
    ordering = ("-last_seen_at",)

    @display(description=_("Address"))
    def address(self, row: UserSession) -> str:
        return str(row.ip)

    @display(description=_("Since"))
    def began(self, row: UserSession) -> str:
        return date_format(localtime(row.created_at), "DATETIME_FORMAT")

    @display(description=_("Last seen"))
    def seen(self, row: UserSession) -> str:
        return date_format(localtime(row.last_seen_at), "DATETIME_FORMAT")

    @display(description=_("Device"))
    def device(self, row: UserSession) -> str:
        return device_name(row.user_agent) or "—"


class ApiKeyInline(_ReadOnlyInline):
    model = ApiKey
    verbose_name_plural = _("API keys")
    fields = ("name", "scopes", "caps_shown", "created_at", "last_used_at", "expires_at", "revoked_at")
    readonly_fields = fields
    ordering = ("-created_at",)

    @display(description=_("Spend limits"))
    def caps_shown(self, api_key: ApiKey) -> str:
        return ", ".join(f"{window}: {tokens}" for window, tokens in api_key.caps.items()) or "—"


class NoticeInline(_ReadOnlyInline):
    model = Notice
    fields = ("kind", "created_at", "read_at", "mail", "mailed_at")
    readonly_fields = fields
    ordering = ("-created_at",)


class SecurityEventInline(_ReadOnlyInline):
    model = SecurityEvent
    fields = ("kind", "ip", "device", "details", "created_at")
    readonly_fields = fields
    ordering = ("-created_at",)

    @display(description=_("Device"))
    def device(self, event: SecurityEvent) -> str:
        return device_name(event.user_agent) or "—"


class SupportMessageInline(_ReadOnlyInline):
    model = SupportMessage
    fk_name = "user"
    fields = ("created_at", "topic", "text", "status", "deadline", "answer")
    readonly_fields = fields
    ordering = ("-created_at",)
    show_change_link = True


class StaffViewInline(_ReadOnlyInline):
    model = StaffView
    fk_name = "user"
    fields = ("created_at", "staff", "reason", "expires_at", "ended_at")
    readonly_fields = fields
    ordering = ("-created_at",)


class PrivacyRequestInline(_ReadOnlyInline):
    model = PrivacyRequest
    fk_name = "user"
    fields = ("created_at", "kind", "way", "text", "status", "deadline", "answer")
    readonly_fields = fields
    ordering = ("-created_at",)


class DeletionRequestInline(_ReadOnlyInline):
    model = DeletionRequest
    fk_name = "user"
    fields = ("created_at", "way", "status", "erase_at", "deadline", "reason")
    readonly_fields = fields
    ordering = ("-created_at",)


class ConsentInline(_ReadOnlyInline):
    model = Consent
    fields = ("version", "way", "language", "ip", "created_at")
    readonly_fields = fields
    ordering = ("-created_at",)


class RightsForm(forms.ModelForm):
    """Changing somebody's rights needs a reason, like everything that staff do."""

    reason = forms.CharField(
        label=_("Reason of the change"),
        required=False,
        max_length=1000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if set(self.changed_data) & {*RIGHTS, "groups"}:
            try:
                self.cleaned_data["reason"] = audit.checked_reason(self.cleaned_data.get("reason", ""))
            except InvalidInput as refusal:
                self.add_error("reason", str(refusal.errors[0].detail))
        return cleaned


@admin.register(User)
class UserAdmin(ModelAdmin):
    """Staff see people and can block them; a person's own data is changed by the person alone."""

    list_display = ("shown_name", "email", "state", "is_staff", "language", "created_at", "last_login")
    list_filter = (
        "is_active",
        "is_staff",
        ("blocked_at", admin.EmptyFieldListFilter),
        ("frozen_at", admin.EmptyFieldListFilter),
        "language",
        "created_at",
    )
    search_fields = ("=id", "email", "name", "socialaccount__uid")
    search_help_text = _("Id, e-mail, name, or the id at a login provider")
    ordering = ("-created_at",)
    date_hierarchy = "created_at"
    list_per_page = 50
    show_full_result_count = False
    readonly_fields = (
        "id",
        "email",
        "name",
        "avatar",
        "language",
        "theme",
        "notice_settings",
        "is_active",
        "blocked_at",
        "block_reason",
        "frozen_at",
        "freeze_reason",
        "created_at",
        "last_login",
    )
    fieldsets = (
        (None, {"fields": ("id", "name", "email", "created_at", "last_login")}),
        (
            _("Block and freeze"),
            {"fields": ("is_active", "blocked_at", "block_reason", "frozen_at", "freeze_reason")},
        ),
        (_("Preferences"), {"fields": ("language", "theme", "notice_settings")}),
        (_("Rights"), {"fields": ("is_staff", "is_superuser", "groups", "reason")}),
    )
    form = RightsForm
    filter_horizontal = ("groups",)
    inlines = [
        IdentityInline,
        SessionInline,
        ApiKeyInline,
        SupportMessageInline,
        NoticeInline,
        SecurityEventInline,
        StaffViewInline,
        PrivacyRequestInline,
        DeletionRequestInline,
        ConsentInline,
    ]
    actions_detail = ["view_as", "freeze", "unfreeze", "block", "unblock", "reset_second_factor"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only a superuser decides who is staff, and never about oneself."""
        if request.user.is_superuser and (obj is None or obj.pk != request.user.pk):
            return self.readonly_fields
        return (*self.readonly_fields, "is_staff", "is_superuser", "groups")

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Note the rights as they were: `save_model` sees the new ones only."""
        before = User.objects.get(pk=form.instance.pk)
        form.rights_before = {field: getattr(before, field) for field in RIGHTS} | {"groups": _roles_of(before)}
        return super().save_form(request, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        person = form.instance
        after = {field: getattr(person, field) for field in RIGHTS} | {"groups": _roles_of(person)}
        changes = {field: (old, after[field]) for field, old in form.rights_before.items() if old != after[field]}
        if changes:
            audit.record(
                person, by=request.user, event="rights_changed", reason=form.cleaned_data["reason"], changes=changes
            )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People join by signing in."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People are erased through a deletion request, which keeps what the law wants kept."""
        return False

    def has_block_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("accounts.change_user"))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only what makes sense now."""
        person = User.objects.filter(pk=object_id).first()
        is_blocked, is_frozen = bool(person and person.blocked_at), bool(person and person.frozen_at)
        pointless = {
            (self.block if is_blocked else self.unblock).original_function_name,
            (self.freeze if is_frozen else self.unfreeze).original_function_name,
        }
        if not request.user.has_perm(staff_views.PERMISSION) or (person and person.is_staff):
            pointless.add(self.view_as.original_function_name)
        if not (request.user.is_superuser and Authenticator.objects.filter(user_id=object_id).exists()):
            pointless.add(self.reset_second_factor.original_function_name)
        offered = super().get_actions_detail(request, object_id)
        return [offer for offer in offered if offer.method.original_function_name not in pointless]

    @display(description=_("Name"), ordering="name")
    def shown_name(self, user: User) -> str:
        return str(user)

    @display(
        description=_("State"),
        label={_("Blocked"): "danger", _("Frozen"): "warning", _("Active"): "success", _("Erased"): "info"},
    )
    def state(self, user: User) -> Any:
        if user.blocked_at:
            return _("Blocked")
        if not user.is_active:
            return _("Erased")
        return _("Frozen") if user.frozen_at else _("Active")

    def has_look_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm(staff_views.PERMISSION))

    @action(description=_("See the site as this person"), url_path="view-as", permissions=["look"], icon="visibility")
    def view_as(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the reason on GET; on POST begin the look, in this browser tab alone."""
        if not self.has_look_permission(request):
            raise PermissionDenied
        person = get_object_or_404(User, pk=UUID(str(object_id)))
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                begun = staff_views.begin(user=person, reason=form.cleaned_data["reason"], by=_staff(request))
            except DomainError as refusal:
                messages.error(request, str(refusal.detail))
                return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[person.pk]))
            page = TemplateResponse(request, "pages/staff_view.html", {"begun": begun, "person": person})
            patch_cache_control(page, no_store=True, private=True)
            return page
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("See the site as this person"),
            "person": person,
            "form": form,
            "explanation": gettext(
                "For half an hour this tab shows the pages as the person sees them. Nothing can be changed. "
                "The person is told, with the reason."
            ),
        }
        return TemplateResponse(request, "accounts/admin/reason.html", {**context, "opts": self.opts})

    @action(description=_("Freeze"), url_path="freeze", permissions=["block"], icon="ac_unit")
    def freeze(self, request: HttpRequest, object_id: str) -> HttpResponse:
        explanation = gettext(
            "The person can sign in, read, download and write to support, but not spend or buy tokens and not change "
            "keys or logins. They are told the reason."
        )
        return self._with_reason(request, object_id, gettext("Freeze"), freezes.freeze, explanation)

    @action(description=_("Unfreeze"), url_path="unfreeze", permissions=["block"], icon="sunny")
    def unfreeze(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._with_reason(request, object_id, gettext("Unfreeze"), freezes.unfreeze)

    @action(description=_("Block"), url_path="block", permissions=["block"], icon="block")
    def block(self, request: HttpRequest, object_id: str) -> HttpResponse:
        explanation = gettext("The person is signed out everywhere and cannot come in. They are told the reason.")
        return self._with_reason(request, object_id, gettext("Block"), blocks.block, explanation)

    @action(description=_("Unblock"), url_path="unblock", permissions=["block"], icon="check_circle")
    def unblock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._with_reason(request, object_id, gettext("Unblock"), blocks.unblock)

    @action(
        description=_("Take the second factor away"),
        url_path="reset-second-factor",
        permissions=["block"],
        icon="phonelink_erase",
    )
    def reset_second_factor(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._with_reason(request, object_id, gettext("Take the second factor away"), second_factors.reset)

    def _with_reason(
        self, request: HttpRequest, object_id: str, title: str, service: Any, explanation: str = ""
    ) -> HttpResponse:
        """Ask for the reason on GET; act on POST alone."""
        if not self.has_block_permission(request):
            raise PermissionDenied
        person = get_object_or_404(User, pk=UUID(str(object_id)))
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            back = HttpResponseRedirect(reverse("admin:accounts_user_change", args=[person.pk]))
            try:
                changed = service(user=person, reason=form.cleaned_data["reason"], by=_staff(request))
            except DomainError as refusal:
                messages.error(request, str(refusal.detail))
                return back
            if changed:
                messages.success(request, gettext("Done: %(what)s") % {"what": title})
            else:
                messages.info(request, gettext("Nothing to do: it was so already."))
            return back
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "person": person,
            "form": form,
            "explanation": explanation,
        }
        return TemplateResponse(request, "accounts/admin/reason.html", {**context, "opts": self.opts})
