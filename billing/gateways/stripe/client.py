"""The official package's transport with our session and timeouts, and with answers that are no answers told apart."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import stripe

from billing.gateways import masking
from billing.gateways.calls import TIMEOUT, Calls, never_left
from billing.gateways.errors import Blame, GatewayError, GatewayRefused, GatewayUnavailable

_LIMIT_CODES = frozenset({"amount_too_small", "amount_too_large"})


class NoAnswer(Exception):
    """A status or a body that tells nothing of what was done."""


class Transport(stripe.RequestsClient):
    """Raises NoAnswer and GatewayUnavailable where the package would take a gateway's error page for Stripe's word."""

    def request(  # type: ignore[override]  # as in the package's own RequestsClient
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        content, status, answered = super().request(method, url, headers, post_data)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise GatewayUnavailable("Stripe wants fewer calls")
        # 409: the first call under this key still runs.
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.CONFLICT:
            raise NoAnswer(f"Stripe answered {status}")
        if status >= HTTPStatus.BAD_REQUEST and not _is_refusal(content):
            raise NoAnswer(f"Stripe answered {status} with something unreadable")
        return content, status, answered


def build(calls: Calls, secret_key: str, base_url: str) -> stripe.StripeClient:
    """A client with nothing in it that belongs to the whole process. It repeats nothing by itself."""
    return stripe.StripeClient(
        secret_key,
        http_client=Transport(timeout=TIMEOUT, session=calls.session()),
        base_addresses={"api": base_url.rstrip("/").removesuffix("/v1")},
        max_network_retries=0,
    )


def translated(error: Exception, lost: type[GatewayError]) -> GatewayError:
    """Our error for one of the package's; `lost` is what an unclear outcome means for that call."""
    if isinstance(error, stripe.APIConnectionError):
        surely_not = isinstance(error.__cause__, OSError) and never_left(error.__cause__)  # type: ignore[arg-type]
        return GatewayUnavailable("Stripe cannot be reached") if surely_not else lost("the answer of Stripe was lost")
    if isinstance(error, NoAnswer):
        return lost(str(error))
    if isinstance(error, stripe.IdempotencyError):
        return GatewayRefused("idempotency_error", "the number stands for another order", Blame.NUMBER)
    if not isinstance(error, stripe.StripeError) or type(error) is stripe.APIError:
        return lost("the answer of Stripe is unreadable")
    code = error.code or type(error).__name__
    if isinstance(error, stripe.CardError):
        blame = Blame.CUSTOMER
    else:
        blame = Blame.LIMIT if code in _LIMIT_CODES else Blame.STAFF
    return GatewayRefused(code, masking.text(error.user_message or ""), blame)


def _is_refusal(content: bytes) -> bool:
    try:
        message = json.loads(content)
    except ValueError:
        return False
    return isinstance(message, dict) and isinstance(message.get("error"), dict)
