"""What generations refuse, in words that a user can act on."""

from django.utils.translation import gettext_lazy as _

from neuralbox.core.errors import Conflict, DomainError, InvalidInput, NotFound


class UnknownModel(NotFound):
    code = "unknown_model"
    title = _("There is no such model")


class ModelUnavailable(Conflict):
    code = "model_unavailable"
    title = _("This model cannot be ordered now")
    retryable = True


class UnknownSetting(NotFound):
    code = "unknown_setting"
    title = _("The model has no such setting, or says itself what it may be")


class ChoicesUnavailable(DomainError):
    code = "choices_unavailable"
    status = 503
    title = _("The provider does not list its voices and avatars now")
    retryable = True


class QuoteNotOpen(Conflict):
    code = "quote_not_open"
    title = _("This quote has expired or was used already")


class PriceAboveLimit(DomainError):
    code = "price_above_limit"
    status = 422
    title = _("The price is above the limit that you set")


class IdempotencyMismatch(DomainError):
    code = "idempotency_key_reused"
    status = 422
    title = _("This Idempotency-Key was used with another body")


class WrongState(Conflict):
    code = "wrong_state"
    title = _("The generation's state does not allow this")


class UploadTooLarge(DomainError):
    code = "upload_too_large"
    status = 413
    title = _("The file is too large")


class UnsupportedFile(DomainError):
    code = "unsupported_file_type"
    status = 415
    title = _("Files of this type are not accepted")


class UnreadableFile(InvalidInput):
    code = "unreadable_file"
    title = _("The file cannot be read")


class FileBeyondLimits(InvalidInput):
    code = "file_beyond_limits"
    title = _("The picture, film or sound is larger than accepted")


class DailyUploadsUsed(DomainError):
    code = "daily_uploads_used"
    status = 429
    title = _("You have uploaded as much as one day allows")
    retryable = True


class UploadSpaceFull(DomainError):
    code = "upload_space_full"
    status = 413
    title = _("Your space for uploads is full")


class TooManyPresets(Conflict):
    code = "too_many_presets"
    title = _("You have as many presets as can be kept: remove one first")


class NothingToDownload(NotFound):
    code = "nothing_to_download"
    title = _("None of these results has a file")


class UploadInUse(Conflict):
    code = "upload_in_use"
    title = _("A generation that is under way still needs this file")


class ProposalPending(Conflict):
    code = "price_proposal_pending"
    title = _("Another change of this price waits for a second person")


class SecondPersonNeeded(DomainError):
    code = "second_person_needed"
    status = 403
    title = _("Whoever proposed a change cannot approve it")


class ProposalOutdated(Conflict):
    code = "price_proposal_outdated"
    title = _("The model has changed since, or this was decided already")
