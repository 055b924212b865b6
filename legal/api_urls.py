from django.urls import path

from legal.api import deletion, exports, privacy

urlpatterns = [
    path("me/privacy", privacy.PrivacyApi.as_view()),
    path("me/consents", privacy.ConsentListApi.as_view()),
    path("me/exports", exports.ExportListApi.as_view()),
    path("me/exports/<uuid:export_id>", exports.ExportApi.as_view()),
    path("me/deletion-request", deletion.DeletionRequestApi.as_view()),
]
