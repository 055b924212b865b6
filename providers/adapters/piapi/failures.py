"""What their refusals and failures mean. The numbers in `error.code` are not documented, so the words decide."""

import re

from providers.base import Failure
from providers.errors import (
    CredentialsRefused,
    CreditsExhausted,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    RateLimited,
)

_CREDITS = re.compile(r"(insufficient|not enough|out of)\W.{0,20}(credit|balance|point|quota|fund)", re.IGNORECASE)
_MODERATION = re.compile(
    r"moderat|sensitive|nsfw|content polic|safety|banned prompt|prohibited|violat|risk control|inappropriate",
    re.IGNORECASE,
)
_UNREACHABLE = re.compile(
    r"(download|fetch|load|access|reach)\w*\W.{0,40}(image|video|audio|file|url|link)", re.IGNORECASE
)
_LONGEST_MESSAGE = 500

CANCELLED = Failure("cancelled", "the provider cancelled the task", retryable=True)
NOTHING_MADE = Failure("no_result", "the task is said to be complete, but has no result", retryable=True)


def of_task(words: str) -> Failure:
    """Why a task that was taken ended badly."""
    message = words[:_LONGEST_MESSAGE]
    if _CREDITS.search(words):
        return Failure("credits_exhausted", message, retryable=True)
    if _MODERATION.search(words):
        return Failure("moderation", message, retryable=False, moderation=True)
    if _UNREACHABLE.search(words):
        return Failure("input_unreachable", message, retryable=True)
    return Failure("failed", message, retryable=True)


def of_refusal(status: int, words: str, *, retry_after: float | None = None) -> ProviderError:
    """Why an order was not taken, or a question not answered, by a code from 400 to 499. Nothing was begun."""
    message = words[:_LONGEST_MESSAGE] or f"answered {status}"
    if status == 429:
        return RateLimited(message, retry_after=retry_after)
    if status == 402 or _CREDITS.search(words):
        return CreditsExhausted(message)
    if status in {401, 403}:
        return CredentialsRefused(message)
    if status in {404, 405, 408}:
        return ProviderUnavailable(message)  # their address has moved, or they gave up: nobody's input is to blame
    if _MODERATION.search(words):
        return ProviderRejected(Failure("moderation", message, retryable=False, moderation=True))
    return ProviderRejected(Failure("invalid_input", message, retryable=False))
