"""Doors to naming an address for letters, and confirming it."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import profile
from accounts.api.me import PROFILE_EXAMPLE, ProfileOutput
from accounts.authentication import caller
from accounts.permissions import HasScope
from accounts.services import email_proofs
from accounts.visitors import visitor_of
from neuralbox.core.permissions import RecentSignIn
from neuralbox.core.serializers import StrictSerializer


class EmailInput(StrictSerializer):
    email = serializers.EmailField(max_length=254)


class EmailAskedOutput(serializers.Serializer):
    email = serializers.EmailField()
    expires_at = serializers.DateTimeField(help_text="Until then the link in the letter works.")


class EmailApi(APIView):
    people_only = True
    permission_classes = [HasScope, RecentSignIn]

    @extend_schema(
        operation_id="me_email_ask",
        tags=["me"],
        summary="Name an address for letters",
        description=(
            "A link is mailed there; until you open it, signed in, nothing changes. A later call takes the place of an "
            "earlier one. A few letters an hour, per account and per address: 429 `too_many_letters`. "
            "Needs a sign-in of the last ten minutes."
        ),
        request=EmailInput,
        responses={202: EmailAskedOutput},
        examples=[
            OpenApiExample("Ask", {"email": "liddell@example.com"}, request_only=True),
            OpenApiExample(
                "Asked",
                {"email": "liddell@example.com", "expires_at": "2026-11-25T10:00:00Z"},
                response_only=True,
                status_codes=["202"],
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        sent = EmailInput(data=request.data)
        sent.is_valid(raise_exception=True)
        proof = email_proofs.ask(user=caller(request), email=sent.validated_data["email"])
        return Response(EmailAskedOutput(proof).data, status=202)


class EmailConfirmInput(StrictSerializer):
    token = serializers.CharField(max_length=200)


class EmailConfirmApi(APIView):
    people_only = True

    @extend_schema(
        operation_id="me_email_confirm",
        tags=["me"],
        summary="Confirm an address",
        description=(
            "`token` stands behind the `#` of the link in the letter. It works once, within a day, for the account "
            "that asked: otherwise 422 `email_link_not_valid`. 409 `email_taken` when another account has the address."
        ),
        request=EmailConfirmInput,
        responses=ProfileOutput,
        examples=[
            OpenApiExample("Confirm", {"token": "01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e:signature"}, request_only=True),
            PROFILE_EXAMPLE,
        ],
    )
    def post(self, request: Request) -> Response:
        sent = EmailConfirmInput(data=request.data)
        sent.is_valid(raise_exception=True)
        user = email_proofs.confirm(
            user=caller(request), token=sent.validated_data["token"], visitor=visitor_of(request._request)
        )
        return Response(profile.of(user))
