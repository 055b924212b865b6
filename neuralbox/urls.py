"""All addresses: the contract of the API under /api/v1, webhooks, operations, the admin, and the pages."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from billing.webhooks import receive as receive_payment_notification
from generations.webhooks import receive as receive_provider_webhook
from neuralbox.api_docs import ReadableDocs
from neuralbox.core import health
from neuralbox.pages.legal_views import security_txt

handler400 = "neuralbox.core.views.bad_request"
handler403 = "neuralbox.core.views.permission_denied"
handler404 = "neuralbox.core.views.page_not_found"
handler500 = "neuralbox.core.views.server_error"

urlpatterns = [
    path("api/v1/", include("neuralbox.api_urls")),
    path("api/docs/", ReadableDocs.as_view(), name="api-docs"),
    path("webhooks/providers/<slug:provider>/<str:token>", receive_provider_webhook),
    path("webhooks/payments/<slug:gateway>", receive_payment_notification),
    path("files/", include("generations.file_urls")),
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", health.figures),
    path(".well-known/security.txt", security_txt),
    path("", include("legal.urls")),
    path("", include("accounts.urls")),
    path("admin/", admin.site.urls),
    path("", include("neuralbox.pages.urls")),
    *i18n_patterns(path("", include("neuralbox.pages.urls", namespace="localized"))),
]
