"""The API of the service's health: what everybody may know of models and providers."""

from typing import Any

from django.core.cache import cache
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generations import selectors_catalogue, selectors_status

CACHE_KEY = "generations:status"
FRESH_SECONDS = 30
HEALTHY_FROM = 0.8


class ProviderStatusOutput(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    success_rate = serializers.FloatField(allow_null=True, min_value=0, max_value=1)
    typical_seconds = serializers.FloatField(allow_null=True)
    finished = serializers.IntegerField(help_text="Attempts of the last 24 hours.")


class ModelStatusOutput(serializers.Serializer[Any]):
    slug = serializers.CharField()
    success_rate = serializers.FloatField(allow_null=True, min_value=0, max_value=1)
    typical_seconds = serializers.FloatField(allow_null=True)
    finished = serializers.IntegerField(help_text="Generations of the last 24 hours.")
    enabled = serializers.BooleanField(help_text="False: it cannot be ordered now.")


class StatusOutput(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=["ok", "degraded"])
    models = ModelStatusOutput(many=True)
    providers = ProviderStatusOutput(many=True)


def current() -> dict[str, Any]:
    """The present state, computed at most every 30 seconds. Names are in the language of the request."""
    figures = cache.get(CACHE_KEY)
    if figures is None:
        figures = (selectors_status.models(), selectors_status.providers())
        cache.set(CACHE_KEY, figures, FRESH_SECONDS)
    by_model, by_provider = figures
    cards = selectors_catalogue.cards()
    offered = {card["slug"] for card in cards}
    slugs = {provider["slug"] for card in cards for provider in card["providers"]} | set(by_provider)
    names = selectors_catalogue.PROVIDER_NAMES
    nothing = selectors_status.of()
    models = [
        {"slug": slug, **by_model.get(slug, nothing), "enabled": slug in offered}
        for slug in sorted(offered | set(by_model))
    ]
    providers = [
        {"slug": slug, "name": str(names.get(slug, slug)), **by_provider.get(slug, nothing)} for slug in sorted(slugs)
    ]
    rates = [row["success_rate"] for row in (*models, *providers) if row["success_rate"] is not None]
    is_degraded = any(rate < HEALTHY_FROM for rate in rates)
    return {"status": "degraded" if is_degraded else "ok", "models": models, "providers": providers}


class StatusApi(APIView):
    authentication_classes: Any = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="status", responses={200: StatusOutput}, auth=[], tags=["models"], summary="Health and waits"
    )
    def get(self, request: Request) -> Response:
        """Success and typical waits, from the work of the last 24 hours. Null where fewer than five have ended."""
        return Response(current())
