"""The mail server: `EMAIL_URL` in the words of Django's settings."""

from typing import Any
from urllib.parse import urlsplit

import dj_email_url

# Ours, and the parser's own words for them; it takes what it does not know for plain SMTP.
_ENCRYPTED = {"smtp+tls": ("submission", ""), "smtp+ssl": ("smtp", "ssl=true")}
# A mail server that does not answer must not hold a worker for ever.
_TIMEOUT_SECONDS = 20


def mail_settings(url: str) -> dict[str, Any]:
    """`smtp+tls://user:password@host:587` (STARTTLS), `smtp+ssl://…:465`, `smtp://…` in plain text, or `console://`.

    Raises ValueError for another scheme: nothing is guessed about encryption.
    """
    parts = urlsplit(url)
    if parts.scheme in _ENCRYPTED:
        scheme, query = _ENCRYPTED[parts.scheme]
        parts = parts._replace(scheme=scheme, query="&".join(filter(None, (parts.query, query))))
    if parts.scheme not in dj_email_url.SCHEMES:
        raise ValueError(f"EMAIL_URL: nothing is known of {parts.scheme}://")
    found: dict[str, Any] = dj_email_url.parse(parts.geturl())
    return found | {"EMAIL_TIMEOUT": found["EMAIL_TIMEOUT"] or _TIMEOUT_SECONDS}
