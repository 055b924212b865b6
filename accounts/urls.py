"""Addresses of signing in: those of the login providers, and in local mode the login without one."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from accounts import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
]
if settings.LOCAL_MODE:
    urlpatterns.append(path("login/dummy", views.DummyLogin.as_view()))
