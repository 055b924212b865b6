"""The site's addresses, and beside them what the API is measured against."""

from django.urls import path

from bench import views
from neuralbox import urls

urlpatterns = [
    path("bench/empty", views.Empty.as_view()),
    path("bench/generations", views.HandWrittenList.as_view()),
    path("bench/generations/<uuid:generation_id>", views.HandWrittenOne.as_view()),
    *urls.urlpatterns,
]
