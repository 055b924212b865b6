"""What HeyGen's refusals and failures mean, by its named codes of interface v3 and the numbers of v1 and v2.

Source: developers.heygen.com/docs/error-codes, docs.heygen.com/reference/errors (2026).
"""

import re

from providers.base import Failure
from providers.errors import (
    CredentialsRefused,
    CreditsExhausted,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    RateLimited,
    SubmissionOutcomeUnknown,
)

_LONGEST_MESSAGE = 500
_MODERATION = re.compile(r"moderat|blocked|sensitive|nsfw|content polic|prohibited|violat", re.IGNORECASE)
_CREDITS = re.compile(r"insufficient_?\W?credit|payment_insufficient", re.IGNORECASE)

_BLOCKED = frozenset({"400105", "400631"})
_OUR_KEY = frozenset({"unauthorized", "forbidden", "40009"})
_OUR_MONEY = frozenset(
    {"insufficient_credit", "trial_limit_exceeded", "plan_upgrade_required", "400599", "400664"},
)
_TOO_FAST = frozenset({"rate_limit_exceeded", "quota_exceeded"})
# What our account has too much of, may not use, or what is not ready yet: nothing that a customer could mend.
_NOT_NOW = frozenset({"resource_limit_reached", "ai_vendor_access_restricted", "resource_not_ready"})
# The first order with this key is still being taken, or another one was: the same key will tell.
_IN_FLIGHT = frozenset({"request_in_progress", "conflict"})
_UNREACHABLE = frozenset({"download_failed"})

GONE = Failure("deleted", "the result was deleted at the provider", retryable=True)


def of_task(code: str, words: str) -> Failure:
    """Why a task that was taken ended badly. Money can be missing as late as that."""
    message = (words or code or "failed")[:_LONGEST_MESSAGE]
    if code in _OUR_MONEY or _CREDITS.search(f"{code} {words}"):
        return Failure("credits_exhausted", message, retryable=True)
    if code in _BLOCKED or _MODERATION.search(f"{code} {words}"):
        return Failure("moderation", message, retryable=False, moderation=True)
    if code in _UNREACHABLE:
        return Failure("input_unreachable", message, retryable=True)
    return Failure("failed", message, retryable=True)


def of_refusal(status: int, code: str, words: str, *, retry_after: float | None = None) -> ProviderError:
    """Why an order was not taken. `status` below 500. The named code decides before the HTTP status does."""
    message = (words or code or f"answered {status}")[:_LONGEST_MESSAGE]
    if code in _TOO_FAST or status == 429:
        return RateLimited(message, retry_after=retry_after)
    if code in _OUR_MONEY or status == 402:
        return CreditsExhausted(message)
    if code in _OUR_KEY or status == 401:
        return CredentialsRefused(message)
    if code in _IN_FLIGHT:
        return SubmissionOutcomeUnknown(message)
    if code in _NOT_NOW or status in {405, 408, 409}:
        return ProviderUnavailable(message, retry_after=retry_after)
    if code in _BLOCKED or _MODERATION.search(words):
        return ProviderRejected(Failure("moderation", message, retryable=False, moderation=True))
    if code in _UNREACHABLE:
        return ProviderRejected(Failure("input_unreachable", message, retryable=True))
    return ProviderRejected(Failure("invalid_input", message, retryable=False))
