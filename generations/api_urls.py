"""Addresses of the API under /api/v1 that belong to generations."""

from django.urls import path

from generations.api import catalogue, events, generations, presets, status, uploads, webhook_endpoints

urlpatterns = [
    path("status", status.StatusApi.as_view()),
    path("models", catalogue.ModelsApi.as_view()),
    path("models/<slug:slug>", catalogue.ModelApi.as_view()),
    path("models/<slug:slug>/choices/<slug:setting>", catalogue.ChoicesApi.as_view()),
    path("quotes", catalogue.QuotesApi.as_view()),
    path("generations", generations.GenerationsApi.as_view()),
    path("generations/hide", generations.HideManyApi.as_view()),
    path("generations/delete", generations.DeleteManyApi.as_view()),
    path("generations/download", generations.DownloadManyApi.as_view()),
    path("generations/<uuid:generation_id>", generations.GenerationApi.as_view()),
    path("generations/<uuid:generation_id>/cancel", generations.CancelApi.as_view()),
    path("generations/<uuid:generation_id>/check", generations.CheckApi.as_view()),
    path("generations/<uuid:generation_id>/retry", generations.RetryApi.as_view()),
    path("generations/<uuid:generation_id>/hide", generations.HideApi.as_view()),
    path("generations/<uuid:generation_id>/unhide", generations.UnhideApi.as_view()),
    path("generations/<uuid:generation_id>/story", generations.StoryApi.as_view()),
    path("generations/<uuid:generation_id>/events", events.GenerationEventsApi.as_view()),
    path("presets", presets.PresetsApi.as_view()),
    path("presets/<uuid:preset_id>", presets.PresetApi.as_view()),
    path("uploads", uploads.UploadsApi.as_view()),
    path("uploads/<uuid:upload_id>", uploads.UploadApi.as_view()),
    path("webhook-endpoints", webhook_endpoints.EndpointsApi.as_view()),
    path("webhook-endpoints/<uuid:endpoint_id>", webhook_endpoints.EndpointApi.as_view()),
    path("webhook-endpoints/<uuid:endpoint_id>/rotate-secret", webhook_endpoints.RotateSecretApi.as_view()),
    path("webhook-endpoints/<uuid:endpoint_id>/deliveries", webhook_endpoints.DeliveriesApi.as_view()),
    path(
        "webhook-endpoints/<uuid:endpoint_id>/deliveries/<uuid:message_id>/replay",
        webhook_endpoints.ReplayApi.as_view(),
    ),
    path("events", events.EventsApi.as_view()),
]
