from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "neuralbox.core"
    label = "core"

    def ready(self) -> None:
        from neuralbox.core import checks, metrics, tasks  # noqa: F401 - registers the checks and the jobs

        metrics.register(metrics.jobs)
