"""The API of presets: settings of models that a person keeps under a name."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from generations.models import Preset
from generations.representations import moment
from generations.services import presets
from neuralbox.core.serializers import StrictSerializer


class PresetInput(StrictSerializer):
    model = serializers.CharField(max_length=60, help_text="The slug of a model.")
    name = serializers.CharField(max_length=60, help_text="The same name of the same model replaces.")
    input = serializers.JSONField(help_text="Some fields of the model's `input_schema`, without files.")


class PresetQuery(StrictSerializer):
    model = serializers.CharField(required=False, max_length=60, help_text="Of this model only.")


class PresetOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    model = serializers.CharField()
    name = serializers.CharField()
    input = serializers.DictField()
    created_at = serializers.DateTimeField()


class PresetPageOutput(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = PresetOutput(many=True)


EXAMPLE = OpenApiExample(
    "Wide pictures",
    value={"model": "demo-image", "name": "Wide", "input": {"aspect_ratio": "16:9", "count": 2}},
    request_only=True,
)


def _shown(preset: Preset) -> dict[str, Any]:
    return {
        "id": str(preset.pk),
        "model": preset.model.slug,
        "name": preset.name,
        "input": preset.input,
        "created_at": moment(preset.created_at),
    }


class PresetsApi(APIView):
    @extend_schema(
        operation_id="presets_list",
        parameters=[PresetQuery],
        responses={200: PresetPageOutput},
        tags=["presets"],
        summary="Your presets",
    )
    def get(self, request: Request) -> Response:
        """All of them on one page, by name."""
        query = PresetQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        wanted = {f"{name}__slug": value for name, value in query.validated_data.items()}
        mine = (
            Preset.objects.filter(user_id=caller(request).pk, **wanted).select_related("model").order_by("name", "id")
        )
        return Response({"next": None, "previous": None, "results": [_shown(preset) for preset in mine]})

    @extend_schema(
        operation_id="presets_create",
        request=PresetInput,
        responses={201: PresetOutput},
        examples=[EXAMPLE],
        tags=["presets"],
        summary="Keep settings under a name",
    )
    def post(self, request: Request) -> Response:
        """Only what the model's form takes now is kept. Files are not: they come anew with each order."""
        body = PresetInput(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        preset = presets.keep(caller(request).pk, model=wanted["model"], name=wanted["name"], raw_input=wanted["input"])
        return Response(_shown(preset), status=201)


class PresetApi(APIView):
    @extend_schema(operation_id="presets_delete", responses={204: None}, tags=["presets"], summary="Remove a preset")
    def delete(self, request: Request, preset_id: UUID) -> Response:
        presets.remove(caller(request).pk, preset_id)
        return Response(status=204)
