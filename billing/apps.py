from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        from accounts.signals import user_joined
        from billing import receivers

        user_joined.connect(receivers.welcome, dispatch_uid="billing.welcome")
