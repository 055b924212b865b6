from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "neuralbox.core"
    label = "core"

    def ready(self) -> None:
        from neuralbox.core import metrics, tasks  # noqa: F401

        metrics.register(metrics.jobs)
