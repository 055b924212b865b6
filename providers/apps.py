from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProvidersConfig(AppConfig):
    name = "providers"
    verbose_name = _("Providers")

    def ready(self) -> None:
        from neuralbox.core import personal_data, recipients
        from providers import checks, tasks  # noqa: F401 - registers the checks and the jobs
        from providers.personal_data import Providers
        from providers.recipients import ai_providers

        personal_data.register(Providers())
        recipients.register(ai_providers)
