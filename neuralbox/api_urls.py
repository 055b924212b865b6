"""Addresses under /api/v1, app by app."""

from django.urls import include, path

urlpatterns = [
    path("", include("accounts.api_urls")),
    path("", include("generations.api_urls")),
]
