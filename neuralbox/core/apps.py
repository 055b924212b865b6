from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "neuralbox.core"
    label = "core"

    def ready(self) -> None:
        from neuralbox.core import tasks  # noqa: F401
