from dataclasses import asdict

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        from accounts import profile
        from accounts.signals import user_joined
        from billing import checks, receivers, selectors, tasks  # noqa: F401
        from billing.personal_data import Money
        from billing.recipients import payment_processors
        from neuralbox.core import personal_data, recipients

        personal_data.register(Money())
        recipients.register(payment_processors)
        user_joined.connect(receivers.welcome, dispatch_uid="billing.welcome")
        profile.add_section("balance", lambda user: asdict(selectors.balance(user.id)))
