"""What people write to support, and what support looks at."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from neuralbox.core import ids


class SupportMessage(models.Model):
    """A letter through the contact form, answered before its deadline. `user` is NULL for who was not signed in."""

    class Topic(models.TextChoices):
        QUESTION = "question", _("Question")
        PAYMENT = "payment", _("Payment")
        RESULT = "result", _("Result")
        PRIVACY = "privacy", _("Personal data")
        APPEAL = "appeal", _("Objection to a block or freeze")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        ANSWERED = "answered", _("Answered")
        CLOSED = "closed", _("Closed without an answer")

    TRANSITIONS: ClassVar = {Status.OPEN: {Status.ANSWERED, Status.CLOSED}}

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="support_messages",
        verbose_name=_("person"),
    )
    topic = models.CharField(_("topic"), max_length=10, choices=Topic)
    contact = models.EmailField(_("answer to"), blank=True)
    text = models.TextField(_("text"))
    language = models.CharField(_("language"), max_length=2, default="ru")
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN)
    created_at = models.DateTimeField(_("received"), db_default=Now())
    deadline = models.DateTimeField(_("deadline"))
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("message to support")
        verbose_name_plural = _("messages to support")
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index("deadline", condition=models.Q(status="open"), name="accounts_open_messages"),
        ]

    def __str__(self) -> str:
        return f"{self.get_topic_display()} {self.created_at:%Y-%m-%d}"


class StaffView(models.Model):
    """A member of staff sees the site as a person does, for a while, and can change nothing. The person sees that."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="staff_views", verbose_name=_("person")
    )
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("member of staff")
    )
    reason = models.TextField(_("reason"))
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    created_at = models.DateTimeField(_("began"), db_default=Now())
    expires_at = models.DateTimeField(_("ends"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("look at an account")
        verbose_name_plural = _("looks at accounts")
        ordering: ClassVar = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%Y-%m-%d %H:%M}"
