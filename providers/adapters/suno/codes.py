"""What sunoapi.org's codes mean. 429 is "no credits" here, the opposite of what its twin at Kie.ai means by it.

Source: docs.sunoapi.org/suno-api/quickstart and the pages of the calls, 2026.
"""

from providers.adapters.places import refused
from providers.errors import (
    CredentialsRefused,
    CreditsExhausted,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    SubmissionOutcomeUnknown,
    TaskNotFound,
)

# 20 requests in 10 seconds: after that long there is room again.
_WINDOW_SECONDS = 10.0
_MAINTENANCE_SECONDS = 120.0
_REFUSED = {
    400: "invalid_input",
    404: "not_offered",
    409: "already_made",
    413: "too_long",
    422: "invalid_input",
}


def _common(code: int, said: str, retry_after: float | None) -> ProviderError | None:
    match code:
        case 401 | 403:
            return CredentialsRefused(said)
        case 429:
            return CreditsExhausted(said)
        case 405 | 430:
            return RateLimited(said, retry_after=retry_after or _WINDOW_SECONDS)
        case 455:
            return ProviderUnavailable(said, retry_after=retry_after or _MAINTENANCE_SECONDS)
    return None


def refusal(code: int, message: str, retry_after: float | None) -> ProviderError:
    """What the answer to an order means."""
    said = f"{code} {message}".strip()
    if known := _common(code, said, retry_after):
        return known
    if code >= 500:
        return SubmissionOutcomeUnknown(said)
    return refused(_REFUSED.get(code, "refused"), said)


def trouble(code: int, message: str, retry_after: float | None) -> ProviderError:
    """What the answer to a question means."""
    said = f"{code} {message}".strip()
    if code in {404, 422}:
        return TaskNotFound(said)
    return _common(code, said, retry_after) or ProviderUnavailable(said, retry_after=retry_after)
