"""Limits that people set on the spending of their own wallet."""

import json
from collections.abc import Mapping
from uuid import UUID

from django.db import connection

from billing.errors import InvalidAmount
from billing.models import SpendCap
from billing.services import amounts
from neuralbox.core.errors import NotFound


def replace(*, owner_id: UUID, caps: Mapping[str, int]) -> None:
    """Have the owner's wallet limited by `caps` alone, tokens by window; a window that is not named is not limited.

    What was spent in the present window counts at once. Raises InvalidAmount, NotFound; nothing is changed then.
    """
    if not set(SpendCap.Window.values).issuperset(caps):
        raise ValueError("the windows are hour, day, month and total")
    if not all(0 <= limit <= amounts.LARGEST for limit in caps.values()):
        raise InvalidAmount
    with connection.cursor() as cursor:
        cursor.execute("SELECT billing_set_caps(%s, %s)", [owner_id, json.dumps(dict(caps))])
        if not cursor.fetchone()[0]:
            raise NotFound
