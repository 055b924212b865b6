"""System checks of what the environment says about gateways and fiscal receipts."""

import hashlib
import ipaddress
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from billing.gateways import registry
from billing.gateways.receipts import Closing, Settlement, Subject, TaxSystem, Vat
from billing.gateways.robokassa.wire import HASHES

# What belongs together: all of it, or nothing.
_WHOLES = (
    ("TBANK_TERMINAL_KEY", "TBANK_PASSWORD"),
    ("ROBOKASSA_MERCHANT_LOGIN", "ROBOKASSA_PASSWORD_1", "ROBOKASSA_PASSWORD_2"),
    ("YOOKASSA_SHOP_ID", "YOOKASSA_SECRET_KEY"),
    ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"),
    ("CRYPTOCLOUD_API_KEY", "CRYPTOCLOUD_SHOP_ID", "CRYPTOCLOUD_SECRET_KEY"),
    ("NOWPAYMENTS_API_KEY", "NOWPAYMENTS_IPN_SECRET"),
    ("NOWPAYMENTS_EMAIL", "NOWPAYMENTS_PASSWORD"),
    ("FISCAL_TAX_SYSTEM", "FISCAL_VAT_CODE", "FISCAL_EMAIL"),
)
# What means nothing without the other.
_COMPLETIONS = (
    ("ROBOKASSA_PASSWORD_3", "ROBOKASSA_MERCHANT_LOGIN"),
    ("NOWPAYMENTS_EMAIL", "NOWPAYMENTS_API_KEY"),
)
_ADDRESSES = {
    "tbank": ("TBANK_BASE_URL",),
    "robokassa": ("ROBOKASSA_BASE_URL", "ROBOKASSA_SERVICES_URL", "ROBOKASSA_FISCAL_URL"),
    "yookassa": ("YOOKASSA_BASE_URL",),
    "stripe": ("STRIPE_BASE_URL",),
    "cryptocloud": ("CRYPTOCLOUD_BASE_URL",),
    "nowpayments": ("NOWPAYMENTS_BASE_URL",),
}
_NETWORKS = ("TBANK_NETWORKS", "ROBOKASSA_NETWORKS", "YOOKASSA_NETWORKS", "NOWPAYMENTS_NETWORKS")
_NAMES_OF_THIS_MACHINE = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
_WORDS: dict[str, type[StrEnum]] = {
    "FISCAL_TAX_SYSTEM": TaxSystem,
    "FISCAL_VAT_CODE": Vat,
    "FISCAL_PAYMENT_SUBJECT": Subject,
    "FISCAL_PAYMENT_METHOD": Settlement,
    "FISCAL_CLOSING": Closing,
    "FISCAL_CLOSING_VAT_CODE": Vat,
    "FISCAL_CLOSING_SUBJECT": Subject,
}


@register("gateways")
def sandbox_in_local_mode_only(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """`billing.E001` when the sandbox has an address outside of local mode."""
    if settings.LOCAL_MODE or not settings.SANDBOX_BASE_URL:
        return []
    hint = "The sandbox gives tokens for no money. Remove the setting."
    return [Error("SANDBOX_BASE_URL is set, but this is not local mode.", hint=hint, id="billing.E001")]


@register("gateways")
def no_half_configurations(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """`billing.E002` for a gateway or receipts of which only a part is configured; it names what is missing."""
    return [
        Error(
            f"{missing} is not set, but {present} is.",
            hint="A gateway is offered when all it needs is set, and hidden when nothing of it is.",
            id="billing.E002",
        )
        for present, missing in _halves()
    ]


@register("gateways")
def public_addresses_outside_of_local_mode(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """`billing.E003` for a gateway's address without HTTPS or on a private network, unless in local mode."""
    if settings.LOCAL_MODE:
        return []
    return [
        Error(
            f"{name} is not a public address with HTTPS.",
            hint="Secrets and payments go there: it has to be https:// and a host on the internet.",
            id="billing.E003",
        )
        for names in _ADDRESSES.values()
        for name in names
        if not _is_public(_setting(name))
    ]


@register("gateways")
def real_money_in_production(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """`billing.E004` in production for a gateway whose credentials move no real money."""
    if not settings.PRODUCTION:
        return []
    return [
        Error(
            f"The credentials of {slug} are for tests.",
            hint="They would give tokens for no money. Use the live ones, or remove the gateway's settings.",
            id="billing.E004",
        )
        for slug in registry.configured()
        if registry.gateway(slug).is_test()
    ]


@register("gateways")
def words_that_are_known(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """`billing.E005` for a fiscal word, a hash or a network that means nothing."""
    found: list[CheckMessage] = []
    for name, words in _WORDS.items():
        if _setting(name) and _setting(name) not in set(words):
            found.append(_meaningless(name, f"It is one of {', '.join(words)}."))
    if settings.ROBOKASSA_HASH not in HASHES or settings.ROBOKASSA_HASH not in hashlib.algorithms_available:
        found.append(_meaningless("ROBOKASSA_HASH", f"It is one of {', '.join(HASHES)}, as chosen in the cabinet."))
    for name in _NETWORKS:
        for network in getattr(settings, name):
            if not _is_network(network):
                found.append(_meaningless(name, f"{network!r} is no network such as 185.71.76.0/27."))
    if not settings.YOOKASSA_NETWORKS and _setting("YOOKASSA_SHOP_ID"):
        found.append(_meaningless("YOOKASSA_NETWORKS", "YooKassa signs nothing: its networks are all there is."))
    return found


@register("gateways")
def receipts_in_production(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """`billing.W001` in production when a gateway could issue fiscal receipts and is not asked to."""
    able = [slug for slug in registry.configured() if registry.gateway(slug).facts.issues_receipts]
    if not settings.PRODUCTION or settings.FISCAL_TAX_SYSTEM or not able:
        return []
    hint = "Set FISCAL_TAX_SYSTEM, FISCAL_VAT_CODE and FISCAL_EMAIL, unless receipts are made elsewhere (54-FZ)."
    return [Warning(f"No fiscal receipts are asked for at {', '.join(able)}.", hint=hint, id="billing.W001")]


@register("gateways")
def refunds_at_robokassa(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """`billing.W002` when Robokassa takes payments and could not give them back."""
    if _setting("ROBOKASSA_PASSWORD_3") or not _setting("ROBOKASSA_MERCHANT_LOGIN"):
        return []
    hint = "Refunds are switched on separately in the cabinet and signed with a third password."
    return [Warning("ROBOKASSA_PASSWORD_3 is not set: no refunds there.", hint=hint, id="billing.W002")]


def _halves() -> Iterator[tuple[str, str]]:
    for whole in _WHOLES:
        present = [name for name in whole if _setting(name)]
        yield from ((present[0], name) for name in whole if present and name not in present)
    for name, other in _COMPLETIONS:
        if _setting(name) and not _setting(other):
            yield name, other


def _meaningless(name: str, hint: str) -> Error:
    return Error(f"{name} means nothing as it is.", hint=hint, id="billing.E005")


def _setting(name: str) -> str:
    return str(getattr(settings, name))


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def _is_public(address: str) -> bool:
    """Whether it can be seen to be public from its text; what its name leads to is checked at each call."""
    parts = urlsplit(address)
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme != "https" or not host or f".{host}".endswith(_NAMES_OF_THIS_MACHINE):
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host
