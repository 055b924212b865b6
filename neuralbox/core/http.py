"""The one outbound HTTP client: always a timeout, bounded retries of reads, never a private address.

Loopback addresses are reachable in local mode only, and only those that a setting names (`OFFLINE_BASE_URL`
and the providers' and gateways' base addresses when they point to this machine).
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from ssrfguard.requests import Session as GuardedSession
from urllib3.util.retry import Retry

Timeout = tuple[float, float]
CONNECT_AND_READ_SECONDS: Timeout = (5.0, 30.0)


class _TimedAdapter(HTTPAdapter):
    """Adds our timeout where a caller gave none."""

    def send(self, request, **rest):  # type: ignore[no-untyped-def]
        rest["timeout"] = rest.get("timeout") or CONNECT_AND_READ_SECONDS
        return super().send(request, **rest)


def _retries() -> Retry:
    return Retry(
        total=3,
        status_forcelist={429, 502, 503, 504},
        allowed_methods={"GET", "HEAD"},
        respect_retry_after_header=True,
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
    guarded = GuardedSession()
    guarded.trust_env = False
    if settings.LOCAL_MODE:
        for base_url in trusted_base_urls:
            parts = urlsplit(base_url)
            if parts.hostname in {"127.0.0.1", "localhost", "::1"}:
                adapter = _TimedAdapter(max_retries=_retries(), pool_maxsize=32)
                guarded.mount(f"{parts.scheme}://{parts.netloc}/", adapter)
    return guarded
