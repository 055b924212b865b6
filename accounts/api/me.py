"""Doors to one's own profile, linked logins and devices."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import profile, selectors
from accounts.authentication import AccessToken, caller
from accounts.models import SecurityEvent, User
from accounts.notice_settings import GROUPS
from accounts.permissions import HasScope
from accounts.services import identities, profiles, sign_ins
from accounts.visitors import device_name, visitor_of
from neuralbox.core.permissions import RecentSignIn
from neuralbox.core.serializers import StrictSerializer


class BalanceOutput(serializers.Serializer):
    available = serializers.IntegerField()
    held = serializers.IntegerField()
    paid = serializers.IntegerField()
    bonus = serializers.IntegerField()


class FrozenOutput(serializers.Serializer):
    since = serializers.DateTimeField()
    reason = serializers.CharField()


class ProfileOutput(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.EmailField(allow_null=True, help_text="Proven to be yours; letters go there.")
    pending_email = serializers.EmailField(allow_null=True, help_text="Waits for you to open the link mailed there.")
    avatar = serializers.CharField(allow_null=True)
    language = serializers.ChoiceField(User.Language.choices)
    theme = serializers.ChoiceField(User.Theme.choices)
    notice_settings = serializers.DictField(child=serializers.BooleanField(), help_text="By group: also by e-mail?")
    is_staff = serializers.BooleanField()
    frozen = FrozenOutput(
        allow_null=True,
        help_text="While staff look into something: spending, buying, keys and logins answer 403 `account_frozen`.",
    )
    created_at = serializers.DateTimeField()
    unread_notices = serializers.IntegerField()
    balance = BalanceOutput(required=False)


class ProfileInput(StrictSerializer):
    name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    language = serializers.ChoiceField(User.Language.choices, required=False)
    theme = serializers.ChoiceField(User.Theme.choices, required=False)
    notice_settings = serializers.DictField(child=serializers.BooleanField(), required=False)


PROFILE_EXAMPLE = OpenApiExample(
    "Profile",
    {
        "id": "01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e",
        "name": "Alice",
        "email": "alice@example.com",
        "pending_email": None,
        "avatar": None,
        "language": "en",
        "theme": "dark",
        "notice_settings": dict.fromkeys(GROUPS, True),
        "is_staff": False,
        "frozen": None,
        "created_at": "2026-11-24T10:00:00Z",
        "unread_notices": 1,
        "balance": {"available": 1000, "held": 0, "paid": 900, "bonus": 100},
    },
    response_only=True,
)


class MeApi(APIView):
    people_only = {"PATCH"}

    @extend_schema(
        operation_id="me_read",
        tags=["me"],
        summary="Your profile, preferences and balance",
        responses=ProfileOutput,
        examples=[PROFILE_EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        return Response(profile.of(caller(request)))

    @extend_schema(
        operation_id="me_change",
        tags=["me"],
        summary="Change your name or preferences",
        description="For signed-in people only. Fields that are absent stay as they are.",
        request=ProfileInput,
        responses=ProfileOutput,
        examples=[PROFILE_EXAMPLE, OpenApiExample("Dark theme", {"theme": "dark"}, request_only=True)],
    )
    def patch(self, request: Request) -> Response:
        sent = ProfileInput(data=request.data)
        sent.is_valid(raise_exception=True)
        return Response(profile.of(profiles.change(user=caller(request), changes=sent.validated_data)))


class IdentityOutput(serializers.Serializer):
    id = serializers.UUIDField()
    provider = serializers.CharField()
    external_id = serializers.CharField(help_text="Your id at the provider.")
    name = serializers.CharField()
    email = serializers.CharField()
    avatar = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField()


IDENTITY_EXAMPLE = OpenApiExample(
    "Login",
    {
        "id": "01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e",
        "provider": "github",
        "external_id": "583231",
        "name": "Alice",
        "email": "alice@example.com",
        "avatar": "",
        "created_at": "2026-11-24T10:00:00Z",
        "last_used_at": "2026-11-24T10:00:00Z",
    },
    response_only=True,
)


class IdentityListApi(APIView):
    people_only = True

    @extend_schema(
        operation_id="me_identities",
        tags=["me"],
        summary="Your logins",
        description="What each login provider has told us about you: this is all that we keep.",
        responses=IdentityOutput(many=True),
        examples=[IDENTITY_EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        return Response(IdentityOutput(selectors.identities(caller(request)), many=True).data)


class IdentityApi(APIView):
    people_only = True
    permission_classes = [HasScope, RecentSignIn]

    @extend_schema(
        operation_id="me_identity_remove",
        tags=["me"],
        summary="Unlink a login",
        description="Needs a sign-in of the last ten minutes. Your last login cannot be removed: 409 `last_identity`.",
        responses={204: None},
    )
    def delete(self, request: Request, identity_id: UUID) -> Response:
        identities.remove(user=caller(request), identity_id=identity_id, visitor=visitor_of(request._request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionOutput(serializers.Serializer):
    id = serializers.UUIDField()
    ip = serializers.IPAddressField()
    device = serializers.CharField(help_text="Such as `Firefox, Windows`.")
    user_agent = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()
    is_current = serializers.BooleanField(help_text="The sign-in that asks.")


SESSION_EXAMPLE = OpenApiExample(
    "Device",
    {
        "id": "01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e",
        "ip": "203.0.113.7",
        "device": "Firefox, Windows",
        "user_agent": "Mozilla/5.0 …",
        "created_at": "2026-11-24T10:00:00Z",
        "last_seen_at": "2026-11-24T11:30:00Z",
        "is_current": True,
    },
    response_only=True,
)


class SessionListApi(APIView):
    people_only = True

    @extend_schema(
        operation_id="me_sessions",
        tags=["me"],
        summary="Your devices and sessions",
        responses=SessionOutput(many=True),
        examples=[SESSION_EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        current = request.auth.session_key if isinstance(request.auth, AccessToken) else None
        return Response(SessionOutput(selectors.devices(caller(request), current=current), many=True).data)

    @extend_schema(
        operation_id="me_sessions_end",
        tags=["me"],
        summary="End all other sessions",
        description="All sign-ins but the one that asks; their tokens are dead at once.",
        responses={204: None},
    )
    def delete(self, request: Request) -> Response:
        current = request.auth.session_key if isinstance(request.auth, AccessToken) else None
        sign_ins.end_others(user=caller(request), current=current, visitor=visitor_of(request._request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionApi(APIView):
    people_only = True

    @extend_schema(
        operation_id="me_session_end",
        tags=["me"],
        summary="End a session",
        description="Its tokens are dead at once.",
        responses={204: None},
    )
    def delete(self, request: Request, session_id: UUID) -> Response:
        sign_ins.end_one(user=caller(request), session_id=session_id, visitor=visitor_of(request._request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class SecurityEventQuery(StrictSerializer):
    cursor = serializers.CharField(required=False)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=100)


class SecurityEventOutput(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(SecurityEvent.Kind.choices)
    title = serializers.CharField(source="get_kind_display", help_text="In the language of `Accept-Language`.")
    ip = serializers.IPAddressField(allow_null=True)
    device = serializers.SerializerMethodField(help_text="Such as `Firefox, Windows`; empty when it is not known.")
    created_at = serializers.DateTimeField()

    def get_device(self, event: SecurityEvent) -> str:
        return device_name(event.user_agent)


SECURITY_EVENT_EXAMPLE = OpenApiExample(
    "Event",
    {
        "id": "01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e",
        "kind": "signed_in",
        "title": "Signed in",
        "ip": "203.0.113.7",
        "device": "Firefox, Windows",
        "created_at": "2026-11-24T10:00:00Z",
    },
    response_only=True,
)


class SecurityEventListApi(ListAPIView):
    people_only = True
    serializer_class = SecurityEventOutput

    def get_queryset(self) -> Any:
        query = SecurityEventQuery(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        return selectors.security_events(caller(self.request))

    @extend_schema(
        operation_id="me_security_events",
        tags=["me"],
        summary="What happened to your account",
        description="Sign-ins, keys, logins, blocks, looks of staff; newest first. Deleted on a schedule.",
        parameters=[SecurityEventQuery],
        responses=SecurityEventOutput(many=True),
        examples=[SECURITY_EVENT_EXAMPLE],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)
