"""Generations, the attempts at providers that serve them, and what happened to them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from generations.models.assets import Upload
from generations.models.catalogue import Modality, Model, ModelVersion, Route
from generations.models.quotes import Quote
from neuralbox.core import ids


class Generation(models.Model):
    """What a user ordered. Created with a hold on the wallet, in one transaction, by `generations_create`."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        SAVING = "saving", _("saving")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class Source(models.TextChoices):
        WEB = "web", _("website")
        API = "api", _("API")
        MCP = "mcp", _("MCP")

    TRANSITIONS: ClassVar = {
        Status.QUEUED: {Status.RUNNING, Status.SAVING, Status.FAILED, Status.CANCELLED},
        Status.RUNNING: {Status.QUEUED, Status.SAVING, Status.FAILED, Status.CANCELLED},
        Status.SAVING: {Status.SUCCEEDED, Status.FAILED},
    }
    TERMINAL: ClassVar = frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELLED})
    ACTIVE: ClassVar = frozenset({Status.QUEUED, Status.RUNNING, Status.SAVING})

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="generations", db_index=False
    )
    model = models.ForeignKey(Model, on_delete=models.PROTECT, related_name="generations")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    quote = models.OneToOneField(Quote, on_delete=models.SET_NULL, null=True, blank=True, related_name="generation")
    hold = models.OneToOneField("billing.Hold", on_delete=models.PROTECT, related_name="+")
    retry_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="retries", db_index=False
    )
    api_key = models.ForeignKey(
        "accounts.ApiKey", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    modality = models.CharField(_("modality"), max_length=10, choices=Modality)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.QUEUED)
    progress = models.FloatField(_("progress"), default=0)
    stage = models.CharField(_("stage"), max_length=100, blank=True)
    provider = models.CharField(_("provider"), max_length=20, blank=True)
    input = models.JSONField(_("input"))
    prompt = models.TextField(_("prompt"), blank=True)
    uploads = models.ManyToManyField(Upload, related_name="generations", blank=True)
    tokens_quoted = models.PositiveBigIntegerField(_("tokens quoted"))
    tokens_captured = models.PositiveBigIntegerField(_("tokens captured"), default=0)
    source = models.CharField(_("source"), max_length=5, choices=Source, default=Source.API)
    error = models.JSONField(_("error"), null=True, blank=True)
    metadata = models.JSONField(_("metadata"), default=dict, blank=True)
    webhook_url = models.URLField(_("webhook address"), max_length=500, blank=True)
    hidden = models.BooleanField(_("hidden"), default=False)
    deadline = models.DateTimeField(_("deadline"))
    created_at = models.DateTimeField(_("created"), db_default=Now())
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("generation")
        verbose_name_plural = _("generations")
        indexes: ClassVar = [
            models.Index("user", models.F("created_at").desc(), models.F("id").desc(), name="generations_history"),
            models.Index(
                "deadline", condition=models.Q(status__in=["queued", "running", "saving"]), name="generations_active"
            ),
            models.Index("created_at", condition=models.Q(status="queued"), name="generations_queued"),
            models.Index(models.F("created_at").desc(), models.F("id").desc(), name="generations_recent"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_terminal(self) -> bool:
        return self.status in self.TERMINAL


class ProviderTask(models.Model):
    """One attempt at a provider. Its row says which provider received the prompt, and when (P13)."""

    class Status(models.TextChoices):
        CREATED = "created", _("created")
        SUBMITTING = "submitting", _("submitting")
        SUBMITTED = "submitted", _("submitted")
        RUNNING = "running", _("running")
        UNKNOWN = "unknown", _("unknown")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")

    TRANSITIONS: ClassVar = {
        Status.CREATED: {Status.SUBMITTING, Status.FAILED},
        Status.SUBMITTING: {Status.SUBMITTED, Status.RUNNING, Status.UNKNOWN, Status.SUCCEEDED, Status.FAILED},
        Status.SUBMITTED: {Status.RUNNING, Status.SUCCEEDED, Status.FAILED},
        Status.RUNNING: {Status.SUCCEEDED, Status.FAILED},
        Status.UNKNOWN: {Status.SUBMITTED, Status.RUNNING, Status.SUCCEEDED, Status.FAILED},
    }
    OPEN: ClassVar = frozenset({Status.SUBMITTED, Status.RUNNING, Status.UNKNOWN})

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="tasks")
    route = models.ForeignKey(Route, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    number = models.PositiveSmallIntegerField(_("attempt"))
    provider = models.CharField(_("provider"), max_length=20)
    provider_model = models.CharField(_("model at the provider"), max_length=100)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.CREATED)
    external_id = models.CharField(_("the provider's id"), max_length=200, blank=True)
    progress = models.FloatField(_("progress"), null=True)
    outputs = models.JSONField(_("outputs"), default=list, blank=True)
    seed = models.BigIntegerField(null=True)
    uploads = models.JSONField(_("files in the provider's store"), default=list, blank=True)
    failure_code = models.CharField(_("failure code"), max_length=60, blank=True)
    failure = models.TextField(_("failure"), blank=True)
    cost = models.DecimalField(_("cost"), max_digits=14, decimal_places=6, null=True, blank=True)
    cost_currency = models.CharField(max_length=8, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    prompt_sent_at = models.DateTimeField(_("prompt sent"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    next_poll_at = models.DateTimeField(_("next poll"), null=True, blank=True)
    polls = models.PositiveIntegerField(_("polls"), default=0)

    class Meta:
        verbose_name = _("provider task")
        verbose_name_plural = _("provider tasks")
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["generation", "number"], name="generations_one_task_per_attempt"),
            models.UniqueConstraint(
                fields=["provider", "external_id"],
                condition=~models.Q(external_id=""),
                name="generations_one_task_per_external_id",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                "next_poll_at",
                condition=models.Q(status__in=["submitted", "running", "unknown"]),
                name="generations_due_polls",
            ),
            models.Index(
                "provider",
                condition=models.Q(status__in=["submitting", "submitted", "running", "unknown"]),
                name="generations_at_provider",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.external_id or self.id}"


class WebhookDelivery(models.Model):
    """An inbound call of a provider, stored before it is handled; a repeat meets the unique constraint."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    provider = models.CharField(_("provider"), max_length=20)
    delivery_id = models.CharField(_("delivery"), max_length=200)
    task = models.ForeignKey(ProviderTask, on_delete=models.CASCADE, related_name="deliveries")
    body = models.TextField(_("body"), blank=True)
    received_at = models.DateTimeField(_("received"), db_default=Now())

    class Meta:
        verbose_name = _("provider webhook")
        verbose_name_plural = _("provider webhooks")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "delivery_id"], name="generations_one_row_per_delivery"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.delivery_id}"


class Event(models.Model):
    """A change of a generation that its owner is told of. `id` is what `Last-Event-ID` resumes from."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(_("kind"), max_length=10)
    payload = models.JSONField(_("content"), default=dict)
    created_at = models.DateTimeField(_("time"), db_default=Now())

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index("user", "id", name="generations_user_events")]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class IdempotencyKey(models.Model):
    """A client's `Idempotency-Key`, with the digest of the body that it came with and what was created."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    body_digest = models.BinaryField(max_length=32)
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="+", db_index=False)
    created_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "key"], name="generations_one_use_per_key"),
        ]

    def __str__(self) -> str:
        return self.key
