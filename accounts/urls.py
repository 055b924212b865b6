"""Addresses of signing in: to the login providers and back, and in local mode the login without one.

None of allauth's own addresses exist: neither its pages nor its JSON doors to signing up, passwords, linking and second
factors, nor what a later version may add. What we use of it has doors of ours.
"""

from django.conf import settings
from django.urls import URLPattern, URLResolver, path

from accounts.views import avatars, dummy, second_factor, sign_in

# The library builds the addresses to come back to by these names.
CALLBACKS = ("google", "yandex", "vk", "github", "tiktok")

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/with/<slug:login>", sign_in.start, name="login-with"),
    *(
        path(f"accounts/{login}/login/callback/", sign_in.callback, {"login": login}, name=f"{login}_callback")
        for login in CALLBACKS
    ),
    path("accounts/oidc/<slug:provider_id>/login/callback/", sign_in.openid_callback, name="openid_connect_callback"),
    path("login/second-factor", second_factor.SecondFactorPage.as_view(), name="second-factor"),
    path("avatars/<str:token>", avatars.picture, name="avatar"),
]
if settings.LOCAL_MODE:
    urlpatterns.append(path("login/dummy", dummy.DummyLogin.as_view(), name="dummy-login"))
