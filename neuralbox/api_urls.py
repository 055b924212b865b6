"""Addresses under /api/v1, app by app."""

from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from neuralbox import api_docs
from neuralbox.core.views import page_not_found

urlpatterns = [
    path("openapi.json", api_docs.OpenApiDocument.as_view(), name="openapi"),
    path("", include("legal.api_urls")),
    path("", include("accounts.api_urls")),
    path("", include("billing.api_urls")),
    path("", include("generations.api_urls")),
    # An unknown address of the API is answered in the API's own way, in development too.
    re_path("", csrf_exempt(page_not_found)),
]
