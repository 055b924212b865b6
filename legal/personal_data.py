"""What legal itself holds about a person. It is the lowest app: its data goes last."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from legal import archives
from legal.models import (
    Consent,
    DeletionRequest,
    Disclosure,
    Export,
    LegalHold,
    PrivacyRequest,
    RetentionRun,
    RetentionWarning,
)
from neuralbox.core.personal_data import Counts, Holder, Retention, Section, section_of

DAY = timedelta(days=1)
YEAR = timedelta(days=365)


class Legal(Holder):
    """Consents, exports, requests. Of a deletion the act stays, which names nobody."""

    name = "legal"
    models: Iterable[str] = (
        "legal.Consent",
        "legal.Export",
        "legal.ExportPart",
        "legal.DeletionRequest",
        "legal.LegalHold",
        "legal.PrivacyRequest",
        "legal.Disclosure",
        "legal.RetentionWarning",
    )
    impersonal: Mapping[str, str] = {
        "legal.DocumentVersion": "names the member of staff who wrote or published it",
        "legal.RetentionRule": "names the member of staff who set it",
        "legal.RetentionRun": "names the member of staff who started it",
    }
    kept: Mapping[str, str] = {
        "legal.Consent": "proves what the person agreed to for as long as there is an account; goes with it",
        "legal.LegalHold": "stops purges until it is lifted; a lifted one goes with the account",
        "legal.Disclosure": "is the register of demands of authorities; names nobody after an erasure",
    }
    folders: Iterable[str] = (archives.FOLDER,)

    def sections(self, user: Any) -> Iterator[Section]:
        yield section_of(
            Consent.objects.filter(user=user),
            "id", "version__document_id", "version__number", "language", "way", "ip", "created_at",
            name="consents",
            title=_("Consents"),
            purpose=_("To prove which terms you agreed to"),
        )  # fmt: skip
        yield section_of(
            Export.objects.filter(user=user),
            "id", "status", "created_at", "ready_at", "expires_at",
            name="exports",
            title=_("Exports"),
            purpose=_("To give you your data"),
        )  # fmt: skip
        yield section_of(
            DeletionRequest.objects.filter(user=user),
            "id", "way", "status", "created_at", "erase_at", "deadline", "finished_at",
            name="deletion_requests",
            title=_("Deletion requests"),
            purpose=_("To do what you asked for, in time"),
        )  # fmt: skip
        yield section_of(
            PrivacyRequest.objects.filter(user=user),
            "id", "kind", "contact", "text", "status", "answer", "created_at", "closed_at",
            name="privacy_requests",
            title=_("Letters about your data"),
            purpose=_("To answer you, in time"),
        )  # fmt: skip
        yield section_of(
            Disclosure.objects.filter(user=user, is_secret=False),
            "id", "authority", "letter", "ground", "status", "given", "received_at", "decided_at",
            name="disclosures",
            title=_("Demands of authorities"),
            purpose=_("The law obliges us to answer them, and us to keep a register"),
            moment="received_at",
        )  # fmt: skip
        yield section_of(
            RetentionWarning.objects.filter(user=user),
            "kind", "count", "covers_before", "purge_at", "created_at",
            name="retention_warnings",
            title=_("Warnings before old results were deleted"),
            purpose=_("To delete nothing without telling you first"),
        )  # fmt: skip

    def retention(self) -> Iterable[Retention]:
        return (
            Retention(
                kind="legal.acts",
                title=_("Acts of deletion"),
                effect=_("Acts are deleted; they name nobody."),
                ground=_("Order 179 of Roskomnadzor: proof of destruction is kept for three years."),
                default=3 * YEAR,
                shortest=3 * YEAR,
                longest=5 * YEAR,
                models=("legal.DeletionRequest",),
                due=lambda before: DeletionRequest.objects.filter(
                    status__in=DeletionRequest.TERMINAL, finished_at__lt=before
                ),
                purge=_purge(DeletionRequest),
                age_from="finished_at",
            ),
            Retention(
                kind="legal.privacy_requests",
                title=_("Letters about data"),
                effect=_("Answered letters are deleted."),
                ground=_("Proof that we answered in time."),
                default=3 * YEAR,
                shortest=YEAR,
                longest=5 * YEAR,
                models=("legal.PrivacyRequest",),
                due=lambda before: PrivacyRequest.objects.filter(closed_at__lt=before),
                purge=_purge(PrivacyRequest),
                age_from="closed_at",
            ),
            Retention(
                kind="legal.exports",
                title=_("Records of exports"),
                effect=_("The record is deleted; the archive itself lives for 24 hours."),
                ground=_("To see who asked for a copy of the data, and when."),
                default=YEAR,
                shortest=30 * DAY,
                longest=YEAR,
                models=("legal.Export", "legal.ExportPart"),
                due=lambda before: Export.objects.filter(created_at__lt=before).exclude(
                    status__in=(*Export.OPEN, Export.Status.READY)
                ),
                purge=_purge(Export),
            ),
            Retention(
                kind="legal.retention_warnings",
                title=_("Warnings before a purge"),
                effect=_("Notes of whom we warned are deleted."),
                ground=_("Proof of the warning, for as long as somebody may ask."),
                default=YEAR,
                shortest=180 * DAY,
                longest=3 * YEAR,
                models=("legal.RetentionWarning",),
                due=lambda before: RetentionWarning.objects.filter(purge_at__lt=before),
                purge=_purge(RetentionWarning),
                age_from="purge_at",
            ),
            Retention(
                kind="legal.retention_runs",
                title=_("Reports of retention runs"),
                effect=_("Reports are deleted."),
                ground=_("Proof of destruction is kept for three years."),
                default=3 * YEAR,
                shortest=3 * YEAR,
                longest=5 * YEAR,
                models=("legal.RetentionRun",),
                due=lambda before: RetentionRun.objects.filter(started_at__lt=before),
                purge=_purge(RetentionRun),
                owner="",
                age_from="started_at",
            ),
        )

    def erase(self, user: Any) -> Counts:
        """Archives, consents and letters go. The register of disclosures stays and names nobody."""
        counts = {"files": archives.remove_all_of(user.pk)}
        with transaction.atomic():
            for model in (Export, Consent, RetentionWarning):
                counts |= model._default_manager.filter(user=user).delete()[1]
            counts |= LegalHold.objects.filter(user=user).exclude(lifted_at=None).delete()[1]
            counts["legal.PrivacyRequest, pseudonymised"] = PrivacyRequest.objects.filter(user=user).update(
                user=None, contact="", text="erased", answer="erased"
            )
            counts["legal.Disclosure, pseudonymised"] = Disclosure.objects.filter(user=user).update(user=None)
        return counts

    def orphans(self, older_than: timedelta) -> Iterator[str]:
        return archives.orphans(older_than)


def _purge(model: Any) -> Any:
    def purge(keys: Sequence[Any]) -> Counts:
        counts: Counts = model._default_manager.filter(pk__in=keys).delete()[1]
        return counts

    return purge
