"""The door for files that users bring."""

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generations import representations
from generations.api.upload_handler import FIELD, SpoolingHandler
from generations.models import Upload
from generations.models.assets import FileKind
from generations.services import files, uploads
from neuralbox.core.errors import FieldError, InvalidInput


class UploadInput(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="One image, video or sound. Its real type is found out from its content.")


class UploadOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text='Used in inputs as `{"upload": "<id>"}`.')
    kind = serializers.ChoiceField(choices=[FileKind.IMAGE, FileKind.VIDEO, FileKind.AUDIO])
    mime = serializers.CharField(help_text="The proven type.")
    bytes = serializers.IntegerField(help_text="Size as stored: without metadata.")
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    seconds = serializers.FloatField(allow_null=True)
    name = serializers.CharField()
    sha256 = serializers.CharField()
    created_at = serializers.DateTimeField()
    url = serializers.URLField(help_text="Works for 10 to 15 minutes.")
    thumbnail_url = serializers.URLField(help_text="A WebP of at most 640 pixels. Works for 10 to 15 minutes.")
    notice = serializers.CharField(
        allow_null=True, help_text="What the sender should know, such as that the file is of another type than named."
    )


UPLOADED = OpenApiExample(
    "A photo, kept without its metadata",
    value={
        "id": "01990f2e-6c1b-7d40-9c57-0242ac120002",
        "kind": "image",
        "mime": "image/jpeg",
        "bytes": 2481033,
        "width": 3024,
        "height": 4032,
        "seconds": None,
        "name": "portrait.jpg",
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "created_at": "2026-03-09T12:00:00.000Z",
        "url": "https://neuralbox.ru/files/WyJ1cGxvYWRz:4f1b2b0b",
        "thumbnail_url": "https://neuralbox.ru/files/WyJ1cGxvYWRt:b822cd15",
        "notice": None,
    },
    response_only=True,
)


def represent(request: Request, upload: Upload, *, notice: str = "") -> dict[str, Any]:
    """An upload as its owner sees it, with links signed just now."""
    link = files.link(upload.storage_key, mime=upload.mime, filename=upload.name)
    return {
        "id": str(upload.pk),
        "kind": upload.kind,
        "mime": upload.mime,
        "bytes": upload.bytes,
        "width": upload.width,
        "height": upload.height,
        "seconds": upload.seconds,
        "name": upload.name,
        "sha256": upload.sha256,
        "created_at": representations.moment(upload.created_at),
        "url": request.build_absolute_uri(link),
        "thumbnail_url": request.build_absolute_uri(uploads.thumbnail_link(upload)),
        "notice": notice or None,
    }


def _user_id(request: Request) -> UUID:
    return cast(UUID, request.user.pk)


class UploadsApi(APIView):
    parser_classes = (MultiPartParser,)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        handler = SpoolingHandler(request)
        request.upload_handlers = [handler]
        try:
            return super().dispatch(request, *args, **kwargs)
        finally:
            handler.close()

    @extend_schema(
        operation_id="uploads_create",
        request={"multipart/form-data": UploadInput},
        responses={201: UploadOutput},
        examples=[UPLOADED],
        tags=["uploads"],
        summary="Upload a file for use in inputs",
    )
    def post(self, request: Request) -> Response:
        """One image (PNG, JPEG, WebP, AVIF, GIF), video (MP4, WebM, MOV) or sound (MP3, WAV, OGG, FLAC, M4A, AAC).

        The content decides the type, not the name. Place, device and other metadata are removed, pictures are turned
        upright; the colour profile stays.
        """
        unknown = [FieldError(f"/{name}", _("Send one file, as “file”."), "unknown_field") for name in request.POST]
        file = request.FILES.get(FIELD)
        if unknown or file is None:
            raise InvalidInput(errors=unknown or [FieldError(f"/{FIELD}", _("Send one file, as “file”."), "required")])
        received = uploads.receive_with_notice(user_id=_user_id(request), file=file)
        shown = represent(request, received.upload, notice=received.notice)
        return Response(shown, status=201, headers={"Location": f"/api/v1/uploads/{received.upload.pk}"})


class UploadApi(APIView):
    @extend_schema(
        operation_id="uploads_retrieve",
        responses={200: UploadOutput},
        examples=[UPLOADED],
        tags=["uploads"],
        summary="Look at an upload",
    )
    def get(self, request: Request, upload_id: UUID) -> Response:
        """What is stored of it, with fresh links."""
        return Response(represent(request, uploads.owned(user_id=_user_id(request), upload_id=upload_id)))

    @extend_schema(
        operation_id="uploads_destroy",
        request=None,
        responses={204: None},
        tags=["uploads"],
        summary="Delete an upload",
    )
    def delete(self, request: Request, upload_id: UUID) -> Response:
        """Deletes the file for good. Refused while a generation that is under way needs it."""
        uploads.delete(user_id=_user_id(request), upload_id=upload_id)
        return Response(status=204)
