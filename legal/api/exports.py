"""Doors to exports."""

from typing import Any, cast
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from legal import links
from legal.models import Export, ExportPart
from legal.services import exports
from neuralbox.core.errors import NotFound
from neuralbox.core.permissions import RecentSignIn

SHOWN = 20


class ExportPartOutput(serializers.Serializer):
    number = serializers.IntegerField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    download_url = serializers.SerializerMethodField(help_text="Works until `expires_at`.")

    def get_download_url(self, part: ExportPart) -> str:
        request: Request = self.context["request"]
        return request.build_absolute_uri(reverse("export-download", args=[links.token_of(part)]))


class ExportOutput(serializers.Serializer):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(Export.Status.choices)
    progress = serializers.SerializerMethodField(help_text="From 0 to 1.")
    created_at = serializers.DateTimeField()
    ready_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    download_url = serializers.SerializerMethodField(help_text="Of the first part; null until the archive is ready.")
    parts = serializers.SerializerMethodField(help_text="A large archive has several: unpack all into one folder.")

    def get_progress(self, export: Export) -> float:
        if export.status == Export.Status.READY:
            return 1.0
        return round(min(export.done / export.total, 0.99), 3) if export.total else 0.0

    def get_download_url(self, export: Export) -> str | None:
        shown = self._parts(export)
        return shown[0]["download_url"] if shown else None

    @extend_schema_field(ExportPartOutput(many=True))
    def get_parts(self, export: Export) -> list[dict[str, str]]:
        return self._parts(export)

    def _parts(self, export: Export) -> list[dict[str, str]]:
        if export.status != Export.Status.READY:
            return []
        return list(ExportPartOutput(export.parts.all(), many=True, context=self.context).data)


EXAMPLE = OpenApiExample(
    "Export",
    {
        "id": "01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e",
        "status": "ready",
        "progress": 1.0,
        "created_at": "2026-11-24T10:00:00Z",
        "ready_at": "2026-11-24T10:01:00Z",
        "expires_at": "2026-11-25T10:01:00Z",
        "download_url": "https://neuralbox.ru/exports/eyJ…",
        "parts": [{"number": 1, "bytes": 12345678, "sha256": "9f86d0…", "download_url": "https://neuralbox.ru/…"}],
    },
    response_only=True,
)


class ExportListApi(APIView):
    people_only = True
    recent_sign_in_for = {"POST"}
    permission_classes: Any = [*api_settings.DEFAULT_PERMISSION_CLASSES, RecentSignIn]

    @extend_schema(
        operation_id="me_exports",
        tags=["privacy"],
        summary="Your exports",
        description="The last 20, newest first.",
        responses=ExportOutput(many=True),
        examples=[EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        mine = (
            Export.objects.filter(user_id=cast(UUID, request.user.pk))
            .prefetch_related("parts")
            .order_by("-created_at", "-id")
        )
        return Response(
            ExportOutput(mine.order_by("-created_at", "-id")[:SHOWN], many=True, context={"request": request}).data
        )

    @extend_schema(
        operation_id="me_exports_create",
        tags=["privacy"],
        summary="Have an archive of all your data made",
        description=(
            "Profile, logins, devices, keys without secrets, prompts and generations with their files, payments, "
            "ledger, notices, access log: as JSON, CSV and pages to read. Made in the background, kept for 24 hours. "
            "Needs a sign-in of the last ten minutes; three archives a day."
        ),
        request=None,
        responses={202: ExportOutput},
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        export = exports.request(user=request.user, language=get_language() or "ru")
        shown = ExportOutput(export, context={"request": request}).data
        return Response(shown, status=status.HTTP_202_ACCEPTED)


class ExportApi(APIView):
    people_only = True

    @extend_schema(
        operation_id="me_export_read",
        tags=["privacy"],
        summary="One export",
        responses=ExportOutput,
        examples=[EXAMPLE],
    )
    def get(self, request: Request, export_id: UUID) -> Response:
        export = Export.objects.filter(pk=export_id, user_id=cast(UUID, request.user.pk)).first()
        if export is None:
            raise NotFound
        return Response(ExportOutput(export, context={"request": request}).data)
