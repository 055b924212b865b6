from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "neuralbox.pages"
    label = "pages"
