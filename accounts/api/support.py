"""Doors to support."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import selectors
from accounts.authentication import caller
from accounts.models import SupportMessage, User
from accounts.permissions import AnybodyButKeys
from accounts.services import support
from neuralbox.core.serializers import StrictSerializer


class SupportInput(StrictSerializer):
    topic = serializers.ChoiceField(SupportMessage.Topic.choices)
    text = serializers.CharField(min_length=10, max_length=support.LONGEST)
    contact = serializers.EmailField(
        required=False, allow_blank=True, max_length=254, help_text="Where the answer goes; needed when not signed in."
    )


class SupportReceipt(serializers.Serializer):
    id = serializers.UUIDField()
    deadline = serializers.DateTimeField(help_text="By then a person has answered.")


class SupportMessageOutput(serializers.Serializer):
    id = serializers.UUIDField()
    topic = serializers.ChoiceField(SupportMessage.Topic.choices)
    text = serializers.CharField()
    status = serializers.ChoiceField(SupportMessage.Status.choices)
    answer = serializers.CharField()
    created_at = serializers.DateTimeField()
    deadline = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)


_ID = "01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e"
RECEIPT_EXAMPLE = OpenApiExample(
    "Received", {"id": _ID, "deadline": "2026-11-27T10:00:00Z"}, response_only=True, status_codes=["201"]
)
WRITE_EXAMPLE = OpenApiExample(
    "Write", {"topic": "payment", "text": "I paid yesterday and see no tokens."}, request_only=True
)
MESSAGE_EXAMPLE = OpenApiExample(
    "Message",
    {
        "id": _ID,
        "topic": "payment",
        "text": "I paid yesterday and see no tokens.",
        "status": "answered",
        "answer": "They are there now. Sorry for the wait.",
        "created_at": "2026-11-24T10:00:00Z",
        "deadline": "2026-11-25T10:00:00Z",
        "answered_at": "2026-11-24T11:00:00Z",
    },
    response_only=True,
)


class SupportApi(APIView):
    permission_classes = [AnybodyButKeys]
    people_only = True
    rate_limit = "support"

    @extend_schema(
        operation_id="support_write",
        tags=["me"],
        summary="Write to support",
        description=(
            "Signed in or not. A person answers before `deadline`. Letters about personal data (`privacy`) are "
            "answered within 30 days, objections to a block (`appeal`) within one."
        ),
        request=SupportInput,
        responses={201: SupportReceipt},
        examples=[WRITE_EXAMPLE, RECEIPT_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        sent = SupportInput(data=request.data)
        sent.is_valid(raise_exception=True)
        user = request.user if isinstance(request.user, User) else None
        language = (get_language() or "")[:2]
        number, within = support.receive(user=user, language=language, **sent.validated_data)
        return Response({"id": str(number), "deadline": _moment(within)}, status=201)


def _moment(within: timedelta) -> Any:
    return serializers.DateTimeField().to_representation(timezone.now() + within)


class MySupportMessagesApi(ListAPIView):
    people_only = True
    serializer_class = SupportMessageOutput

    def get_queryset(self) -> Any:
        return selectors.support_messages(caller(self.request))

    @extend_schema(
        operation_id="me_support_messages",
        tags=["me"],
        summary="What you wrote to support, and the answers",
        responses=SupportMessageOutput(many=True),
        examples=[MESSAGE_EXAMPLE],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)
