"""Which gateways there are. A new one is a folder here and a line below."""

from collections.abc import Mapping
from types import MappingProxyType

from billing.gateways.base import Gateway
from billing.gateways.closings import ClosesReceipts
from billing.gateways.cryptocloud.gateway import CryptoCloudGateway
from billing.gateways.nowpayments.gateway import NowPaymentsGateway
from billing.gateways.robokassa.gateway import RobokassaGateway
from billing.gateways.sandbox import SandboxGateway
from billing.gateways.stripe.gateway import StripeGateway
from billing.gateways.tbank.gateway import TBankGateway
from billing.gateways.yookassa.gateway import YooKassaGateway

_ALL: tuple[Gateway, ...] = (
    TBankGateway(),
    YooKassaGateway(),
    RobokassaGateway(),
    StripeGateway(),
    CryptoCloudGateway(),
    NowPaymentsGateway(),
    SandboxGateway(),
)
GATEWAYS: Mapping[str, Gateway] = MappingProxyType({one.slug: one for one in _ALL})


def gateway(slug: str) -> Gateway:
    """The gateway of that name. Raises KeyError."""
    return GATEWAYS[slug]


def configured() -> tuple[str, ...]:
    """The slugs of all gateways that this installation can offer now, in the order of the registry."""
    return tuple(slug for slug, one in GATEWAYS.items() if one.is_configured())


def closer(slug: str) -> ClosesReceipts | None:
    """The gateway of that name when it prints closing receipts. Raises KeyError."""
    one = GATEWAYS[slug]
    return one if isinstance(one, ClosesReceipts) else None
