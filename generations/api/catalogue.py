"""The API of the catalogue: what can be ordered, and what it would cost."""

import hashlib
from typing import Any

from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from generations import selectors_catalogue
from generations.models import Quote
from generations.models.assets import FileKind
from generations.models.catalogue import Modality
from generations.representations import moment
from generations.services import catalogue, catalogue_choices, quotes
from neuralbox.core.serializers import SeveralChoices, StrictSerializer

FRESH_SECONDS = 15
_EXAMPLE_QUOTE: dict[str, Any] = {
    "id": "019ab7c4-5d5e-7cc3-98a5-3f1d1a3ba002",
    "model": "demo-image",
    "tokens": 8,
    "breakdown": [{"label": "Images 1024 px × 2", "tokens": 8}],
    "expires_at": "2026-11-24T12:15:00.000Z",
    "input": {
        "prompt": "A lighthouse on a cliff at dusk, calm sea",
        "size": "1024",
        "aspect_ratio": "1:1",
        "count": 2,
        "output_format": "png",
    },
}


class PriceRowOutput(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    tokens = serializers.IntegerField(min_value=1)


class PricingOutput(serializers.Serializer[Any]):
    summary = serializers.CharField(help_text="Such as: from 2 tokens.")
    from_tokens = serializers.IntegerField(min_value=1)
    rows = PriceRowOutput(many=True)
    rounding = serializers.CharField()


class ProviderOutput(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField(help_text="Who receives the prompt.")
    company = serializers.CharField()
    country = serializers.CharField(help_text="Two letters; empty: the provider does not say.")
    privacy_policy = serializers.CharField(help_text="Its address; empty: none.")


class ResultsOutput(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=FileKind.choices)
    count = serializers.IntegerField(help_text="How many, unless the field `count` of the input says.")
    types = serializers.ListField(
        child=serializers.CharField(),
        help_text="Media types that a result may have. `output_format` of the input, where there is one, narrows them.",
    )
    formats = serializers.ListField(child=serializers.CharField(), help_text="The same as people call them: PNG, MP4.")


class ModelExampleOutput(serializers.Serializer[Any]):
    title = serializers.CharField()
    input = serializers.DictField()


class ModelOutput(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    modality = serializers.ChoiceField(choices=Modality.choices)
    tasks = serializers.ListField(child=serializers.CharField(), help_text="What it is for, such as text_to_image.")
    description = serializers.CharField()
    is_available = serializers.BooleanField(help_text="False: it cannot be ordered now.")
    input_schema = serializers.DictField(help_text="JSON Schema 2020-12; `x-` members are for forms.")
    pricing = PricingOutput()
    providers = ProviderOutput(many=True)
    results = ResultsOutput()
    typical_seconds = serializers.IntegerField()
    deadline_seconds = serializers.IntegerField(help_text="After this it fails by itself and costs nothing.")
    examples = ModelExampleOutput(many=True)


class ModelPageOutput(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ModelOutput(many=True)


class ModelsQuery(StrictSerializer):
    modality = SeveralChoices(
        required=False,
        allow_blank=True,
        choices=Modality.values,
        help_text="One of the modalities, or several, separated by commas.",
    )
    q = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        help_text="Words that name, description or slug must contain.",
    )


class ChoicesQuery(StrictSerializer):
    q = serializers.CharField(
        required=False, allow_blank=True, max_length=100, help_text="Words that name, language or gender must contain."
    )
    language = serializers.CharField(required=False, allow_blank=True, max_length=60)
    gender = serializers.CharField(required=False, allow_blank=True, max_length=20)


class ChoiceOutput(serializers.Serializer[Any]):
    value = serializers.CharField(help_text="What goes into the input.")
    name = serializers.CharField()
    language = serializers.CharField()
    gender = serializers.CharField()


class ChoicePageOutput(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ChoiceOutput(many=True)


class NewQuote(StrictSerializer):
    model = serializers.CharField(max_length=60, help_text="The slug of a model.")
    input = serializers.JSONField(help_text="As the model's `input_schema` says.")


class QuoteOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    model = serializers.CharField()
    tokens = serializers.IntegerField(min_value=1)
    breakdown = PriceRowOutput(many=True)
    expires_at = serializers.DateTimeField()
    input = serializers.DictField(help_text="Your input, complete with defaults.")


class _PublicApi(APIView):
    """Open to everybody, and revalidated by its content: the same answer is not sent twice."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def answer(self, request: Request, content: Any) -> Response:
        body = JSONRenderer().render(content)
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        known = {one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")}
        response = Response(status=304) if tag in known else Response(content)
        response["ETag"] = tag
        patch_cache_control(response, private=True, max_age=FRESH_SECONDS)
        return response


class ModelsApi(_PublicApi):
    @extend_schema(
        operation_id="models_list",
        parameters=[ModelsQuery],
        responses={200: ModelPageOutput},
        auth=[],
        tags=["models"],
        summary="List the models",
    )
    def get(self, request: Request) -> Response:
        """Everything that can be ordered now, on one page, in the language of `Accept-Language`."""
        query = ModelsQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        found = selectors_catalogue.cards(modalities=wanted.get("modality") or (), query=wanted.get("q", ""))
        return self.answer(request, {"next": None, "previous": None, "results": found})


class ModelApi(_PublicApi):
    @extend_schema(
        operation_id="models_get", responses={200: ModelOutput}, auth=[], tags=["models"], summary="One model"
    )
    def get(self, request: Request, slug: str) -> Response:
        """Its form, prices and examples; also of a model that cannot be ordered now."""
        return self.answer(request, selectors_catalogue.any_card(slug))


class ChoicesApi(_PublicApi):
    @extend_schema(
        operation_id="models_choices",
        parameters=[ChoicesQuery],
        responses={200: ChoicePageOutput},
        examples=[
            OpenApiExample(
                "Voices",
                value={
                    "next": None,
                    "previous": None,
                    "results": [{"value": "1bd001e7", "name": "Sara", "language": "English", "gender": "female"}],
                },
                response_only=True,
                status_codes=["200"],
            )
        ],
        auth=[],
        tags=["models"],
        summary="Voices or avatars of a model",
    )
    def get(self, request: Request, slug: str, setting: str) -> Response:
        """What a field with `x-choices` may be: at most a hundred that match, on one page."""
        query = ChoicesQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        found = catalogue_choices.matching(
            catalogue_choices.of_field(catalogue.offered(slug), setting),
            query=wanted.get("q", ""),
            language=wanted.get("language", ""),
            gender=wanted.get("gender", ""),
        )
        results = [
            {"value": one.value, "name": one.name, "language": one.language, "gender": one.gender} for one in found
        ]
        return self.answer(request, {"next": None, "previous": None, "results": results})


class QuotesApi(APIView):
    @extend_schema(
        operation_id="quotes_create",
        request=NewQuote,
        responses={201: QuoteOutput},
        examples=[
            OpenApiExample(
                "Two pictures",
                value={"model": "demo-image", "input": {"prompt": _EXAMPLE_QUOTE["input"]["prompt"], "count": 2}},
                request_only=True,
            ),
            OpenApiExample("Kept for 15 minutes", value=_EXAMPLE_QUOTE, response_only=True, status_codes=["201"]),
        ],
        tags=["models"],
        summary="Ask for a price",
    )
    def post(self, request: Request) -> Response:
        """Checks the input and says what it costs. The price is kept for 15 minutes: order with `{"quote": id}`."""
        body = NewQuote(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        quote = quotes.open_quote(user_id=caller(request).pk, model=wanted["model"], raw_input=wanted["input"])
        return Response(_quote(quote, wanted["model"]), status=201)


def _quote(quote: Quote, slug: str) -> dict[str, Any]:
    language = "ru" if (get_language() or "").startswith("ru") else "en"
    lines = [{"label": line[f"label_{language}"], "tokens": line["tokens"]} for line in quote.breakdown]
    return {
        "id": str(quote.pk),
        "model": slug,
        "tokens": quote.tokens,
        "breakdown": lines,
        "expires_at": moment(quote.expires_at),
        "input": quote.input,
    }
