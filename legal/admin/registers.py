"""Registers: letters about data, demands of authorities, and to whom data goes."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from legal.models import Disclosure, PrivacyRequest
from legal.services import registers
from neuralbox.core import audit
from neuralbox.core.back_office import ReasonedActions, ReasonForm
from neuralbox.core.errors import DomainError
from neuralbox.core.tables import as_csv

MAY_DELETE = "legal.add_deletionrequest"
# What a letter about a child comes as: entered by staff, or through the contact form, which knows no kinds.
_ABOUT_CHILDREN = (PrivacyRequest.Kind.CHILD, PrivacyRequest.Kind.OTHER)


class ChildForm(ReasonForm):
    """Whose account goes. Who wrote the letter is rarely the child, so it is typed, never taken from the letter."""

    account = forms.CharField(
        label=_("The child's account"),
        max_length=254,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_("E-mail or id. Not who wrote the letter, unless the child did."),
    )
    field_order = ("account", "reason")

    def clean_account(self) -> Any:
        typed, people = self.cleaned_data["account"].strip(), get_user_model()._default_manager.all()
        try:
            found = people.filter(pk=UUID(typed)).first()
        except ValueError:
            found = people.filter(email=typed.lower()).first()
        if found is None:
            raise forms.ValidationError(_("There is no account with this e-mail or id."))
        return found


class OpenFilter(admin.SimpleListFilter):
    title = _("deadline")
    parameter_name = "deadline"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("Open")), ("late", _("Over"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        waiting = queryset.filter(status=PrivacyRequest.Status.OPEN)
        return waiting.filter(deadline__lte=timezone.now()) if self.value() == "late" else waiting


@admin.register(PrivacyRequest)
class PrivacyRequestAdmin(ReasonedActions):
    """Letters about somebody's data: entered, answered before the deadline, closed with what was done."""

    act_permission = "legal.change_privacyrequest"
    list_display = ("created_at", "kind", "user", "contact", "shown_status", "shown_deadline")
    list_filter = (OpenFilter, "kind", "status")
    list_select_related = ("user",)
    search_fields = ("=user__id", "=user__email", "=contact")
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("user",)
    show_full_result_count = False
    actions_detail = ["delete_child", "close", "reject"]
    entered = ("kind", "user", "contact", "text")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        more = ("way", "status", "created_at", "deadline", "answer", "closed_by", "closed_at")
        return (*self.entered, *more) if obj else self.entered

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        made = registers.receive(
            kind=obj.kind,
            way=PrivacyRequest.Way.STAFF,
            text=obj.text,
            contact=obj.contact,
            user_id=obj.user_id,
            by=request.user,
        )
        obj.pk = made.pk

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The audit trail has it."""

    @display(description=_("Status"), label={"open": "warning", "done": "success", "rejected": "info"})
    def shown_status(self, row: PrivacyRequest) -> tuple[str, str]:
        return row.status, row.get_status_display()

    @display(description=_("Deadline"), label={"late": "danger", "fine": "success"})
    def shown_deadline(self, row: PrivacyRequest) -> Any:
        if row.status != PrivacyRequest.Status.OPEN:
            return "—"
        return ("late" if row.deadline <= timezone.now() else "fine"), row.deadline.strftime("%Y-%m-%d %H:%M")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """What makes sense now, for who may."""
        letter = PrivacyRequest.objects.filter(pk=object_id, status=PrivacyRequest.Status.OPEN).first()
        if letter is None:
            return []
        offered = super().get_actions_detail(request, object_id)
        if letter.kind in _ABOUT_CHILDREN:
            return offered
        return [one for one in offered if one.method.original_function_name != "delete_child"]

    def has_delete_child_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm(MAY_DELETE))

    @action(
        description=_("Delete the child's account"),
        url_path="delete-child",
        permissions=["delete_child"],
        icon="person_remove",
    )
    def delete_child(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the account and the reason on GET; act on POST alone."""
        row = self.found(request, object_id, MAY_DELETE)
        form = ChildForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            account, reason = form.cleaned_data["account"], form.cleaned_data["reason"]
            try:
                made = registers.delete_child(request_id=row.pk, user=account, reason=reason, by=request.user)
            except DomainError as refusal:
                messages.error(request, str(refusal.detail))
                return HttpResponseRedirect(self.address(row))
            messages.success(request, gettext("The account is closed and is being erased. The letter is closed."))
            return HttpResponseRedirect(self.address(made))
        title = gettext("Delete the child's account")
        explanation = gettext(
            "For an account of a child under 16. It is closed now and erased at once: without two weeks to think "
            "again, and nobody can bring it back. The reason also closes this letter as what was done."
        )
        return self.page(request, self.reason_template, row, title, form=form, explanation=explanation)

    @action(description=_("Answered"), url_path="close", permissions=["act"], icon="task_alt")
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._close(request, object_id, gettext("Answered"), rejected=False)

    @action(description=_("Reject"), url_path="reject", permissions=["act"], icon="block")
    def reject(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._close(request, object_id, gettext("Reject"), rejected=True)

    def _close(self, request: HttpRequest, object_id: str, title: str, *, rejected: bool) -> HttpResponse:
        row = self.found(request, object_id)

        def act(reason: str) -> str:
            registers.close(request_id=row.pk, answer=reason, by=request.user, rejected=rejected)
            return gettext("Closed.")

        return self.with_reason(request, row, title, gettext("Say what was done, or why not."), act)


class DisclosureForm(forms.ModelForm):
    class Meta:
        model = Disclosure
        fields = ("authority", "letter", "ground", "scope", "user", "received_at", "deadline", "is_secret")
        help_texts = {"scope": _("Do not write names here: the field of the person says whom it is about.")}


@admin.register(Disclosure)
class DisclosureAdmin(ReasonedActions):
    """Demands of authorities. Who enters one does not decide about it."""

    act_permission = "legal.decide_disclosure"
    form = DisclosureForm
    list_display = ("received_at", "authority", "letter", "user", "shown_status", "deadline", "decided_by")
    list_filter = ("status",)
    list_select_related = ("user", "decided_by")
    search_fields = ("authority", "letter", "=user__id", "=user__email")
    ordering = ("-received_at",)
    autocomplete_fields = ("user",)
    show_full_result_count = False
    actions_detail = ["give", "give_in_part", "refuse"]
    actions_list = ["export", "recipients"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = DisclosureForm.Meta.fields
        return (*fields, "status", "entered_by", "created_at", "decided_by", "decided_at", "given") if obj else fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.entered_by = request.user
        super().save_model(request, obj, form, change)
        audit.record(obj, by=request.user, event="disclosure_entered", reason=obj.ground, owner=str(obj.user_id or ""))

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The audit trail has it."""

    @display(
        description=_("Status"),
        label={"received": "warning", "given": "info", "given_in_part": "info", "refused": "success"},
    )
    def shown_status(self, row: Disclosure) -> tuple[str, str]:
        return row.status, row.get_status_display()

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        is_open = Disclosure.objects.filter(pk=object_id, status=Disclosure.Status.RECEIVED).exists()
        return super().get_actions_detail(request, object_id) if is_open else []

    @action(description=_("Given"), url_path="give", permissions=["act"], icon="outbox")
    def give(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(request, object_id, Disclosure.Status.GIVEN)

    @action(description=_("Given in part"), url_path="give-in-part", permissions=["act"], icon="outbox")
    def give_in_part(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(request, object_id, Disclosure.Status.GIVEN_IN_PART)

    @action(description=_("Refuse"), url_path="refuse", permissions=["act"], icon="block")
    def refuse(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(request, object_id, Disclosure.Status.REFUSED)

    def _decide(self, request: HttpRequest, object_id: str, status: Disclosure.Status) -> HttpResponse:
        row = self.found(request, object_id)

        def act(reason: str) -> str:
            registers.decide(disclosure_id=row.pk, status=status, given=reason, by=request.user)
            return gettext("Decided and recorded.")

        explanation = gettext("Say exactly what was given, or why nothing was. Who entered the demand cannot decide.")
        return self.with_reason(request, row, str(status.label), explanation, act)

    def has_register_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("legal.view_disclosure"))

    @action(description=_("Export the register"), url_path="export", permissions=["register"], icon="download")
    def export(self, request: HttpRequest) -> HttpResponse:
        return _csv("disclosures", registers.disclosure_rows)  # type: ignore[return-value]

    @action(description=_("Recipients"), url_path="recipients", permissions=["register"], icon="hub")
    def recipients(self, request: HttpRequest) -> HttpResponse:
        """To whom data may go, as the adapters state it; `?format=csv` to take along."""
        if request.GET.get("format") == "csv":
            return _csv("recipients", registers.recipient_rows)  # type: ignore[return-value]
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": gettext("Recipients")}
        return TemplateResponse(
            request, "legal/admin/recipients.html", {**context, "rows": list(registers.recipient_rows())}
        )


def _csv(name: str, rows: Any) -> StreamingHttpResponse:
    response = StreamingHttpResponse(as_csv(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{timezone.now():%Y-%m-%d}.csv"'
    return response
