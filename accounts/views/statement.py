"""The one page between a first arrival and an account: age, and the documents."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext_lazy as _
from django.views import View

from accounts import joining, login_names
from accounts.login_problems import Problem, page_of
from accounts.services.users import Statement
from accounts.views.sign_in import is_over_limit
from accounts.visitors import visitor_of
from legal import selectors as documents


class StatementForm(forms.Form):
    """`versions` are those that the page showed: nobody accepts what they could not have read."""

    age = forms.BooleanField(error_messages={"required": _("The service is for people of 16 and older.")})
    accepted = forms.BooleanField(error_messages={"required": _("Without these documents there is no account.")})
    versions = forms.CharField(required=False, max_length=1000)


class StatementPage(View):
    """GET shows it, POST agrees; `refuse` in the form forgets everything."""

    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, StatementForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        login = joining.waiting(request)
        if login is None:
            return HttpResponseRedirect(page_of(Problem.EXPIRED))
        if "refuse" in request.POST:
            joining.refuse(request)
            return HttpResponseRedirect(page_of(Problem.REFUSED))
        if is_over_limit(request):
            return HttpResponseRedirect(page_of(Problem.TOO_MANY))
        form = StatementForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        wanted = documents.to_accept()
        if form.cleaned_data["versions"] != _packed(wanted):
            form.add_error("accepted", _("The documents have just changed. Please look at them once more."))
            return self._page(request, form)
        return joining.finish(request, login, Statement(visitor_of(request), wanted))

    def _page(self, request: HttpRequest, form: StatementForm) -> HttpResponse:
        login = joining.waiting(request)
        if login is None:
            return HttpResponseRedirect(page_of(Problem.EXPIRED))
        shown = [document for document in documents.current_documents() if document["is_accepted"]]
        page = render(
            request,
            "pages/login_welcome.html",
            {
                "form": form,
                "documents": shown,
                "versions": _packed([document["version_id"] for document in shown]),
                "login": login_names.name_of(login.account.provider),
                "kept": login.account.extra_data,
                "uid": login.account.uid,
            },
            status=422 if form.errors else 200,
        )
        patch_cache_control(page, no_store=True, private=True)
        return page


def _packed(versions: list[UUID]) -> str:
    return ",".join(str(version) for version in versions)
