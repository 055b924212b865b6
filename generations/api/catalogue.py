"""The API of the catalogue and of quotes."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generations import selectors_catalogue
from generations.models.catalogue import Modality
from generations.representations import moment
from generations.services import pricing, quotes
from neuralbox.core.errors import FieldError, InvalidInput
from neuralbox.core.serializers import StrictSerializer

CACHED = {"Cache-Control": "public, max-age=5", "Vary": "Accept-Language"}


class ProviderOutput(serializers.Serializer):  # type: ignore[type-arg]
    slug = serializers.CharField()
    name = serializers.CharField()


class PriceRowOutput(serializers.Serializer):  # type: ignore[type-arg]
    label = serializers.CharField()
    tokens = serializers.CharField()


class PricingOutput(serializers.Serializer):  # type: ignore[type-arg]
    summary = serializers.CharField()
    from_tokens = serializers.IntegerField()
    rows = PriceRowOutput(many=True)
    rounding = serializers.CharField()


class ModelExampleOutput(serializers.Serializer):  # type: ignore[type-arg]
    title = serializers.CharField()
    input = serializers.DictField()


class ModelOutput(serializers.Serializer):  # type: ignore[type-arg]
    slug = serializers.CharField()
    name = serializers.CharField()
    modality = serializers.ChoiceField(choices=Modality.choices)
    description = serializers.CharField()
    input_schema = serializers.DictField(help_text="JSON Schema 2020-12 of `input`.")
    pricing = PricingOutput()
    providers = ProviderOutput(many=True, help_text="Who may receive the prompt.")
    typical_seconds = serializers.IntegerField()
    deadline_seconds = serializers.IntegerField(help_text="After this long it fails and the tokens come back.")
    examples = ModelExampleOutput(many=True)


class ModelPageOutput(serializers.Serializer):  # type: ignore[type-arg]
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ModelOutput(many=True)


class NewQuote(StrictSerializer):
    model = serializers.CharField(max_length=60)
    input = serializers.JSONField()


class BreakdownOutput(serializers.Serializer):  # type: ignore[type-arg]
    label = serializers.CharField()
    tokens = serializers.FloatField()


class QuoteOutput(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    model = serializers.CharField()
    tokens = serializers.IntegerField()
    breakdown = BreakdownOutput(many=True)
    input = serializers.DictField(help_text="With the defaults filled in.")
    status = serializers.ChoiceField(choices=["open", "redeemed", "expired"])
    expires_at = serializers.DateTimeField()


QUOTE = OpenApiExample(
    "Price a picture",
    value={"model": "demo-image", "input": {"prompt": "A lighthouse on a cliff at dusk, calm sea"}},
    request_only=True,
)


class ModelsApi(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="models_list",
        parameters=[
            OpenApiParameter("modality", enum=Modality.values, description="Only this kind."),
            OpenApiParameter("q", str, description="Words in the name, description or slug."),
        ],
        responses={200: ModelPageOutput},
        tags=["catalogue"],
        summary="What can be ordered",
    )
    def get(self, request: Request) -> Response:
        """All models that can be ordered now, in one page. Needs no credentials."""
        modality = request.query_params.get("modality", "")
        if modality and modality not in Modality.values:
            detail = _("Choose one of the allowed values.")
            raise InvalidInput(errors=[FieldError("/modality", detail, "enum", allowed=Modality.values)])
        found = selectors_catalogue.cards(modality=modality, q=request.query_params.get("q", "")[:200])
        return Response({"next": None, "previous": None, "results": found}, headers=CACHED)


class ModelApi(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="models_get", responses={200: ModelOutput}, tags=["catalogue"], summary="One model")
    def get(self, request: Request, slug: str) -> Response:
        """Its form, its prices and who receives the prompt. Needs no credentials."""
        return Response(selectors_catalogue.card(slug), headers=CACHED)


class QuotesApi(APIView):
    @extend_schema(
        operation_id="quotes_create",
        request=NewQuote,
        responses={201: QuoteOutput},
        examples=[QUOTE],
        tags=["catalogue"],
        summary="Price an input",
    )
    def post(self, request: Request) -> Response:
        """The price is kept for 15 minutes: redeem the quote with `POST /generations`."""
        body = NewQuote(data=request.data)
        body.is_valid(raise_exception=True)
        wanted: dict[str, Any] = body.validated_data
        quote = quotes.open_quote(user_id=request.user.pk, model=wanted["model"], raw_input=wanted["input"])
        shown = {
            "id": str(quote.pk),
            "model": wanted["model"],
            "tokens": quote.tokens,
            "breakdown": pricing.shown_breakdown(quote.breakdown),
            "input": quote.input,
            "status": quote.status,
            "expires_at": moment(quote.expires_at),
        }
        return Response(shown, status=201)
