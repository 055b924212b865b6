"""Doors to the deletion of one's account."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from legal.models import DeletionRequest
from legal.services import deletions
from neuralbox.core.errors import NotFound
from neuralbox.core.permissions import RecentSignIn
from neuralbox.core.serializers import StrictSerializer


class DeletionInput(StrictSerializer):
    confirm = serializers.CharField(max_length=254, help_text="Your e-mail address, or your name, typed.")


class DeletionOutput(serializers.Serializer):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(DeletionRequest.Status.choices)
    way = serializers.ChoiceField(DeletionRequest.Way.choices)
    created_at = serializers.DateTimeField()
    erase_at = serializers.DateTimeField(allow_null=True, help_text="Until then it can be cancelled.")
    deadline = serializers.DateTimeField(help_text="By then everything is erased.")
    finished_at = serializers.DateTimeField(allow_null=True)
    waits_for = serializers.CharField(help_text="What has to end before the erasure can go on; usually empty.")


EXAMPLE = OpenApiExample(
    "Scheduled",
    {
        "id": "01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e",
        "status": "scheduled",
        "way": "profile",
        "created_at": "2026-11-24T10:00:00Z",
        "erase_at": "2026-12-08T10:00:00Z",
        "deadline": "2026-12-24T10:00:00Z",
        "finished_at": None,
        "waits_for": "",
    },
    response_only=True,
)


class DeletionRequestApi(APIView):
    people_only = True
    recent_sign_in_for = {"POST"}
    permission_classes: Any = [*api_settings.DEFAULT_PERMISSION_CLASSES, RecentSignIn]

    @extend_schema(
        operation_id="me_deletion_request_read",
        tags=["privacy"],
        summary="Your deletion request",
        description="The open one, or the last. 404 when there was none.",
        responses=DeletionOutput,
        examples=[EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        found = deletions.of(request.user)
        if found is None:
            raise NotFound
        return Response(DeletionOutput(found).data)

    @extend_schema(
        operation_id="me_deletion_request_create",
        tags=["privacy"],
        summary="Have your account and its data deleted",
        description=(
            "Access ends at once: every sign-in and API key. For 14 days it can be cancelled; then everything is "
            "erased but the payment records that the law demands. Needs a sign-in of the last ten minutes."
        ),
        request=DeletionInput,
        responses={201: DeletionOutput},
        examples=[EXAMPLE, OpenApiExample("Confirm", {"confirm": "alice@example.com"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        sent = DeletionInput(data=request.data)
        sent.is_valid(raise_exception=True)
        made = deletions.ask(user=request.user, confirm=sent.validated_data["confirm"])
        return Response(DeletionOutput(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="me_deletion_request_cancel",
        tags=["privacy"],
        summary="Keep your account",
        description="Within the grace period. 409 `nothing_to_cancel` when there is none, or the erasure has begun.",
        request=None,
        responses={204: None},
    )
    def delete(self, request: Request) -> Response:
        deletions.cancel(user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
