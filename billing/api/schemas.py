"""What the API of billing takes and gives."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers

from billing.models import JournalEntry
from billing.services import amounts
from neuralbox.core.serializers import SeveralChoices, StrictSerializer


class WalletBalanceOutput(serializers.Serializer):
    available = serializers.IntegerField(help_text="What can be spent: `paid` and `bonus` together.")
    held = serializers.IntegerField(help_text="Set aside for generations that are being made.")
    paid = serializers.IntegerField(help_text="Bought tokens. They do not expire.")
    bonus = serializers.IntegerField(help_text="Given tokens. They are used first.")


class EntryOutput(serializers.Serializer):
    sequence = serializers.IntegerField(help_text="The number of the entry in your wallet, from 1, without gaps.")
    kind = serializers.ChoiceField(choices=JournalEntry.Kind.choices)
    amount = serializers.IntegerField(
        help_text="What the entry is about: tokens received, or negative, tokens set aside, spent or taken back."
    )
    available_change = serializers.IntegerField(
        help_text="What it changed in `available`. Spending changes it only by what is given back: "
        "the tokens had been set aside before."
    )
    held_change = serializers.IntegerField()
    balance_after = serializers.IntegerField(help_text="`available` after the entry.")
    held_after = serializers.IntegerField()
    description = serializers.CharField(help_text="In the language of `Accept-Language`.")
    reference = serializers.CharField(help_text="What caused the entry, such as `capture:generation:<id>`. Unique.")
    created_at = serializers.DateTimeField()


class Moment(serializers.Field):
    """A time, or a date: the whole day in UTC. `end` gives the moment after the day."""

    def __init__(self, *, end: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._end = end
        self._times = serializers.DateTimeField()

    def to_internal_value(self, data: Any) -> datetime:
        try:
            day = parse_date(str(data))
        except ValueError:
            raise serializers.ValidationError(_("There is no such day."), "invalid") from None
        if day is None:
            return self._times.run_validation(data)
        start = self._times.run_validation(f"{day.isoformat()}T00:00:00Z")
        try:
            return start + timedelta(days=1) if self._end else start
        except OverflowError:
            raise serializers.ValidationError(_("There is no such day."), "invalid") from None

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


class LedgerQuery(StrictSerializer):
    kind = SeveralChoices(
        required=False,
        choices=JournalEntry.Kind.values,
        help_text="One or several, separated by commas: " + ", ".join(JournalEntry.Kind.values) + ".",
    )
    created_after = serializers.DateTimeField(required=False)
    created_before = serializers.DateTimeField(required=False)
    cursor = serializers.CharField(required=False)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=100)


class StatementQuery(StrictSerializer):
    format = serializers.ChoiceField(choices=["json", "csv"], default="json")

    def get_fields(self) -> dict[str, serializers.Field]:
        """`from` is no name for an attribute of a class."""
        edges = {"from": Moment(required=False), "to": Moment(required=False, end=True)}
        return super().get_fields() | edges


STATEMENT_PARAMETERS = [
    OpenApiParameter("from", OpenApiTypes.STR, description="From this day or time on. Without it: from the start."),
    OpenApiParameter("to", OpenApiTypes.STR, description="Up to and with this day, or before this time."),
    OpenApiParameter("format", OpenApiTypes.STR, enum=["json", "csv"], default="json"),
]


class CapOutput(serializers.Serializer):
    limit = serializers.IntegerField(help_text="Tokens that may be spent in one window.")
    used = serializers.IntegerField(help_text="Spent or set aside in the present window.")
    resets_at = serializers.DateTimeField(allow_null=True, help_text="When the next window begins.")


class WalletCapsOutput(serializers.Serializer):
    """By window of the calendar in UTC; null where nothing limits."""

    hour = CapOutput(allow_null=True)
    day = CapOutput(allow_null=True)
    month = CapOutput(allow_null=True)
    total = CapOutput(allow_null=True)


def _limit() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=amounts.LARGEST, required=False, allow_null=True)


class WalletCapsInput(StrictSerializer):
    """The whole set of limits: a window that is absent or null is not limited."""

    hour = _limit()
    day = _limit()
    month = _limit()
    total = _limit()


BALANCE = OpenApiExample("Balance", {"available": 940, "held": 60, "paid": 900, "bonus": 40}, response_only=True)
ENTRY = OpenApiExample(
    "Entry",
    {
        "sequence": 3,
        "kind": "capture",
        "amount": -20,
        "available_change": 40,
        "held_change": -60,
        "balance_after": 980,
        "held_after": 0,
        "description": "Paid for a generation",
        "reference": "capture:generation:01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e",
        "created_at": "2026-11-24T10:00:07.120034Z",
    },
    response_only=True,
)
CAPS_IN = OpenApiExample("Two limits", {"day": 500, "month": 5000}, request_only=True)
CAPS_OUT = OpenApiExample(
    "Limits",
    {
        "hour": None,
        "day": {"limit": 500, "used": 120, "resets_at": "2026-11-25T00:00:00Z"},
        "month": {"limit": 5000, "used": 2480, "resets_at": "2026-12-01T00:00:00Z"},
        "total": None,
    },
    response_only=True,
)
