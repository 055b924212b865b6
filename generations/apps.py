from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GenerationsConfig(AppConfig):
    name = "generations"
    verbose_name = _("Generations")

    def ready(self) -> None:
        from accounts import key_usage
        from accounts.signals import notices_changed
        from billing.signals import balance_changed
        from generations import personal_data, receivers, selectors_keys, tasks  # noqa: F401
        from neuralbox.core.personal_data import register

        balance_changed.connect(receivers.tell_balance, dispatch_uid="generations.tell_balance")
        notices_changed.connect(receivers.tell_notices, dispatch_uid="generations.tell_notices")
        key_usage.add_source("tokens", selectors_keys.tokens_by_day)
        register(personal_data.Generations())
