"""The OpenAPI document and its readable form. Both are public and work offline."""

from typing import Any

from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny


class OpenApiDocument(SpectacularAPIView):
    """OpenAPI 3.1, as JSON."""

    renderer_classes = [OpenApiJsonRenderer]
    permission_classes = (AllowAny,)
    authentication_classes: Any = ()


class ReadableDocs(SpectacularSwaggerSplitView):
    permission_classes = (AllowAny,)
    authentication_classes: Any = ()
    url_name = "openapi"


PROBLEM = {
    "type": "object",
    "description": "Why a call was refused (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "errors", "retryable", "charged", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "Stable: programs decide by it."},
        "errors": {
            "type": "array",
            "description": "One entry per wrong field.",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "A JSON pointer (RFC 6901)."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                    "allowed": {"type": "array", "items": {}},
                },
            },
        },
        "retryable": {"type": "boolean"},
        "charged": {"type": "boolean"},
        "request_id": {"type": "string"},
    },
}

PROBLEM_EXAMPLE = {
    "type": "https://neuralbox.ru/developers/errors#insufficient_tokens",
    "title": "Not enough tokens",
    "status": 402,
    "detail": "It costs 12 tokens, and 4 are available.",
    "code": "insufficient_tokens",
    "errors": [],
    "retryable": False,
    "charged": False,
    "request_id": "019ab7c4-5d5e-7cc3-98a5-3f1d1a3ba002",
    "needed": 12,
    "available": 4,
}


def add_refusals(result: dict[str, Any], **_rest: Any) -> dict[str, Any]:
    """Say of every operation that it may be refused, and how a refusal looks."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    refusal = {
        "description": "Refused: `code` says why.",
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {"NotEnoughTokens": {"summary": "Not enough tokens", "value": PROBLEM_EXAMPLE}},
            }
        },
    }
    for operations in result["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"].setdefault("4XX", refusal)
    return result
