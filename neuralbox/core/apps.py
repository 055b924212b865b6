from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "neuralbox.core"
    label = "core"
    verbose_name = _("Operations")

    def ready(self) -> None:
        from neuralbox.core import checks, metrics, tasks  # noqa: F401 - registers the checks and the jobs

        metrics.register(metrics.jobs)
