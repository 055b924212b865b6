"""Doors to one's notices."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import notice_texts, selectors
from accounts.authentication import caller
from accounts.models import Notice
from accounts.services import notices
from neuralbox.core.serializers import StrictSerializer


class NoticeOutput(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(Notice.Kind.choices)
    title = serializers.SerializerMethodField(help_text="In the language of `Accept-Language`.")
    body = serializers.SerializerMethodField()
    link = serializers.CharField(help_text="A page of this site, or empty.")
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)

    def get_title(self, notice: Notice) -> str:
        return notice_texts.title_of(notice)

    def get_body(self, notice: Notice) -> str:
        return notice_texts.body_of(notice)


class NoticeQuery(StrictSerializer):
    unread = serializers.BooleanField(required=False, default=False, help_text="`true`: only those not read yet.")
    cursor = serializers.CharField(required=False)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=100)


NOTICE_EXAMPLE = OpenApiExample(
    "Notice",
    {
        "id": "01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e",
        "kind": "welcome",
        "title": "Welcome to NeuralBox",
        "body": "Choose a model and describe what you want: the price is shown before you pay.",
        "link": "/create",
        "created_at": "2026-11-24T10:00:00Z",
        "read_at": None,
    },
    response_only=True,
)


class NoticeListApi(ListAPIView):
    serializer_class = NoticeOutput

    def get_queryset(self) -> Any:
        query = NoticeQuery(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        return selectors.notices(caller(self.request).pk, unread=query.validated_data["unread"])

    @extend_schema(
        operation_id="notices_list",
        tags=["me"],
        summary="Your notices",
        description="What the service has to tell you, newest first. There is no advertising among it.",
        parameters=[NoticeQuery],
        responses=NoticeOutput(many=True),
        examples=[NOTICE_EXAMPLE],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class NoticeReadApi(APIView):
    people_only = True

    @extend_schema(
        operation_id="notices_read",
        tags=["me"],
        summary="Mark a notice as read",
        request=None,
        responses=NoticeOutput,
        examples=[NOTICE_EXAMPLE],
    )
    def post(self, request: Request, notice_id: UUID) -> Response:
        return Response(NoticeOutput(notices.mark_read(user=caller(request), notice_id=notice_id)).data)


class NoticeReadAllApi(APIView):
    people_only = True

    @extend_schema(
        operation_id="notices_read_all",
        tags=["me"],
        summary="Mark all notices as read",
        request=None,
        responses={204: None},
    )
    def post(self, request: Request) -> Response:
        notices.mark_all_read(user=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
