"""The windows of spend caps: hours, days and months of the calendar in UTC, and all time."""

from datetime import UTC, datetime, timedelta


def start_of(window: str, moment: datetime) -> datetime:
    """When the window that `moment` lies in began. The SQL function billing_window_start answers the same."""
    moment = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if window == "hour":
        return moment
    if window == "day":
        return moment.replace(hour=0)
    if window == "month":
        return moment.replace(day=1, hour=0)
    return datetime(1970, 1, 1, tzinfo=UTC)


def end_of(window: str, moment: datetime) -> datetime | None:
    """When the next window begins; None for all time."""
    start = start_of(window, moment)
    if window == "hour":
        return start + timedelta(hours=1)
    if window == "day":
        return start + timedelta(days=1)
    if window == "month":
        return start_of("month", start + timedelta(days=32))
    return None
