"""How providers do: whether we send them work, how much at once, and what is left of our money there."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from neuralbox.core import ids


class Reason(models.TextChoices):
    """Why a provider was taken out."""

    UNAVAILABLE = "unavailable", _("it does not answer")
    CREDITS_EXHAUSTED = "credits_exhausted", _("our credits are used up")
    CREDENTIALS_REFUSED = "credentials_refused", _("our key is refused")


class ProviderHealth(models.Model):
    """One provider's circuit breaker, its switch, and staff's own limits. Written by `providers.services.health`.

    `closed` lets work through, `open` keeps it away until `probe_at`, `half_open` is a probe under way. The switch is
    staff's alone and stands above the breaker.
    """

    class Status(models.TextChoices):
        CLOSED = "closed", _("works")
        OPEN = "open", _("taken out")
        HALF_OPEN = "half_open", _("being tried")

    TRANSITIONS: ClassVar = {
        Status.CLOSED: {Status.OPEN},
        Status.OPEN: {Status.OPEN, Status.HALF_OPEN},
        Status.HALF_OPEN: {Status.OPEN, Status.CLOSED},
    }
    # What time alone does not heal: work is not kept waiting for it.
    LASTING: ClassVar = frozenset({Reason.CREDITS_EXHAUSTED, Reason.CREDENTIALS_REFUSED})

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    provider = models.CharField(_("provider"), max_length=20, unique=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.CLOSED)
    reason = models.CharField(_("reason"), max_length=30, choices=Reason, blank=True)
    detail = models.TextField(_("what it said"), blank=True)
    since = models.DateTimeField(_("since"), db_default=Now())
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    pauses = models.PositiveSmallIntegerField(_("pauses in a row"), default=0)
    probe_at = models.DateTimeField(_("next probe"), null=True, blank=True)
    is_switched_off = models.BooleanField(_("switched off by staff"), default=False)
    switch_reason = models.TextField(_("why it was switched"), blank=True)
    requests = models.PositiveIntegerField(_("requests"), null=True, blank=True)
    per_seconds = models.PositiveIntegerField(_("per seconds"), null=True, blank=True)
    concurrent = models.PositiveIntegerField(_("tasks at once"), null=True, blank=True)
    balance = models.DecimalField(_("left"), max_digits=18, decimal_places=4, null=True, blank=True)
    balance_unit = models.CharField(_("unit"), max_length=12, blank=True)
    balance_at = models.DateTimeField(_("balance read"), null=True, blank=True)

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        ordering: ClassVar = ["provider"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(requests=None, per_seconds=None) | models.Q(requests__gte=1, per_seconds__gte=1),
                name="providers_rate_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.provider

    @property
    def is_out(self) -> bool:
        """Whether it gets no work, and will not get any by itself soon."""
        return self.is_switched_off or (self.status != self.Status.CLOSED and self.reason in self.LASTING)

    @property
    def is_resting(self) -> bool:
        """Whether it gets no work until its next probe."""
        return not self.is_out and self.status != self.Status.CLOSED


class HealthChange(models.Model):
    """A provider was taken out, or came back. Kept for people who look for the cause of something."""

    id = models.BigAutoField(primary_key=True)
    provider = models.CharField(_("provider"), max_length=20)
    status = models.CharField(_("status"), max_length=10, choices=ProviderHealth.Status)
    reason = models.CharField(_("reason"), max_length=30, choices=Reason, blank=True)
    detail = models.TextField(_("what it said"), blank=True)
    created_at = models.DateTimeField(_("time"), db_default=Now())

    class Meta:
        verbose_name = _("change of health")
        verbose_name_plural = _("changes of health")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index("provider", models.F("id").desc(), name="providers_changes_of_one")]

    def __str__(self) -> str:
        return f"{self.provider} {self.status}"


class Deletion(models.Model):
    """Something of ours that a provider shall erase, because what it made of it was erased here.

    Knows nothing of whose it was. Its name at the provider is forgotten once the provider has answered.
    """

    class Status(models.TextChoices):
        ASKED = "asked", _("is being asked")
        DONE = "done", _("erased there")
        NOT_OFFERED = "not_offered", _("no call for it")
        GAVE_UP = "gave_up", _("given up")

    TRANSITIONS: ClassVar = {
        Status.ASKED: {Status.DONE, Status.NOT_OFFERED, Status.GAVE_UP},
        Status.GAVE_UP: {Status.ASKED},
    }

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    provider = models.CharField(_("provider"), max_length=20)
    external_id = models.CharField(_("the provider's id"), max_length=200, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.ASKED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    detail = models.CharField(_("what it said"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("asked"), db_default=Now())
    finished_at = models.DateTimeField(_("settled"), null=True, blank=True)

    class Meta:
        verbose_name = _("deletion at a provider")
        verbose_name_plural = _("deletions at providers")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index("provider", models.F("id").desc(), name="providers_deletions_of_one")]

    def __str__(self) -> str:
        return f"{self.provider} {self.status}"


class BalanceReading(models.Model):
    """What was left of our money at a provider at one moment, in the provider's unit."""

    id = models.BigAutoField(primary_key=True)
    provider = models.CharField(_("provider"), max_length=20)
    amount = models.DecimalField(_("left"), max_digits=18, decimal_places=4)
    unit = models.CharField(_("unit"), max_length=12)
    created_at = models.DateTimeField(_("time"), db_default=Now())

    class Meta:
        verbose_name = _("balance reading")
        verbose_name_plural = _("balance readings")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index("provider", models.F("id").desc(), name="providers_balances_of_one")]

    def __str__(self) -> str:
        return f"{self.provider} {self.amount} {self.unit}"
