"""The one outbound HTTP client: always a timeout, bounded retries of reads, never a private address.

Loopback addresses are reachable in local mode only, and only those that a setting names (`OFFLINE_BASE_URL`
and the providers' and gateways' base addresses when they point to this machine).
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import BaseAdapter, HTTPAdapter
from ssrfguard import Policy, SSRFGuardError
from ssrfguard.requests import Session as GuardedSession
from urllib3.util.retry import Retry

Timeout = tuple[float, float]
CONNECT_AND_READ_SECONDS: Timeout = (5.0, 30.0)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_POOL_SIZE = 32


class AddressRefused(requests.RequestException):
    """The address is not one that we call: private, on another port, or of another scheme."""


class _Session(GuardedSession):
    """Guarded against private addresses, except for the trusted ones; every request has a timeout."""

    def __init__(self, trusted: Iterable[str]) -> None:
        super().__init__(policy=Policy(), max_retries=_retries(), pool_maxsize=_POOL_SIZE)
        self._trusted = tuple(trusted)
        for prefix in self._trusted:
            self.mount(prefix, HTTPAdapter(max_retries=_retries(), pool_maxsize=_POOL_SIZE))

    def send(self, request: requests.PreparedRequest, **rest: Any) -> requests.Response:
        rest["timeout"] = rest.get("timeout") or CONNECT_AND_READ_SECONDS
        try:
            return super().send(request, **rest)
        except SSRFGuardError as error:
            raise AddressRefused(str(error), request=request) from error

    def get_adapter(self, url: str) -> BaseAdapter:
        if url.startswith(self._trusted):
            return requests.Session.get_adapter(self, url)
        return super().get_adapter(url)


def _retries() -> Retry:
    """A moment later is soon enough to try again. Longer waits, and "too many requests", are the caller's to arrange:
    no worker sleeps as long as a stranger tells it to."""
    return Retry(
        total=3,
        # "Other" errors are repeated whatever the method, even when the request may have arrived: a broken TLS record.
        other=0,
        status_forcelist={502, 503, 504},
        allowed_methods={"GET", "HEAD"},
        respect_retry_after_header=False,
        backoff_factor=0.3,
        backoff_jitter=0.3,
        raise_on_status=False,
        redirect=0,
    )


def session(*, trusted_base_urls: Iterable[str] = ()) -> requests.Session:
    """A session for calls to configured third parties and for links that they returned.

    `trusted_base_urls` are addresses from our own settings; in local mode they may be on loopback. All other
    addresses are refused unless they resolve to a public host, and the checked address is the one connected to.
    """
    trusted = []
    if settings.LOCAL_MODE:
        parts = [urlsplit(base_url) for base_url in trusted_base_urls]
        trusted = [f"{part.scheme}://{part.netloc}/" for part in parts if part.hostname in _LOOPBACK]
    guarded = _Session(trusted)
    guarded.trust_env = False
    return guarded
