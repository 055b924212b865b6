"""What is held about a person, who received it, who looked; and consents."""

from typing import Any, cast
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from legal import overview, selectors
from legal.api.deletion import DeletionOutput
from legal.models import Consent
from legal.services import consents
from neuralbox.core.rate_limits import client_address
from neuralbox.core.serializers import StrictSerializer


class HeldOutput(serializers.Serializer):
    name = serializers.CharField()
    title = serializers.CharField()
    purpose = serializers.CharField()
    count = serializers.IntegerField()
    first_at = serializers.DateTimeField(allow_null=True)
    last_at = serializers.DateTimeField(allow_null=True)


class ReceivedOutput(serializers.Serializer):
    recipient = serializers.CharField()
    title = serializers.CharField()
    what = serializers.CharField()
    count = serializers.IntegerField()
    last_at = serializers.DateTimeField(allow_null=True)


class OpenedOutput(serializers.Serializer):
    at = serializers.DateTimeField()
    what = serializers.CharField()
    why = serializers.CharField()
    who = serializers.CharField()
    id = serializers.CharField(help_text="What was opened, such as the id of a generation.")


class PurgeOutput(serializers.Serializer):
    kind = serializers.CharField()
    title = serializers.CharField()
    count = serializers.IntegerField()
    purge_at = serializers.DateTimeField()


class PrivacyOutput(serializers.Serializer):
    held = HeldOutput(many=True)
    received = ReceivedOutput(many=True)
    opened = OpenedOutput(many=True)
    coming_purges = PurgeOutput(many=True)
    deletion = DeletionOutput(allow_null=True, help_text="The open deletion request, or the last one.")


PRIVACY_EXAMPLE = OpenApiExample(
    "Overview",
    {
        "held": [
            {
                "name": "generations",
                "title": "Generations: prompts, settings and results",
                "purpose": "Your history; to make what you order",
                "count": 12,
                "first_at": "2026-10-01T10:00:00Z",
                "last_at": "2026-11-24T10:00:00Z",
            }
        ],
        "received": [
            {
                "recipient": "kie",
                "title": "Kie.ai",
                "what": "prompts, settings and files of orders",
                "count": 12,
                "last_at": "2026-11-24T10:00:00Z",
            }
        ],
        "opened": [],
        "coming_purges": [],
        "deletion": None,
    },
    response_only=True,
)


class PrivacyApi(APIView):
    people_only = True

    @extend_schema(
        operation_id="me_privacy",
        tags=["privacy"],
        summary="What is held about you, who received it, who looked",
        description="Counts and dates. The data itself is in the export.",
        responses=PrivacyOutput,
        examples=[PRIVACY_EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        return Response(PrivacyOutput(overview.of(request.user)).data)


class ConsentOutput(serializers.Serializer):
    document = serializers.CharField(source="version.document_id")
    title = serializers.CharField(source="version.title")
    number = serializers.IntegerField(source="version.number")
    version_id = serializers.UUIDField()
    way = serializers.ChoiceField(Consent.Way.choices)
    ip = serializers.IPAddressField(allow_null=True)
    language = serializers.CharField()
    created_at = serializers.DateTimeField()


class WantedOutput(serializers.Serializer):
    document = serializers.CharField(source="document_id")
    version_id = serializers.UUIDField(source="id")
    title = serializers.CharField()
    number = serializers.IntegerField()
    change = serializers.CharField(help_text="What changed, in words.")
    effective_at = serializers.DateTimeField(help_text="Until then nothing is refused.")


class ConsentsOutput(serializers.Serializer):
    given = ConsentOutput(many=True)
    wanted = WantedOutput(
        many=True,
        help_text="Changed documents that need your agreement again: without it nothing can be ordered or bought.",
    )


class ConsentInput(StrictSerializer):
    versions = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=20)


CONSENTS_EXAMPLE = OpenApiExample(
    "Consents",
    {
        "given": [
            {
                "document": "terms",
                "title": "Terms of use",
                "number": 1,
                "version_id": "01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e",
                "way": "sign_up",
                "ip": "203.0.113.7",
                "language": "en",
                "created_at": "2026-11-24T10:00:00Z",
            }
        ],
        "wanted": [],
    },
    response_only=True,
)


def _consents(user: Any) -> dict[str, Any]:
    shown = {"given": selectors.consents(user.pk), "wanted": selectors.unaccepted(user.pk, ahead=True)}
    return dict(ConsentsOutput(shown).data)


class ConsentListApi(APIView):
    people_only = True

    @extend_schema(
        operation_id="me_consents",
        tags=["privacy"],
        summary="What you agreed to",
        responses=ConsentsOutput,
        examples=[CONSENTS_EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        return Response(_consents(request.user))

    @extend_schema(
        operation_id="me_consents_create",
        tags=["privacy"],
        summary="Agree to a changed document",
        request=ConsentInput,
        responses={201: ConsentsOutput},
        examples=[
            CONSENTS_EXAMPLE,
            OpenApiExample("Agree", {"versions": ["01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e"]}, request_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        sent = ConsentInput(data=request.data)
        sent.is_valid(raise_exception=True)
        consents.record(
            cast(UUID, request.user.pk),
            sent.validated_data["versions"],
            ip=client_address(request),
            way=Consent.Way.AGAIN,
        )
        return Response(_consents(request.user), status=status.HTTP_201_CREATED)
