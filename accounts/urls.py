"""Addresses of signing in: to the login providers and back, and in local mode the login without one.

Of allauth's own addresses only those that we use exist. Its pages, and its JSON doors to signing up, passwords and
changing addresses, do not, nor what a later version may add.
"""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path

from accounts.views import avatars, dummy, sign_in

ALLAUTH_DOORS = (
    "config",
    "auth/session",
    "auth/2fa/authenticate",
    "account/authenticators",
    "account/authenticators/totp",
    "account/authenticators/recovery-codes",
)
# The library builds the addresses to come back to by these names.
CALLBACKS = ("google", "yandex", "vk", "github", "tiktok")

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(rf"^_allauth/(?!browser/v1/(?:{'|'.join(ALLAUTH_DOORS)})$)", sign_in.closed),
    path("_allauth/", include("allauth.headless.urls")),
    path("login/with/<slug:login>", sign_in.start, name="login-with"),
    *(
        path(f"accounts/{login}/login/callback/", sign_in.callback, {"login": login}, name=f"{login}_callback")
        for login in CALLBACKS
    ),
    path("accounts/oidc/<slug:provider_id>/login/callback/", sign_in.openid_callback, name="openid_connect_callback"),
    path("avatars/<str:token>", avatars.picture, name="avatar"),
]
if settings.LOCAL_MODE:
    urlpatterns.append(path("login/dummy", dummy.DummyLogin.as_view(), name="dummy-login"))
