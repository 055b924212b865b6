"""Addresses of stored files: signed links only."""

from django.urls import path

from generations.api import files

app_name = "files"
urlpatterns = [
    path("<str:token>", files.serve, name="serve"),
    path("archives/<str:token>", files.archive, name="archive"),
    path("handed/<str:token>", files.handed, name="handed"),
]
