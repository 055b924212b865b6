"""Doors to what one's API keys were used for."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import key_usage, selectors
from accounts.authentication import caller
from neuralbox.core.errors import NotFound
from neuralbox.core.serializers import StrictSerializer


class UsageQuery(StrictSerializer):
    days = serializers.IntegerField(
        required=False, default=30, min_value=1, max_value=key_usage.LONGEST_DAYS, help_text="How many, today included."
    )


class DayOutput(serializers.Serializer):
    day = serializers.DateField(help_text="In UTC.")
    calls = serializers.IntegerField()
    failed = serializers.IntegerField(source="errors", help_text="Calls that were refused or failed.")
    tokens = serializers.SerializerMethodField(help_text="Charged for what the key ordered and got that day.")

    def get_tokens(self, day: key_usage.Day) -> int:
        return day.figures.get("tokens", 0)


class UsageOutput(serializers.Serializer):
    days = DayOutput(many=True)


class CallQuery(StrictSerializer):
    cursor = serializers.CharField(required=False)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=100)


class CallOutput(serializers.Serializer):
    id = serializers.UUIDField()
    method = serializers.CharField()
    route = serializers.CharField(help_text="The pattern of the address, without ids.")
    status = serializers.IntegerField()
    milliseconds = serializers.IntegerField()
    ip = serializers.IPAddressField(allow_null=True)
    created_at = serializers.DateTimeField()


USAGE_EXAMPLE = OpenApiExample(
    "Two days",
    {
        "days": [
            {"day": "2026-11-23", "calls": 120, "failed": 1, "tokens": 480},
            {"day": "2026-11-24", "calls": 8, "failed": 0, "tokens": 32},
        ]
    },
    response_only=True,
)
CALL_EXAMPLE = OpenApiExample(
    "Call",
    {
        "id": "01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e",
        "method": "POST",
        "route": "/api/v1/generations",
        "status": 202,
        "milliseconds": 35,
        "ip": "203.0.113.7",
        "created_at": "2026-11-24T10:00:00Z",
    },
    response_only=True,
)


class KeyUsageApi(APIView):
    people_only = True

    @extend_schema(
        operation_id="api_key_usage",
        tags=["api keys"],
        summary="What an API key was used for, by day",
        parameters=[UsageQuery],
        responses=UsageOutput,
        examples=[USAGE_EXAMPLE],
    )
    def get(self, request: Request, api_key_id: UUID) -> Response:
        query = UsageQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        api_key = selectors.api_keys(caller(request)).filter(pk=api_key_id).first()
        if api_key is None:
            raise NotFound
        days = key_usage.by_day(api_key, query.validated_data["days"])
        return Response(UsageOutput({"days": days}).data)


class KeyCallListApi(ListAPIView):
    people_only = True
    serializer_class = CallOutput

    def get_queryset(self) -> Any:
        query = CallQuery(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        if not selectors.api_keys(caller(self.request)).filter(pk=self.kwargs["api_key_id"]).exists():
            raise NotFound
        return selectors.api_calls(self.kwargs["api_key_id"])

    @extend_schema(
        operation_id="api_key_calls",
        tags=["api keys"],
        summary="The latest calls with an API key",
        description="Newest first, some seconds old. Routes and outcomes only: no prompts, no inputs.",
        parameters=[CallQuery],
        responses=CallOutput(many=True),
        examples=[CALL_EXAMPLE],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)
