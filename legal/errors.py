"""Refusals of legal."""

from django.utils.translation import gettext_lazy as _

from neuralbox.core.errors import Conflict, DomainError


class ExportInProgress(Conflict):
    code = "export_in_progress"
    title = _("An archive of your data is being made already")


class TooManyExports(DomainError):
    code = "too_many_exports"
    status = 429
    title = _("You have asked for enough archives today: try again tomorrow")
    retryable = True


class DeletionPending(Conflict):
    code = "deletion_pending"
    title = _("This account is going to be deleted already")


class NothingToCancel(Conflict):
    code = "nothing_to_cancel"
    title = _("There is no deletion request that could be cancelled")


class NotConfirmed(DomainError):
    code = "not_confirmed"
    status = 422
    title = _("Type your e-mail address, or your name, to confirm")


class AlreadyPublished(Conflict):
    code = "already_published"
    title = _("A published version does not change: write a new one")


class ConsentRequired(DomainError):
    """A document that people agree to has changed: `documents` says which, `agree_at` is the page for it."""

    code = "consent_required"
    status = 403
    title = _("Our documents have changed: please agree to them before you order or buy")


class WrongState(Conflict):
    code = "wrong_state"
    title = _("The present state does not allow this")


class SecondPersonNeeded(DomainError):
    code = "second_person_needed"
    status = 403
    title = _("Another person has to decide this")
