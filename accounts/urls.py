"""Addresses of signing in: those of the login providers, and in local mode the login without one."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path

from accounts import views

# allauth's JSON doors that we use: the way to a login provider, and the second factor. Everything else of them, such
# as signing up, passwords and changing addresses, is closed, also what a later version may add.
ALLAUTH_DOORS = (
    "config",
    "auth/session",
    "auth/provider/redirect",
    "auth/2fa/authenticate",
    "account/authenticators",
    "account/authenticators/totp",
    "account/authenticators/recovery-codes",
)

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(rf"^_allauth/(?!browser/v1/(?:{'|'.join(ALLAUTH_DOORS)})$)", views.closed),
    path("_allauth/", include("allauth.headless.urls")),
    path("accounts/", include("allauth.urls")),
]
if settings.LOCAL_MODE:
    urlpatterns.append(path("login/dummy", views.DummyLogin.as_view(), name="dummy-login"))
