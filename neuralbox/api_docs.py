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


HEADERS = {
    "X-Request-ID": {
        "description": "Names this call in our logs: give it to support.",
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": "What is left of each limit now, and in how many seconds there will be more.",
        "schema": {"type": "string"},
        "example": '"account";r=2994;t=1',
    },
    "RateLimit-Policy": {
        "description": "The limits that hold for this caller: calls per window in seconds.",
        "schema": {"type": "string"},
        "example": '"account";q=3000;w=60',
    },
    "Retry-After": {
        "description": "Seconds to wait before the next call.",
        "schema": {"type": "integer", "minimum": 1},
    },
}
REFUSALS = {
    "401": "Without credentials, or with ones that have ended: `not_authenticated`.",
    "403": "These credentials may not do this: a scope is missing, or only a signed-in person may.",
    "404": "There is no such object, or it is another's.",
    "409": "The state of the object does not allow it now.",
    "422": "What was sent cannot be used: `errors` names each field, with the allowed values.",
    "429": "Too many calls: wait for `Retry-After` seconds.",
    "4XX": "Refused: `code` says why.",
}


def add_refusals(result: dict[str, Any], **_rest: Any) -> dict[str, Any]:
    """Say of every operation how it may be refused, how a refusal looks, and which headers each answer has."""
    components = result["components"]
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["headers"] = {name: {**header} for name, header in HEADERS.items()}
    components["responses"] = {_name_of(status): _refusal(status, text) for status, text in REFUSALS.items()}
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            if isinstance(operation, dict) and "responses" in operation:
                _complete(operation, path, method)
    return result


def _complete(operation: dict[str, Any], path: str, method: str) -> None:
    for response in operation["responses"].values():
        if "$ref" not in response:
            response["headers"] = {**_headers("X-Request-ID"), **response.get("headers", {})}
    may_be = {"429", "4XX"}
    if operation.get("security") and {} not in operation["security"]:
        may_be |= {"401", "403"}
    if "{" in path:
        may_be |= {"404"}
    if "requestBody" in operation or any(one["in"] == "query" for one in operation.get("parameters", ())):
        may_be |= {"422"}
    if method in {"post", "patch", "put", "delete"}:
        may_be |= {"409"}
    for status in sorted(may_be):
        operation["responses"].setdefault(status, {"$ref": f"#/components/responses/{_name_of(status)}"})


def _refusal(status: str, text: str) -> dict[str, Any]:
    named = ["X-Request-ID", "RateLimit", "RateLimit-Policy", *(["Retry-After"] if status == "429" else [])]
    content: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Problem"}}
    if status == "4XX":
        content["examples"] = {"NotEnoughTokens": {"summary": "Not enough tokens", "value": PROBLEM_EXAMPLE}}
    return {"description": text, "headers": _headers(*named), "content": {"application/problem+json": content}}


def _name_of(status: str) -> str:
    return f"Refused{status}"


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
