"""What Kie.ai's codes mean. They stand in the body, usually of an HTTP 200, and mean here what they mean nowhere else.

Source: docs.kie.ai, getting started and the pages of the families, 2026.
"""

import re
from collections.abc import Mapping

from providers.adapters.places import refused
from providers.base import Failure
from providers.errors import (
    CredentialsRefused,
    CreditsExhausted,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    RateLimited,
    SubmissionOutcomeUnknown,
    TaskNotFound,
)

# 20 new tasks in 10 seconds: after that long there is room again.
_WINDOW_SECONDS = 10.0
_MAINTENANCE_SECONDS = 120.0
_MONEY_WORDS = re.compile(r"credit|balance|insufficient|top.?up", re.IGNORECASE)
# A refusal of the content has no code of its own in the jobs API.
_POLICY_WORDS = re.compile(
    r"sensitive|polic(y|ies)|prohibited|nsfw|moderation|safety|inappropriate|violat|flagged", re.IGNORECASE
)


def refusal(code: int, message: str, retry_after: float | None, *, lyrics: bool = False) -> ProviderError:
    """What the answer to an order means.

    `lyrics`: the page of that one call lists the codes of sunoapi.org, so the words decide what its 429 means.
    """
    said = f"{code} {message}".strip()
    match code:
        case 401 | 403:
            return CredentialsRefused(said)
        case 402 | 433:
            # 433: the cap of this key alone, which only staff can raise.
            return CreditsExhausted(said)
        case 429 if lyrics and _MONEY_WORDS.search(message):
            return CreditsExhausted(said)
        case 429:
            # The request was dropped, not queued.
            return RateLimited(said, retry_after=retry_after or _WINDOW_SECONDS)
        case 405 | 430 if lyrics:
            return RateLimited(said, retry_after=retry_after or _WINDOW_SECONDS)
        case 550:
            return RateLimited(said, retry_after=retry_after or _MAINTENANCE_SECONDS)
        case 455 | 505:
            # Maintenance; the feature is switched off.
            return ProviderUnavailable(said, retry_after=retry_after or _MAINTENANCE_SECONDS)
        case 408 | 500:
            return SubmissionOutcomeUnknown(said)
        case _ if code in _FAILURES:
            return ProviderRejected(_with(_FAILURES[code], message))
        case _ if code > 500:
            return SubmissionOutcomeUnknown(said)
    return refused("refused", said)


def trouble(code: int, message: str, retry_after: float | None) -> ProviderError:
    """What the answer to a question means. 422 says "recordInfo is null": not visible yet, not failed."""
    said = f"{code} {message}".strip()
    match code:
        case 404 | 422:
            return TaskNotFound(said)
        case 401 | 403:
            return CredentialsRefused(said)
        case 402 | 433:
            return CreditsExhausted(said)
        case 429:
            return RateLimited(said, retry_after=retry_after or _WINDOW_SECONDS)
    return ProviderUnavailable(said, retry_after=retry_after)


def failure(code: int | None, message: str, *, refusals_are_400: bool) -> Failure:
    """Why a task ended badly. `refusals_are_400`: a family that says 400 when it refuses the content."""
    if (code == 400 and refusals_are_400) or _POLICY_WORDS.search(message):
        return _with(_CONTENT_REFUSED, message)
    return _with(_FAILURES.get(code or 0, _FAILED), message)


def _with(known: Failure, message: str) -> Failure:
    said = f"{known.message}: {message[:300]}" if message else known.message
    return Failure(known.code, said, known.retryable, known.moderation)


# What a film in 1080p may be answered with while it is being made. The deadline ends the wait.
NOT_READY = frozenset({400, 408, 422, 500, 501})

_CONTENT_REFUSED = Failure("content_refused", "the content was refused", retryable=False, moderation=True)
_FAILED = Failure("generation_failed", "the generation failed", retryable=True)
_FAILURES: Mapping[int, Failure] = {
    400: Failure("invalid_input", "the request is malformed", retryable=False),
    401: Failure("provider_account", "our key was refused while the task ran", retryable=True),
    402: Failure("provider_account", "our credits ran out while the task ran", retryable=True),
    404: Failure("not_offered", "the provider does not know the model or the task", retryable=False),
    408: Failure("timeout", "the provider gave no result in time", retryable=True),
    409: Failure("already_made", "the provider has made this file before", retryable=False),
    413: Failure("known_work", "the recording is a known work", retryable=False, moderation=True),
    422: Failure("invalid_input", "the provider does not accept the input", retryable=False),
    433: Failure("provider_account", "our key reached its cap while the task ran", retryable=True),
    451: Failure("input_not_fetched", "an input file could not be fetched", retryable=True),
    500: Failure("provider_error", "the provider failed", retryable=True),
    501: _FAILED,
    531: Failure("generation_failed", "the generation failed, credits were returned", retryable=True),
}
