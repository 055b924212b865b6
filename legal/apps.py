from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LegalConfig(AppConfig):
    name = "legal"
    verbose_name = _("Privacy")

    def ready(self) -> None:
        from legal import checks, tasks  # noqa: F401 - registers the checks and the jobs
        from legal.personal_data import Legal
        from neuralbox.core import personal_data

        personal_data.register(Legal())
