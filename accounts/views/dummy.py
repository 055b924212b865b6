"""The login of local mode."""

from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.dummy.provider import DummyProvider
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views import View

from accounts.login_problems import Problem, page_of
from accounts.services import identities


class DummyLoginForm(forms.Form):
    email = forms.EmailField(max_length=150)
    name = forms.CharField(max_length=150, required=False)


class DummyLogin(View):
    """Signs in as whoever is asked for, on the road that every login provider takes. Exists in local mode only."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        form = DummyLoginForm(request.POST)
        if not form.is_valid():
            return HttpResponseRedirect(page_of(Problem.INVALID_EMAIL))
        email, name = form.cleaned_data["email"].lower(), form.cleaned_data["name"]
        identities.adopt(email=email, provider=DummyProvider.id)
        login = self._login(request, email=email, name=name or email.partition("@")[0])
        return complete_social_login(request, login)

    def _login(self, request: HttpRequest, *, email: str, name: str) -> SocialLogin:
        provider = DummyProvider(request=request)
        profile = {"id": email, "email": email, "email_verified": True, "first_name": name}
        login: SocialLogin = provider.sociallogin_from_response(request, profile)
        login.state = {"next": settings.LOGIN_REDIRECT_URL, "process": "login"}
        return login
