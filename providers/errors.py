"""The only errors that leave an adapter. None of them is shown to a user as it is."""

from providers.base import Failure


class ProviderError(Exception):
    """Any of the errors below."""


class ProviderUnavailable(ProviderError):
    """The call surely did nothing: try again later, or elsewhere. `retry_after` is in seconds, when they said."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RateLimited(ProviderUnavailable):
    """Too many calls, or too many tasks at once. The provider is well."""


class CreditsExhausted(ProviderUnavailable):
    """Our account at the provider is empty. Nobody's prompt is to blame; other routes may still work."""


class CredentialsRefused(ProviderUnavailable):
    """The provider does not accept our key. Nobody's prompt is to blame; other routes may still work."""


class SubmissionOutcomeUnknown(ProviderError):
    """The answer was lost: the provider may have accepted, and billed, the task."""


class ProviderRejected(ProviderError):
    """The provider refused the submission for good. Nothing was begun."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.code}: {failure.message}")
        self.failure = failure


class TaskNotFound(ProviderError):
    """The provider knows no such task, or has forgotten it."""


class InvalidWebhook(ProviderError):
    """Not theirs, too old, or unreadable. Nothing in it may be believed."""
