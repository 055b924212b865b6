"""What generations hold about a person: prompts, inputs, results, uploads."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from generations.models import (
    Asset,
    ContentAccess,
    Event,
    Generation,
    OutgoingWebhook,
    Preset,
    ProviderTask,
    Quote,
    Upload,
    WebhookDelivery,
    WebhookEndpoint,
)
from generations.services import erasure, files
from neuralbox.core.personal_data import (
    Counts,
    Folder,
    Holder,
    NotYet,
    Opened,
    Received,
    Record,
    Retention,
    Section,
    StoredCopy,
    section_of,
)

DAY = timedelta(days=1)
YEAR = timedelta(days=365)


class Generations(Holder):
    """Prompts and results go; the ledger, below, keeps what was paid without the content."""

    name = "generations"
    models: Iterable[str] = (
        "generations.Generation",
        "generations.ProviderTask",
        "generations.WebhookDelivery",
        "generations.Asset",
        "generations.Upload",
        "generations.Quote",
        "generations.Event",
        "generations.Preset",
        "generations.IdempotencyKey",
        "generations.WebhookEndpoint",
        "generations.OutgoingWebhook",
        "generations.ContentAccess",
    )
    impersonal: Mapping[str, str] = {
        "generations.ModelVersion": "names the member of staff who changed a price, as accounting needs",
        "generations.PriceProposal": "names the members of staff who decided about a price, as accounting needs",
    }
    kept: Mapping[str, str] = {
        "generations.Preset": "the person keeps it to use it again; goes when they delete it, or with the account",
        "generations.IdempotencyKey": "lives for two days, so that a repeated order is not made twice",
        "generations.WebhookEndpoint": "the person's own setting; goes when they remove it, or with the account",
    }
    folders: Iterable[str] = (files.RESULTS, files.UPLOADS)

    def sections(self, user: Any) -> Iterator[Section]:
        yield _generations(user)
        yield _uploads(user)
        yield section_of(
            Quote.objects.filter(user=user),
            "id", "version__model__slug", "input", "tokens", "status", "created_at", "expires_at",
            name="quotes",
            title=_("Quotes"),
            purpose=_("To keep the price that we have named"),
        )  # fmt: skip
        yield section_of(
            Preset.objects.filter(user=user),
            "id", "model__slug", "name", "input", "created_at",
            name="presets",
            title=_("Presets"),
            purpose=_("Settings that you keep to use again"),
        )  # fmt: skip
        yield section_of(
            WebhookEndpoint.objects.filter(user=user),
            "id", "url", "events", "description", "is_enabled", "created_at",
            name="webhook_endpoints",
            title=_("Webhook addresses"),
            purpose=_("To tell your programs about results"),
        )  # fmt: skip
        yield section_of(
            OutgoingWebhook.objects.filter(user=user),
            "id", "generation_id", "url", "event", "status", "attempts", "answer_status", "created_at",
            name="webhooks_sent",
            title=_("Webhooks sent"),
            purpose=_("To send again what did not arrive"),
        )  # fmt: skip
        yield section_of(
            ContentAccess.objects.filter(user=user),
            "id", "generation_id", "reason", "created_at",
            name="access_log",
            title=_("Access log: when staff opened your content"),
            purpose=_("So that you can see it"),
        )  # fmt: skip

    def received(self, user: Any) -> Iterator[Received]:
        sent = ProviderTask.objects.filter(generation__user=user, prompt_sent_at__isnull=False)
        by_provider = sent.values("provider").annotate(count=Count("pk"), last_at=Max("prompt_sent_at"))
        for row in by_provider.order_by("-last_at"):
            yield Received(row["provider"], _("prompts, settings and files of orders"), row["count"], row["last_at"])

    def opened(self, user: Any) -> Iterator[Opened]:
        for row in ContentAccess.objects.filter(user=user).order_by("-id"):
            yield Opened(
                at=row.created_at,
                what=_("prompt, input and results of a generation"),
                why=row.reason,
                who=_("a member of staff"),
                id=str(row.generation_id),
            )

    def retention(self) -> Iterable[Retention]:
        return (
            Retention(
                kind="generations.history",
                title=_("Generations: prompts, inputs and results"),
                effect=_("Generations are deleted with their files; the ledger keeps what was paid."),
                ground=_("Kept for convenience (promise P10)."),
                default=YEAR,
                shortest=30 * DAY,
                longest=5 * YEAR,
                models=("generations.Generation", "generations.ProviderTask", "generations.Asset"),
                due=lambda before: Generation.objects.filter(status__in=Generation.TERMINAL, finished_at__lt=before),
                purge=erasure.purge_generations,
                age_from="finished_at",
                warned=14 * DAY,
            ),
            Retention(
                kind="generations.uploads",
                title=_("Uploads"),
                effect=_("Uploaded files are deleted some time after the last generation that used them has ended."),
                ground=_("Needed for processing only (promise P11)."),
                default=30 * DAY,
                shortest=DAY,
                longest=YEAR,
                models=("generations.Upload",),
                due=_idle_uploads,
                purge=erasure.purge_uploads,
            ),
            Retention(
                kind="generations.quotes",
                title=_("Quotes that were not redeemed"),
                effect=_("Quotes are deleted with the input they name."),
                ground=_("A quote is of no use once it has expired."),
                default=7 * DAY,
                shortest=DAY,
                longest=30 * DAY,
                models=("generations.Quote",),
                due=lambda before: Quote.objects.filter(created_at__lt=before, expires_at__lt=before),
                purge=erasure.purge_quotes,
            ),
            Retention(
                kind="generations.messages",
                title=_("Webhooks sent"),
                effect=_("Records of messages to your programs are deleted."),
                ground=_("To find out why a message did not arrive."),
                default=30 * DAY,
                shortest=3 * DAY,
                longest=90 * DAY,
                models=("generations.OutgoingWebhook",),
                due=lambda before: OutgoingWebhook.objects.filter(created_at__lt=before).exclude(
                    status=OutgoingWebhook.Status.PENDING
                ),
                purge=erasure.purge_outgoing_webhooks,
            ),
            Retention(
                kind="generations.provider_messages",
                title=_("Messages of AI providers"),
                effect=_("What providers told us about tasks is deleted; the results stay."),
                ground=_("To find out why a task failed."),
                default=30 * DAY,
                shortest=3 * DAY,
                longest=90 * DAY,
                models=("generations.WebhookDelivery",),
                due=lambda before: WebhookDelivery.objects.filter(received_at__lt=before),
                purge=erasure.purge_provider_messages,
                owner="task__generation__user_id",
                age_from="received_at",
            ),
            Retention(
                kind="generations.events",
                title=_("Live news of generations"),
                effect=_("News that open pages have received is deleted."),
                ground=_("A page needs what happened in the last minutes."),
                default=30 * DAY,
                shortest=2 * DAY,
                longest=90 * DAY,
                models=("generations.Event",),
                due=lambda before: Event.objects.filter(created_at__lt=before),
                purge=erasure.purge_events,
            ),
            Retention(
                kind="generations.access_log",
                title=_("Access log"),
                effect=_("Notes of who of the staff opened which content are deleted."),
                ground=_("Proof for the person; three years, as for acts of destruction."),
                default=3 * YEAR,
                shortest=YEAR,
                longest=5 * YEAR,
                models=("generations.ContentAccess",),
                due=lambda before: ContentAccess.objects.filter(created_at__lt=before),
                purge=erasure.purge_access_log,
            ),
        )

    def erase(self, user: Any) -> Counts:
        """Raises NotYet while a generation is being made."""
        if Generation.objects.filter(user=user, status__in=Generation.ACTIVE).exists():
            raise NotYet("a generation is being made")
        return erasure.erase_all_of(user.pk)

    def orphans(self, older_than: timedelta) -> Iterator[str]:
        return files.orphans(older_than)


def _generations(user: Any) -> Section:
    mine = Generation.objects.filter(user=user)
    shown = mine.annotate(slug=F("model__slug")).prefetch_related("assets", "tasks").order_by("pk")

    def folders(after: str) -> Iterator[Folder]:
        rows = shown.filter(pk__gt=after) if after else shown
        for row in rows.iterator(chunk_size=50):
            yield Folder(str(row.pk), _record(row), tuple(_copies(row)))

    return Section(
        name="generations",
        title=_("Generations: prompts, settings and results"),
        purpose=_("Your history; to make what you order"),
        count=mine.count,
        records=lambda: (_record(row) for row in shown.iterator(chunk_size=50)),
        within=lambda: (
            mine.order_by("created_at").values_list("created_at", flat=True).first(),
            mine.order_by("-created_at").values_list("created_at", flat=True).first(),
        ),
        folders=folders,
    )


def _record(row: Any) -> Record:
    """`row` is a Generation with the `slug` of its model beside it."""
    return {
        "id": row.pk,
        "model": row.slug,
        "status": row.status,
        "prompt": row.prompt,
        "input": row.input,
        "metadata": row.metadata,
        "tokens_quoted": row.tokens_quoted,
        "tokens_captured": row.tokens_captured,
        "source": row.source,
        "hidden": row.hidden,
        "error": row.error,
        "created_at": row.created_at,
        "finished_at": row.finished_at,
        "received_by": [
            {"provider": task.provider, "model": task.provider_model, "at": task.prompt_sent_at}
            for task in row.tasks.all()
            if task.prompt_sent_at
        ],
        "results": [
            {
                "file": _file_name(asset),
                "mime": asset.mime,
                "bytes": asset.bytes,
                "width": asset.width,
                "height": asset.height,
                "seconds": asset.seconds,
                "sha256": asset.sha256,
            }
            for asset in row.assets.all()
        ],
    }


def _copies(row: Generation) -> Iterator[StoredCopy]:
    for asset in row.assets.all():
        yield StoredCopy(_file_name(asset), asset.storage_key, asset.bytes)


def _file_name(asset: Asset) -> str:
    return f"{asset.position}.{asset.storage_key.rpartition('.')[2]}"


def _uploads(user: Any) -> Section:
    mine = Upload.objects.filter(user=user)
    columns = ("id", "name", "kind", "mime", "bytes", "width", "height", "seconds", "sha256", "created_at")

    def folders(after: str) -> Iterator[Folder]:
        rows = mine.filter(pk__gt=after) if after else mine
        for row in rows.order_by("pk").iterator(chunk_size=500):
            name = f"upload.{row.storage_key.rpartition('.')[2]}"
            record = {column: getattr(row, column) for column in columns} | {"file": name}
            yield Folder(str(row.pk), record, (StoredCopy(name, row.storage_key, row.bytes),))

    return section_of(
        mine,
        *columns,
        name="uploads",
        title=_("Uploads"),
        purpose=_("To use your files in what you order"),
        folders=folders,
    )


def _idle_uploads(before: datetime) -> QuerySet[Upload]:
    """Uploads that nothing needs: the last generation with them ended before that moment, and no quote is open."""
    needed = Generation.objects.filter(
        Q(status__in=Generation.ACTIVE) | Q(finished_at__gte=before), uploads=OuterRef("pk")
    )
    return Upload.objects.filter(~Exists(needed), created_at__lt=before)
