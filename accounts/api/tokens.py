"""Doors to tokens: from the cookie of a sign-in to access and refresh tokens, their renewal, their end."""

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.authentication import CSRFCheck, SessionAuthentication
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from accounts.errors import CHALLENGE, CsrfFailed
from accounts.services import sign_ins
from accounts.visitors import visitor_of
from neuralbox.core.serializers import StrictSerializer


class CookieAuthentication(SessionAuthentication):
    """The cookie of a sign-in, with CSRF protection. Only the exchange for tokens accepts it."""

    def enforce_csrf(self, request: Request) -> None:
        check = CSRFCheck(lambda _request: HttpResponse())
        check.process_request(request._request)
        if check.process_view(request._request, lambda _request: HttpResponse(), (), {}):
            raise CsrfFailed

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class RefreshInput(StrictSerializer):
    refresh = serializers.CharField(max_length=4096, trim_whitespace=True)


class LogoutInput(StrictSerializer):
    refresh = serializers.CharField(max_length=4096, required=False)


class TokenPairOutput(serializers.Serializer):
    access = serializers.CharField(help_text="Access token for `Authorization: Bearer`.")
    refresh = serializers.CharField(help_text="Works once, for the next pair.")
    expires_in = serializers.IntegerField(help_text="Life of the access token in seconds.")


PAIR_EXAMPLE = OpenApiExample(
    "Tokens",
    {"access": "eyJhbGciOi…", "refresh": "eyJhbGciOi…", "expires_in": 300},
    response_only=True,
)


def _answer(pair: sign_ins.TokenPair) -> Response:
    body = {"access": pair.access, "refresh": pair.refresh, "expires_in": pair.expires_in}
    return Response(body, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _drop_cookie(response: Response) -> None:
    response.delete_cookie(
        settings.SESSION_COOKIE_NAME,
        path=settings.SESSION_COOKIE_PATH,
        domain=settings.SESSION_COOKIE_DOMAIN,
        samesite="Lax",
    )


class TokenApi(APIView):
    authentication_classes = [CookieAuthentication]
    permission_classes = [IsAuthenticated]
    rate_limit = "sign_in"

    @extend_schema(
        operation_id="auth_token",
        tags=["auth"],
        summary="Exchange the sign-in cookie for tokens",
        description=(
            "Called once by the page that the login provider returns to, with the session cookie and the CSRF token "
            "in `X-CSRFToken`. The cookie is dropped, except for staff, whose back office needs it."
        ),
        request=None,
        responses={200: TokenPairOutput, 401: OpenApiResponse(description="No sign-in.")},
        examples=[PAIR_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        session = request._request.session
        response = _answer(sign_ins.hand_out(user=caller(request), session_key=str(session.session_key)))
        # The row stays: it is the family of these tokens, and has just been written. The middleware must not write
        # its older copy over it, nor send the cookie again.
        session.modified = False
        if not caller(request).is_staff:
            _drop_cookie(response)
        return response


class RefreshApi(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]
    rate_limit = "sign_in"

    @extend_schema(
        operation_id="auth_refresh",
        tags=["auth"],
        summary="Renew the tokens",
        description=(
            "A refresh token works once. When another request used it within the last seconds (two tabs), the answer "
            "is 409 `refresh_in_progress`: take the tokens that the other one stored. A token that comes back later "
            "is in two hands, and ends the whole sign-in: 401 `session_over`."
        ),
        request=RefreshInput,
        responses={
            200: TokenPairOutput,
            401: OpenApiResponse(description="`invalid_credentials`, `token_expired` or `session_over`."),
            409: OpenApiResponse(description="`refresh_in_progress`"),
        },
        examples=[PAIR_EXAMPLE, OpenApiExample("Renew", {"refresh": "eyJhbGciOi…"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        sent = RefreshInput(data=request.data)
        sent.is_valid(raise_exception=True)
        visitor = visitor_of(request._request)
        return _answer(sign_ins.refresh(refresh_token=sent.validated_data["refresh"], visitor=visitor))


class LogoutApi(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]
    rate_limit = "sign_in"

    @extend_schema(
        operation_id="auth_logout",
        tags=["auth"],
        summary="End this sign-in",
        description=(
            "All its access and refresh tokens are dead at once. Names the sign-in by the access token in "
            "`Authorization`, or by `refresh` in the body; an expired token will do. Repeating it changes nothing."
        ),
        request=LogoutInput,
        responses={204: None, 401: OpenApiResponse(description="`invalid_credentials`")},
        examples=[OpenApiExample("By refresh token", {"refresh": "eyJhbGciOi…"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        sent = LogoutInput(data=request.data)
        sent.is_valid(raise_exception=True)
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        sign_ins.end_by_token(token=sent.validated_data.get("refresh") or bearer, visitor=visitor_of(request._request))
        return Response(status=status.HTTP_204_NO_CONTENT)
