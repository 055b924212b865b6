"""The API of outgoing webhooks: endpoints, their secrets, their deliveries."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from generations.api.schemas import WebhookAddress
from generations.models import OutgoingWebhook, WebhookEndpoint
from generations.models.webhooks import WebhookEvent
from generations.representations import moment
from generations.services import outgoing_webhooks
from neuralbox.core.pagination import CursorPages
from neuralbox.core.serializers import StrictSerializer

TAGS = ["webhooks"]


class EndpointInput(StrictSerializer):
    url = WebhookAddress(max_length=500)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=WebhookEvent.choices), min_length=1, default=WebhookEvent.values
    )
    description = serializers.CharField(max_length=200, allow_blank=True, default="")
    enabled = serializers.BooleanField(default=True)


class EndpointOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    url = serializers.URLField()
    events = serializers.ListField(child=serializers.ChoiceField(choices=WebhookEvent.choices))
    description = serializers.CharField(allow_blank=True)
    enabled = serializers.BooleanField()
    disabled_because = serializers.CharField(allow_blank=True)
    secret = serializers.CharField(help_text="Verifies `webhook-signature`, by the Standard Webhooks convention.")
    secret_rotated_at = serializers.DateTimeField(
        allow_null=True, help_text="For a day after this, messages are signed by the secret before, too."
    )
    created_at = serializers.DateTimeField()


class EndpointsOutput(serializers.Serializer[Any]):
    account_secret = serializers.CharField(help_text="Signs what goes to a generation's own `webhook_url`.")
    results = EndpointOutput(many=True)


class DeliveryOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    event = serializers.ChoiceField(choices=WebhookEvent.choices)
    generation = serializers.UUIDField()
    status = serializers.ChoiceField(choices=OutgoingWebhook.Status.choices)
    attempts = serializers.IntegerField()
    answer_status = serializers.IntegerField(allow_null=True)
    failure = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    tried_at = serializers.DateTimeField(allow_null=True)


class DeliveryPageOutput(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = DeliveryOutput(many=True)


EXAMPLE = OpenApiExample(
    "Tell me about successes",
    value={"url": "https://example.com/neuralbox", "events": ["generation.succeeded"]},
    request_only=True,
)
PAUSE = OpenApiExample("Pause it", value={"enabled": False}, request_only=True)


def _endpoint(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return {
        "id": str(endpoint.pk),
        "url": endpoint.url,
        "events": endpoint.events,
        "description": endpoint.description,
        "enabled": endpoint.is_enabled,
        "disabled_because": endpoint.disabled_because,
        "secret": outgoing_webhooks.secret_of(endpoint),
        "secret_rotated_at": moment(endpoint.secret_rotated_at),
        "created_at": moment(endpoint.created_at),
    }


def _delivery(message: OutgoingWebhook) -> dict[str, Any]:
    return {
        "id": str(message.pk),
        "event": message.event,
        "generation": str(message.generation_id),
        "status": message.status,
        "attempts": message.attempts,
        "answer_status": message.answer_status,
        "failure": message.failure,
        "created_at": moment(message.created_at),
        "tried_at": moment(message.tried_at),
    }


class _PeopleApi(APIView):
    """Endpoints carry secrets, so programs do not manage them."""

    people_only = True


class EndpointsApi(_PeopleApi):
    @extend_schema(operation_id="webhook_endpoints_list", responses={200: EndpointsOutput}, tags=TAGS, summary="List")
    def get(self, request: Request) -> Response:
        endpoints = WebhookEndpoint.objects.filter(user_id=caller(request).pk).order_by("created_at")
        secret = outgoing_webhooks.account_secret(caller(request).pk)
        return Response({"account_secret": secret, "results": [_endpoint(endpoint) for endpoint in endpoints]})

    @extend_schema(
        operation_id="webhook_endpoints_create",
        request=EndpointInput,
        responses={201: EndpointOutput},
        examples=[EXAMPLE],
        tags=TAGS,
        summary="Add an endpoint",
    )
    def post(self, request: Request) -> Response:
        """We call it when one of your generations ends. Answer 2xx within 10 seconds; anything else is tried again."""
        body = EndpointInput(data=request.data)
        body.is_valid(raise_exception=True)
        endpoint = outgoing_webhooks.add_endpoint(user_id=caller(request).pk, **body.validated_data)
        return Response(_endpoint(endpoint), status=201)


class EndpointApi(_PeopleApi):
    @extend_schema(operation_id="webhook_endpoints_get", responses={200: EndpointOutput}, tags=TAGS, summary="One")
    def get(self, request: Request, endpoint_id: UUID) -> Response:
        return Response(_endpoint(outgoing_webhooks.owned_endpoint(caller(request).pk, endpoint_id)))

    @extend_schema(
        operation_id="webhook_endpoints_change",
        request=EndpointInput(partial=True),
        responses={200: EndpointOutput},
        examples=[PAUSE],
        tags=TAGS,
        summary="Change",
    )
    def patch(self, request: Request, endpoint_id: UUID) -> Response:
        endpoint = outgoing_webhooks.owned_endpoint(caller(request).pk, endpoint_id)
        body = EndpointInput(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        return Response(_endpoint(outgoing_webhooks.change_endpoint(endpoint, **body.validated_data)))

    @extend_schema(operation_id="webhook_endpoints_delete", responses={204: None}, tags=TAGS, summary="Remove")
    def delete(self, request: Request, endpoint_id: UUID) -> Response:
        outgoing_webhooks.owned_endpoint(caller(request).pk, endpoint_id).delete()
        return Response(status=204)


class RotateSecretApi(_PeopleApi):
    @extend_schema(
        operation_id="webhook_endpoints_rotate_secret",
        request=None,
        responses={200: EndpointOutput},
        tags=TAGS,
        summary="New secret",
    )
    def post(self, request: Request, endpoint_id: UUID) -> Response:
        """Makes a new signing secret. For a day messages carry two signatures: by the new one and by the one before."""
        endpoint = outgoing_webhooks.owned_endpoint(caller(request).pk, endpoint_id)
        return Response(_endpoint(outgoing_webhooks.rotate_secret(endpoint)))


class DeliveriesApi(_PeopleApi):
    @extend_schema(
        operation_id="webhook_deliveries_list", responses={200: DeliveryPageOutput}, tags=TAGS, summary="Its deliveries"
    )
    def get(self, request: Request, endpoint_id: UUID) -> Response:
        endpoint = outgoing_webhooks.owned_endpoint(caller(request).pk, endpoint_id)
        pages = CursorPages()
        messages = pages.paginate_queryset(endpoint.deliveries.all(), request, view=self) or []
        return pages.get_paginated_response([_delivery(message) for message in messages])


class ReplayApi(_PeopleApi):
    @extend_schema(
        operation_id="webhook_deliveries_replay",
        request=None,
        responses={202: DeliveryOutput},
        tags=TAGS,
        summary="Deliver again",
    )
    def post(self, request: Request, endpoint_id: UUID, message_id: UUID) -> Response:
        endpoint = outgoing_webhooks.owned_endpoint(caller(request).pk, endpoint_id)
        return Response(_delivery(outgoing_webhooks.replay(endpoint, message_id)), status=202)
