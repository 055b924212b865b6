"""The API of the service's health: what everybody may know of models and providers."""

from collections.abc import Mapping
from typing import Any

from django.core.cache import cache
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generations import selectors_catalogue, selectors_status
from providers import registry, selectors

CACHE_KEY = "generations:status"
FRESH_SECONDS = 30
HEALTHY_FROM = 0.8


class ProviderStatusOutput(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    state = serializers.ChoiceField(
        choices=["ok", "degraded", "out"],
        help_text="Degraded: many attempts fail, or it rests after failures. Out: it gets no work now.",
    )
    success_rate = serializers.FloatField(allow_null=True, min_value=0, max_value=1)
    typical_seconds = serializers.FloatField(allow_null=True, help_text="Half are ready within it.")
    long_seconds = serializers.FloatField(allow_null=True, help_text="19 of 20 are ready within it.")
    finished = serializers.IntegerField(help_text="Attempts of the last 24 hours.")


class ModelStatusOutput(serializers.Serializer[Any]):
    slug = serializers.CharField()
    success_rate = serializers.FloatField(allow_null=True, min_value=0, max_value=1)
    typical_seconds = serializers.FloatField(allow_null=True, help_text="Half are ready within it.")
    long_seconds = serializers.FloatField(allow_null=True, help_text="19 of 20 are ready within it.")
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
        figures = (selectors_status.models(), selectors_status.providers(), _breakers())
        cache.set(CACHE_KEY, figures, FRESH_SECONDS)
    by_model, by_provider, breakers = figures
    offered = {card["slug"] for card in selectors_catalogue.cards()}
    nothing = selectors_status.of()
    models = [
        {"slug": slug, **by_model.get(slug, nothing), "enabled": slug in offered}
        for slug in sorted(offered | set(by_model))
    ]
    providers = [
        _provider(slug, by_provider.get(slug, nothing), breakers.get(slug, "ok"))
        for slug in sorted(breakers.keys() | by_provider.keys())
    ]
    is_degraded = any(_is_poor(row) for row in models) or any(row["state"] != "ok" for row in providers)
    return {"status": "degraded" if is_degraded else "ok", "models": models, "providers": providers}


def _breakers() -> dict[str, str]:
    """The state of every provider that this installation can call."""
    rows = selectors.health()
    states = {slug: "out" if row.is_out else "degraded" if row.is_resting else "ok" for slug, row in rows.items()}
    return {slug: states[slug] for slug in registry.configured()}


def _provider(slug: str, figures: Mapping[str, Any], breaker: str) -> dict[str, Any]:
    name = str(selectors_catalogue.PROVIDER_NAMES.get(slug, slug))
    state = "degraded" if breaker == "ok" and _is_poor(figures) else breaker
    return {"slug": slug, "name": name, "state": state, **figures}


def _is_poor(figures: Mapping[str, Any]) -> bool:
    rate = figures["success_rate"]
    return rate is not None and rate < HEALTHY_FROM


class StatusApi(APIView):
    authentication_classes: Any = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="status", responses={200: StatusOutput}, auth=[], tags=["models"], summary="Health and waits"
    )
    def get(self, request: Request) -> Response:
        """Who works, success and waits, from the work of the last 24 hours. Null where fewer than five have ended."""
        return Response(current())
