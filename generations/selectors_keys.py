"""What API keys have spent."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from django.db.models import Sum
from django.db.models.functions import TruncDate

from accounts.models import ApiKey
from generations.models import Generation


def tokens_by_day(api_key: ApiKey, since: date) -> Mapping[date, int]:
    """Tokens charged for what this key ordered, by the day of the order (UTC), from `since` on."""
    # By the owner first: that is what the index of generations is made for.
    mine = Generation.objects.filter(
        user_id=api_key.user_id, created_at__gte=datetime.combine(since, time.min, UTC), api_key=api_key
    )
    rows = mine.annotate(day=TruncDate("created_at")).values("day").annotate(tokens=Sum("tokens_captured")).order_by()
    return {row["day"]: row["tokens"] for row in rows}
