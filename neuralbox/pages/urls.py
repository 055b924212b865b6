"""Addresses of the pages. Included twice: as they are, and under the language prefixes as "localized".

A template writes `{% url "pages:models" %}`: Django resolves it within the instance that served the request, so links
on a page under `/en/` stay under `/en/`, and links on a page without a prefix stay without one.
"""

from django.urls import path

from accounts.views.statement import StatementPage
from neuralbox.pages import legal_views, views

app_name = "pages"

urlpatterns = [
    path("", views.landing, name="landing"),
    path("models", views.models, name="models"),
    path("models/<slug:slug>", views.model, name="model"),
    path("create", views.create, name="create"),
    path("create/<slug:slug>", views.create, name="create"),
    path("compare", views.compare, name="compare"),
    path("history", views.history, name="history"),
    path("g/<uuid:generation_id>", views.generation, name="generation"),
    path("wallet", views.wallet, name="wallet"),
    path("wallet/payments/<uuid:payment_id>", views.payment, name="payment"),
    path("profile", views.profile, name="profile"),
    path("profile/email", views.confirm_email, name="confirm-email"),
    path("devices", views.devices, name="devices"),
    path("keys", views.keys, name="keys"),
    path("keys/<uuid:api_key_id>", views.key, name="key"),
    path("notices", views.notices, name="notices"),
    path("login", views.login, name="login"),
    path("login/welcome", StatementPage.as_view(), name="login-welcome"),
    path("login/complete", views.login_complete, name="login-complete"),
    path("developers", views.developers, name="developers"),
    path("developers/errors", views.developer_errors, name="developer-errors"),
    path("developers/webhooks", views.webhooks, name="webhooks"),
    path("status", views.status, name="status"),
    path("support", views.support, name="support"),
    path("legal/<slug:slug>", legal_views.document, name="document"),
    path("legal/<slug:slug>/history", legal_views.document_history, name="document-history"),
    path("legal/<slug:slug>/<int:number>", legal_views.document, name="document-version"),
    path("promises", legal_views.promises_page, name="promises"),
    path("privacy-center", legal_views.privacy_center, name="privacy-center"),
    path("account/keep", legal_views.keep_account, name="keep-account"),
    path("catalog.js", views.script_catalog, name="script-catalog"),
]
