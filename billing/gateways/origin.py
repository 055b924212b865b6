"""Where a notification came from: a wall before the signature, and all there is where nothing is signed."""

from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from django.conf import settings

from billing.gateways.errors import InvalidNotification


def check(peer: str, networks: Iterable[str]) -> None:
    """Refuse a peer outside of `networks`; an empty list lets all pass. Loopback passes in local mode.

    Raises InvalidNotification.
    """
    allowed = [ip_network(network) for network in networks]
    if not allowed:
        return
    try:
        address = ip_address(peer)
    except ValueError as error:
        raise InvalidNotification("the sender's address is unknown") from error
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    if settings.LOCAL_MODE and address.is_loopback:
        return
    if not any(address in network for network in allowed):
        raise InvalidNotification("not from one of their addresses")
