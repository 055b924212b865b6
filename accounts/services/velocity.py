"""Welcome tokens are for people, not for whoever makes accounts by the dozen (P6).

Nothing is refused and nobody is tracked: the account is made as any other. Only the gift is left out when one address,
or one browser at one address, has joined too often within a day.
"""

import ipaddress
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from accounts.models import SecurityEvent
from accounts.visitors import Visitor

WINDOW = timedelta(days=1)


def deserves_gift(visitor: Visitor | None) -> bool:
    """Whether somebody who joins from there now gets welcome tokens. Call it in the transaction that joins them."""
    if visitor is None or visitor.ip is None:
        return True
    _one_at_a_time(visitor.ip)
    recent = SecurityEvent.objects.filter(
        _from_there(visitor.ip),
        kind=SecurityEvent.Kind.JOINED,
        created_at__gt=timezone.now() - WINDOW,
        details__gift=True,
    )
    if recent.count() >= settings.GIFTS_PER_ADDRESS_A_DAY:
        return False
    return recent.filter(user_agent=visitor.user_agent).count() < settings.GIFTS_PER_BROWSER_A_DAY


def _from_there(ip: str) -> Q:
    """IPv6 callers count by their /64: whoever has one address there has all of them."""
    if ":" not in ip:
        return Q(ip=ip)
    network = ipaddress.ip_network((ip, 64), strict=False)
    return Q(ip__gte=str(network[0]), ip__lte=str(network[-1]))


def _one_at_a_time(ip: str) -> None:
    """Parallel joinings from one address wait for each other: none of them overlooks another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"joining:{ip}"])
