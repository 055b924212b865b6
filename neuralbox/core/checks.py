"""The deployment check of transport: nothing leaves this machine unencrypted (P9).

A Unix socket and the loopback interface need no encryption. A host that `PLAIN_TRANSPORT_HOSTS` names, because its
network is private, is a warning instead of an error: somebody has decided about it, and it stays visible.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning

# With these alone libpq refuses to go on in plain text.
_ENCRYPTED_DATABASE = {"require", "verify-ca", "verify-full"}
_DATABASE_HINT = "Add ?sslmode=verify-full (or verify-ca, require) to DATABASE_URL, or name a Unix socket."
_BROKER_HINT = "Use rediss:// or unix:// in REDIS_URL."
_WEB_HINT = "Use https://."
_MAIL_HINT = "Use smtp+tls:// or smtp+ssl:// in EMAIL_URL."
_SMTP = "django.core.mail.backends.smtp.EmailBackend"


@register(Tags.security, deploy=True)
def transport_is_encrypted(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """`core.E001` for each dependency that would be spoken to in plain text, `core.W001` if its host is excepted."""
    return [_message(setting, host, hint) for setting, host, hint in _plain_connections()]


@register(Tags.security, deploy=True)
def mail_is_sent(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """`core.W002` when letters go to the log, where nobody receives them and personal data does not belong."""
    if settings.EMAIL_BACKEND == _SMTP:
        return []
    return [CheckWarning("Letters are not sent.", hint="Set EMAIL_URL to your mail server.", id="core.W002")]


def _message(setting: str, host: str, hint: str) -> CheckMessage:
    if host in settings.PLAIN_TRANSPORT_HOSTS:
        return CheckWarning(
            f"{setting}: {host} is spoken to without encryption, as PLAIN_TRANSPORT_HOSTS allows.",
            hint="This is right only while every machine on the way to it is yours.",
            id="core.W001",
        )
    return Error(f"{setting}: {host} would be spoken to without encryption.", hint=hint, id="core.E001")


def _plain_connections() -> Iterator[tuple[str, str, str]]:
    for database in settings.DATABASES.values():
        for host in plain_database_hosts(database):
            yield "DATABASE_URL", host, _DATABASE_HINT
    for host in plain_hosts(settings.REDIS_URL, encrypted={"rediss", "unix"}):
        yield "REDIS_URL", host, _BROKER_HINT
    for setting in ("S3_ENDPOINT_URL", "SENTRY_DSN", "SITE_URL", "WEBHOOK_BASE_URL"):
        for host in plain_hosts(getattr(settings, setting), encrypted={"https"}):
            yield setting, host, _WEB_HINT
    mail_in_plain = settings.EMAIL_BACKEND == _SMTP and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL)
    if mail_in_plain and not is_this_machine(settings.EMAIL_HOST):
        yield "EMAIL_URL", settings.EMAIL_HOST, _MAIL_HINT


def plain_database_hosts(database: Mapping[str, Any]) -> list[str]:
    """The hosts (PostgreSQL allows several) that this entry of `DATABASES` may reach in plain text."""
    options = database.get("OPTIONS", {})
    if options.get("sslmode") in _ENCRYPTED_DATABASE:
        return []
    hosts = str(options.get("host") or database.get("HOST") or "").split(",")
    return [host for host in hosts if host and not host.startswith("/") and not is_this_machine(host)]


def plain_hosts(url: str, *, encrypted: set[str]) -> list[str]:
    """The host of `url`, unless there is none, its scheme is an encrypted one, or it is this machine."""
    parts = urlsplit(url)
    if not url or parts.scheme in encrypted or is_this_machine(parts.hostname or ""):
        return []
    return [parts.hostname or url]


def is_this_machine(host: str) -> bool:
    """Whether `host` is the loopback interface. A name is judged by itself: nothing is looked up."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
