"""Calls to a gateway: always a timeout, one session per thread, and the three outcomes of a call told apart.

What only asks may be repeated, so anything wrong with it is GatewayUnavailable. What changes something is unknown
unless it surely never left or was surely refused.
"""

import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

import requests
from django.conf import settings
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from urllib3.exceptions import NewConnectionError

from billing.gateways.errors import GatewayUnavailable, OutcomeUnknown
from neuralbox.core import http

TIMEOUT = (5.0, 20.0)
# What only asks is tried again by the session, also while the sender of a notification waits for our answer.
ASK_TIMEOUT = (3.0, 7.0)
_NOTHING_DONE = frozenset({HTTPStatus.TOO_MANY_REQUESTS})


class Message(BaseModel):
    """A message of theirs. Fields that we do not know are no error, and a null is as good as nothing."""

    model_config = ConfigDict(extra="ignore", defer_build=True, populate_by_name=True, coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: inner for name, inner in value.items() if inner is not None}
        return value


class _OfThread(threading.local):
    """What each thread keeps for itself: sessions are not made to be shared."""

    session: requests.Session | None = None
    trusted: tuple[str, ...] = ()


class Calls:
    """The HTTP of one gateway. `base_urls` names the addresses of its settings, read at each call."""

    def __init__(self, name: str, base_urls: Callable[[], tuple[str, ...]]) -> None:
        self._name = name
        self._base_urls = base_urls
        self._of_thread = _OfThread()

    def session(self) -> requests.Session:
        """The session of this thread."""
        mine, trusted = self._of_thread, self._base_urls()
        if mine.session is None or mine.trusted != trusted:
            mine.session = http.session(trusted_base_urls=trusted)
            mine.trusted = trusted
        return mine.session

    def ask(self, method: str, url: str, **rest: Any) -> requests.Response:
        """A call that changes nothing there. Raises GatewayUnavailable; answers below 500 are returned."""
        try:
            answer = self._send(method, url, {"timeout": ASK_TIMEOUT, **rest})
        except requests.RequestException as error:
            raise GatewayUnavailable(f"{self._name} cannot be reached: {_kind(error)}") from None
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status_code in _NOTHING_DONE:
            raise GatewayUnavailable(f"{self._name} answered {answer.status_code}")
        return answer

    def change(self, method: str, url: str, **rest: Any) -> requests.Response:
        """A call that changes something there. Raises GatewayUnavailable, OutcomeUnknown; else returns the answer."""
        try:
            answer = self._send(method, url, rest)
        except requests.RequestException as error:
            if never_left(error):
                raise GatewayUnavailable(f"{self._name} cannot be reached: {_kind(error)}") from None
            raise OutcomeUnknown(f"the answer of {self._name} was lost: {_kind(error)}") from None
        if answer.status_code in _NOTHING_DONE:
            raise GatewayUnavailable(f"{self._name} answered {answer.status_code}")
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise OutcomeUnknown(f"{self._name} answered {answer.status_code}")
        return answer

    def _send(self, method: str, url: str, rest: Mapping[str, Any]) -> requests.Response:
        return self.session().request(method, url, **{"timeout": TIMEOUT, "allow_redirects": False, **rest})


Read = TypeVar("Read", bound=Message)


def read(kind: type[Read], answer: requests.Response, *, broken: type[Exception]) -> Read:
    """The answer as a message; raises `broken` when it is none."""
    try:
        return kind.model_validate_json(answer.content)
    except ValidationError:
        raise broken(f"an unreadable answer, status {answer.status_code}") from None


def never_left(error: requests.RequestException) -> bool:
    """Whether the request surely did not reach them: no connection was made."""
    if isinstance(error, requests.ConnectTimeout | http.AddressRefused):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", cause), NewConnectionError)


def page_address(url: str) -> str:
    """Where the customer is sent. Raises OutcomeUnknown when it is no address with HTTPS (in local mode: HTTP)."""
    if url.startswith("https://") or (settings.LOCAL_MODE and url.startswith("http://")):
        return url
    raise OutcomeUnknown("an answer without an address to pay at")


def versioned(base_url: str, version: str) -> str:
    """`base_url` with the API's version at its end, whether or not the setting had it."""
    base_url = base_url.rstrip("/")
    return base_url if base_url.endswith(f"/{version}") else f"{base_url}/{version}"


def _kind(error: Exception) -> str:
    """What went wrong, without the request: an address or a header may hold a secret."""
    return type(error).__name__
