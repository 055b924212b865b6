"""Doors to one's API keys. For people: a key cannot manage keys."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import selectors
from accounts.authentication import caller
from accounts.models import ApiKey
from accounts.permissions import HasScope
from accounts.services import api_keys
from accounts.visitors import visitor_of
from neuralbox.core.permissions import RecentSignIn
from neuralbox.core.serializers import StrictSerializer


class CapsInput(StrictSerializer):
    """Tokens that the key may spend in each window; an absent window is not limited."""

    hour = serializers.IntegerField(min_value=0, max_value=10**12, required=False)
    day = serializers.IntegerField(min_value=0, max_value=10**12, required=False)
    month = serializers.IntegerField(min_value=0, max_value=10**12, required=False)
    total = serializers.IntegerField(min_value=0, max_value=10**12, required=False)


class ApiKeyInput(StrictSerializer):
    name = serializers.CharField(max_length=100)
    scopes = serializers.ListField(child=serializers.ChoiceField(ApiKey.Scope.choices), min_length=1, max_length=10)
    caps = CapsInput(required=False)
    allowed_ips = serializers.ListField(child=serializers.CharField(max_length=49), required=False, max_length=50)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class RotateInput(StrictSerializer):
    overlap_seconds = serializers.IntegerField(
        min_value=0,
        max_value=int(api_keys.LONGEST_OVERLAP.total_seconds()),
        default=int(api_keys.DEFAULT_OVERLAP.total_seconds()),
        help_text="How long the old secret goes on working.",
    )


class SecretOutput(serializers.Serializer):
    """What is known of one secret. An old one works until `expires_at`."""

    prefix = serializers.SerializerMethodField(help_text="How the key begins.")
    last_four = serializers.CharField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)

    def get_prefix(self, row: Any) -> str:
        return f"nb_live_{row.public_id}"


class ApiKeyOutput(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    scopes = serializers.ListField(child=serializers.ChoiceField(ApiKey.Scope.choices))
    caps = CapsInput()
    allowed_ips = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)
    last_four = serializers.SerializerMethodField(help_text="Of the newest secret.")
    secrets = SecretOutput(many=True)

    def get_last_four(self, row: ApiKey) -> str:
        return max(row.secrets.all(), key=lambda secret: secret.pk).last_four


class IssuedKeyOutput(ApiKeyOutput):
    secret = serializers.CharField(help_text="The key itself. Shown this once.")


_EXAMPLE: dict[str, Any] = {
    "id": "01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e",
    "name": "Nightly pictures",
    "scopes": ["read", "generate"],
    "caps": {"day": 500},
    "allowed_ips": ["203.0.113.0/24"],
    "created_at": "2026-11-24T10:00:00Z",
    "expires_at": None,
    "revoked_at": None,
    "last_used_at": None,
    "last_four": "3xQz",
    "secrets": [
        {"prefix": "nb_live_4fK2mZ8q", "last_four": "3xQz", "created_at": "2026-11-24T10:00:00Z", "expires_at": None}
    ],
}
KEY_EXAMPLE = OpenApiExample("Key", _EXAMPLE, response_only=True)
ISSUED_EXAMPLE = OpenApiExample("New key", {**_EXAMPLE, "secret": "nb_live_4fK2mZ8q_…3xQz"}, response_only=True)
CREATE_EXAMPLE = OpenApiExample(
    "Create", {"name": "Nightly pictures", "scopes": ["read", "generate"], "caps": {"day": 500}}, request_only=True
)


def _issued(issued: api_keys.IssuedKey, status_code: int) -> Response:
    body = {**ApiKeyOutput(issued.api_key).data, "secret": issued.secret}
    return Response(body, status=status_code, headers={"Cache-Control": "no-store"})


class ApiKeyListApi(ListAPIView):
    people_only = True
    permission_classes = [HasScope, RecentSignIn]
    recent_sign_in_for = {"POST"}
    serializer_class = ApiKeyOutput

    def get_queryset(self) -> Any:
        return selectors.api_keys(caller(self.request))

    @extend_schema(
        operation_id="api_keys_list",
        tags=["api keys"],
        summary="Your API keys",
        description="Revoked keys too, newest first. Secrets are never shown again.",
        responses=ApiKeyOutput(many=True),
        examples=[KEY_EXAMPLE],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="api_keys_create",
        tags=["api keys"],
        summary="Create an API key",
        description="`secret` is in this answer only. Needs a sign-in of the last ten minutes.",
        request=ApiKeyInput,
        responses={201: IssuedKeyOutput},
        examples=[CREATE_EXAMPLE, ISSUED_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        sent = ApiKeyInput(data=request.data)
        sent.is_valid(raise_exception=True)
        visitor = visitor_of(request._request)
        return _issued(api_keys.create(user=caller(request), visitor=visitor, **sent.validated_data), 201)


class ApiKeyRotateApi(APIView):
    people_only = True
    permission_classes = [HasScope, RecentSignIn]

    @extend_schema(
        operation_id="api_keys_rotate",
        tags=["api keys"],
        summary="Give an API key a new secret",
        description=(
            "Name, scopes, caps and what has been spent stay. The old secret works for `overlap_seconds` more "
            "(a day, unless you say otherwise). `secret` is in this answer only. "
            "Needs a sign-in of the last ten minutes."
        ),
        request=RotateInput,
        responses={200: IssuedKeyOutput},
        examples=[OpenApiExample("At once", {"overlap_seconds": 0}, request_only=True), ISSUED_EXAMPLE],
    )
    def post(self, request: Request, api_key_id: UUID) -> Response:
        sent = RotateInput(data=request.data)
        sent.is_valid(raise_exception=True)
        issued = api_keys.rotate(
            user=caller(request),
            api_key_id=api_key_id,
            overlap=timedelta(seconds=sent.validated_data["overlap_seconds"]),
            visitor=visitor_of(request._request),
        )
        return _issued(issued, 200)


class ApiKeyApi(APIView):
    people_only = True

    @extend_schema(
        operation_id="api_keys_revoke",
        tags=["api keys"],
        summary="Revoke an API key",
        description="It stops at once, for good, with all its secrets.",
        responses={204: None},
    )
    def delete(self, request: Request, api_key_id: UUID) -> Response:
        api_keys.revoke(user=caller(request), api_key_id=api_key_id, visitor=visitor_of(request._request))
        return Response(status=status.HTTP_204_NO_CONTENT)
