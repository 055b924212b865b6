"""Documents and their versions: drafted, looked at as people will see them, published with a reason."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from legal import rendering, selectors
from legal.models import Consent, Document, DocumentVersion
from legal.services import documents
from neuralbox.core import audit
from neuralbox.core.back_office import LookOnlyAdmin, ReasonedActions


@admin.register(Document)
class DocumentAdmin(LookOnlyAdmin, ReasonedActions):
    """The documents of the product come with it; here their next versions begin."""

    list_display = ("slug", "position", "is_accepted")
    fields = readonly_fields = ("slug", "position", "is_accepted")
    search_fields = ("slug",)
    actions_detail = ["write_version"]
    act_permission = "legal.change_documentversion"

    def found(self, request: HttpRequest, object_id: str, permission: str = "") -> Any:
        """As for other actions; a document is named by a word."""
        if not request.user.has_perm(permission or self.act_permission):
            raise PermissionDenied
        return get_object_or_404(Document, pk=object_id)

    @action(description=_("Write a new version"), url_path="write", permissions=["act"], icon="edit_note")
    def write_version(self, request: HttpRequest, object_id: str) -> HttpResponse:
        document = self.found(request, object_id)

        def act(reason: str) -> str:
            draft = documents.draft(document=document, by=request.user)
            audit.record(draft, by=request.user, event="document_drafted", reason=reason, document=document.pk)
            return gettext("The draft of version %(number)d begins with the present text.") % {"number": draft.number}

        explanation = gettext("A draft is made from the version in force. Nobody sees it until it is published.")
        return self.with_reason(request, document, gettext("Write a new version"), explanation, act)


@admin.register(DocumentVersion)
class DocumentVersionAdmin(ReasonedActions):
    """A draft is a form; what was published is text."""

    act_permission = "legal.publish_documentversion"
    list_display = ("document", "number", "shown_status", "effective_at", "is_significant", "needs_acceptance")
    list_filter = ("document", "status")
    list_select_related = ("document",)
    search_fields = ("title_ru", "title_en")
    ordering = ("document__position", "-number")
    show_full_result_count = False
    actions_detail = ["preview", "publish"]
    terms = ("effective_at", "is_significant", "needs_acceptance")
    written = ("created_by", "created_at", "published_by", "published_at", "announced_at")
    fieldsets = (
        (None, {"fields": ("document", "number", "status", *terms)}),
        (_("In Russian"), {"fields": ("title_ru", "body_ru", "change_ru")}),
        (_("In English"), {"fields": ("title_en", "body_en", "change_en")}),
        (_("Record"), {"fields": written}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A version begins on the page of its document."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_draft = obj is None or obj.status == DocumentVersion.Status.DRAFT
        return is_draft and super().has_delete_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_draft = obj is None or obj.status == DocumentVersion.Status.DRAFT
        return is_draft and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("document", "number", "status", *self.written)

    @display(description=_("Status"), label={"draft": "warning", "published": "success"})
    def shown_status(self, version: DocumentVersion) -> tuple[str, str]:
        return version.status, version.get_status_display()

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        offered = super().get_actions_detail(request, object_id)
        is_draft = DocumentVersion.objects.filter(pk=object_id, status=DocumentVersion.Status.DRAFT).exists()
        return [one for one in offered if is_draft or one.method.original_function_name != "publish"]

    def has_preview_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("legal.change_documentversion"))

    @action(description=_("Preview"), url_path="preview", permissions=["preview"], icon="visibility")
    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """As people will see it, in both languages, with what changes against the version in force."""
        version = self.found(request, object_id, "legal.change_documentversion")
        before = selectors.published(version.document_id).filter(number__lt=version.number).first()
        shown = []
        for language in ("ru", "en"):
            with translation.override(language):
                shown.append(
                    {
                        "language": language,
                        "title": version.title,
                        "text": rendering.html(version.body),
                        "difference": rendering.difference(before.body, version.body) if before else "",
                    }
                )
        return self.page(request, "legal/admin/preview.html", version, gettext("Preview"), shown=shown)

    @action(description=_("Publish"), url_path="publish", permissions=["act"], icon="publish")
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        version = self.found(request, object_id)

        def act(reason: str) -> str:
            documents.publish(version_id=version.pk, by=request.user, reason=reason)
            return gettext("Published. It will never change.")

        explanation = gettext("A published version never changes. Of a significant one everybody is told.")
        return self.with_reason(request, version, gettext("Publish"), explanation, act)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        messages.info(request, gettext("Saved as a draft: people do not see it yet."))


@admin.register(Consent)
class ConsentAdmin(LookOnlyAdmin):
    list_display = ("created_at", "user", "version", "way", "language", "ip")
    list_filter = ("way",)
    list_select_related = ("user", "version")
    search_fields = ("=user__id", "=user__email")
    ordering = ("-created_at", "-id")
