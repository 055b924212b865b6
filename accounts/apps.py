from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from allauth.account.signals import user_logged_in

        from accounts import checks, receivers, schema, tasks  # noqa: F401
        from accounts.personal_data import Accounts
        from legal import signals
        from neuralbox.core import personal_data

        personal_data.register(Accounts())
        user_logged_in.connect(receivers.note_sign_in, dispatch_uid="accounts.note_sign_in")
        for name in (
            "document_changed",
            "export_ready",
            "deletion_scheduled",
            "deletion_cancelled",
            "deletion_began",
            "retention_warned",
        ):
            getattr(signals, name).connect(getattr(receivers, name), dispatch_uid=f"accounts.{name}")
