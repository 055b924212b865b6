"""People."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from neuralbox.core import ids


class UserManager(BaseUserManager["User"]):
    """Creates rows. People join through `services.users.join`, which also welcomes them."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """One spelling per address, so that `unique` means unique."""
        return (email or "").strip().lower()

    def create_user(self, email: str | None = None, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email) or None, **fields)
        user.set_password(password) if password else user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=self.normalize_email(username))


class User(AbstractBaseUser, PermissionsMixin):
    """A person. From a login provider we keep name, e-mail, avatar and the provider's id, nothing more (P1).

    `email` is an address that the person has proven, or NULL.
    """

    class Language(models.TextChoices):
        RU = "ru", _("Russian")
        EN = "en", _("English")

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    email = models.EmailField(_("e-mail"), null=True, blank=True, unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    avatar = models.CharField(_("avatar"), max_length=500, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.RU)
    theme = models.CharField(_("theme"), max_length=6, choices=Theme, default=Theme.SYSTEM)
    notice_settings = models.JSONField(_("notice settings"), default=dict, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    blocked_at = models.DateTimeField(_("blocked"), null=True, blank=True, editable=False)
    block_reason = models.TextField(_("reason of the block"), blank=True, db_default="", editable=False)
    frozen_at = models.DateTimeField(_("frozen"), null=True, blank=True, editable=False)
    freeze_reason = models.TextField(_("reason of the freeze"), blank=True, db_default="", editable=False)
    is_staff = models.BooleanField(_("staff"), default=False)
    # When the person said that they are 16 or older (P21). NULL for accounts that nobody has signed in to yet.
    age_stated_at = models.DateTimeField(_("said to be 16 or older"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("joined"), db_default=Now())

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.name or self.email or str(self.id)
