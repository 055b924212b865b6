from django.urls import path

from accounts.api import api_keys, email, key_usage, me, notices, support, tokens

urlpatterns = [
    path("auth/token", tokens.TokenApi.as_view()),
    path("auth/refresh", tokens.RefreshApi.as_view()),
    path("auth/logout", tokens.LogoutApi.as_view()),
    path("me", me.MeApi.as_view()),
    path("me/email", email.EmailApi.as_view()),
    path("me/email/confirm", email.EmailConfirmApi.as_view()),
    path("me/identities", me.IdentityListApi.as_view()),
    path("me/identities/<uuid:identity_id>", me.IdentityApi.as_view()),
    path("me/sessions", me.SessionListApi.as_view()),
    path("me/sessions/<uuid:session_id>", me.SessionApi.as_view()),
    path("me/api-keys", api_keys.ApiKeyListApi.as_view()),
    path("me/api-keys/<uuid:api_key_id>", api_keys.ApiKeyApi.as_view()),
    path("me/api-keys/<uuid:api_key_id>/rotate", api_keys.ApiKeyRotateApi.as_view()),
    path("me/api-keys/<uuid:api_key_id>/usage", key_usage.KeyUsageApi.as_view()),
    path("me/api-keys/<uuid:api_key_id>/calls", key_usage.KeyCallListApi.as_view()),
    path("me/security-events", me.SecurityEventListApi.as_view()),
    path("me/support-messages", support.MySupportMessagesApi.as_view()),
    path("support-messages", support.SupportApi.as_view()),
    path("me/notices/read", notices.NoticeReadAllApi.as_view()),
    path("me/notices", notices.NoticeListApi.as_view()),
    path("me/notices/<uuid:notice_id>/read", notices.NoticeReadApi.as_view()),
]
