"""The page of a person, told whole: `accounts` knows who they are, here is what they did and what it cost."""

from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.admin.users import UserAdmin
from accounts.models import User
from generations import selectors_back_office as reads
from generations.admin import search

admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(UserAdmin):
    change_form_outer_before_template = "generations/admin/person_balance.html"
    change_form_outer_after_template = "generations/admin/person_story.html"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        key = search.as_uuid(object_id)
        if key is not None and self.has_view_permission(request):
            story = reads.story(key)
            more = {"story": story, "everything": _everything(story, key)}
            extra_context = {**(extra_context or {}), **more}
        return super().change_view(request, object_id, form_url, extra_context)


def _everything(story: reads.Story, user_id: Any) -> dict[str, str]:
    """Where all of a kind are listed, for this person alone."""
    people = ContentType.objects.get_for_model(User).pk
    return {
        "entries": _list("billing_journalentry", wallet__exact=story.wallet_id) if story.wallet_id else "",
        "generations": _list("generations_generation", user__exact=user_id),
        "uploads": _list("generations_upload", user__exact=user_id),
        "openings": _list("generations_contentaccess", user__exact=user_id),
        "api_keys": _list("accounts_apikey", user__exact=user_id),
        "notices": _list("accounts_notice", user__exact=user_id),
        "security_events": _list("accounts_securityevent", user__exact=user_id),
        "audit": _list("auditlog_logentry", content_type__exact=people, object_pk__exact=user_id),
    }


def _list(name: str, **filters: Any) -> str:
    return f"{reverse(f'admin:{name}_changelist')}?" + "&".join(f"{key}={value}" for key, value in filters.items())
