"""How long to wait before a gateway is asked again about the same thing."""

from datetime import timedelta

_FIRST = 15
_LONGEST = 3600


def after(times_asked: int) -> timedelta:
    """15 seconds, then twice as long each time, up to an hour."""
    return timedelta(seconds=min(_LONGEST, _FIRST * 2 ** min(times_asked, 10)))
