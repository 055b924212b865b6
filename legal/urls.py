"""Addresses outside of the API: an archive to download."""

from django.urls import path

from legal import views

urlpatterns = [path("exports/<str:token>", views.download, name="export-download")]
