"""Doors to the statement and to the program that verifies it."""

from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.authentication import caller
from billing import statements
from billing.api import schemas

_EXAMPLE = OpenApiExample(
    "JSON",
    {
        "format": "neuralbox-ledger-1",
        "wallet": "01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e",
        "from": None,
        "to": None,
        "entries": [
            {
                "wallet": "01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e",
                "sequence": 1,
                "created_at": "2026-11-24T10:00:00.000000Z",
                "kind": "bonus",
                "reference": "bonus:welcome:01930b6e-7b11-7c44-8d0a-5f7c0e9b2a10",
                "description": "Welcome tokens",
                "paid": 0,
                "bonus": 100,
                "held": 0,
                "issued": 0,
                "granted": -100,
                "revenue": 0,
                "refunded": 0,
                "corrections": 0,
                "available_after": 100,
                "held_after": 0,
                "previous_hash": "0" * 64,
                "hash": "4c1d8c6d3f0f4a4f0f4ab6d2f8b1c0e6a7f5b0f2c3d4e5f60718293a4b5c6d7e",
                "title": "Welcome tokens",
            }
        ],
    },
    response_only=True,
    media_type="application/json",
)


_CSV_EXAMPLE = OpenApiExample(
    "CSV",
    "wallet,sequence,created_at,kind,reference,…\r\n"
    "01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e,1,2026-11-24T10:00:00.000000Z,bonus,bonus:welcome:01930b6e-7b11-…\r\n",
    response_only=True,
    media_type="text/csv",
)
_PROGRAM_EXAMPLE = OpenApiExample(
    "Its beginning", "#!/usr/bin/env python3\n…", response_only=True, media_type="text/plain"
)


class _OneAnswer(DefaultContentNegotiation):
    """`?format=` chooses the file, not the renderer: errors are JSON whatever is asked for."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class StatementApi(APIView):
    content_negotiation_class = _OneAnswer

    @extend_schema(
        operation_id="ledger_statement",
        tags=["wallet"],
        summary="Download a statement",
        description=(
            "All entries of a period in their order, each with its hash and the hash of the entry before it. "
            "Check it with the program at `/api/v1/ledger/verify_statement.py`, which needs nothing but Python."
        ),
        parameters=schemas.STATEMENT_PARAMETERS,
        responses={
            (200, "application/json"): OpenApiTypes.OBJECT,
            (200, "text/csv"): OpenApiTypes.STR,
        },
        examples=[_EXAMPLE, _CSV_EXAMPLE],
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        sent = schemas.StatementQuery(data=request.query_params)
        sent.is_valid(raise_exception=True)
        since, until = sent.validated_data.get("from"), sent.validated_data.get("to")
        owner_id = caller(request).pk
        lines = statements.lines(owner_id=owner_id, since=since, until=until)
        if sent.validated_data["format"] == "csv":
            content, mime, name = statements.as_csv(lines), "text/csv; charset=utf-8", "neuralbox-statement.csv"
        else:
            asked = {"from": since and since.isoformat(), "to": until and until.isoformat()}
            content = statements.as_json(lines, owner_id=owner_id, asked=asked)
            mime, name = "application/json", "neuralbox-statement.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        waited_for = _later(content) if isinstance(request._request, ASGIRequest) else content
        return StreamingHttpResponse(waited_for, content_type=mime, headers=headers)


async def _later(pieces: Iterator[str]) -> AsyncIterator[str]:
    """The same text for an asynchronous server, which would otherwise collect all of it before it sends anything."""
    while text := await sync_to_async("".join)(islice(pieces, 500)):
        yield text


class VerifierApi(APIView):
    """Public: whoever is shown a statement may check it."""

    authentication_classes: Any = ()
    permission_classes: Any = (AllowAny,)
    content_negotiation_class = _OneAnswer

    @extend_schema(
        operation_id="ledger_verifier",
        tags=["wallet"],
        summary="The program that checks a statement",
        description="`python3 verify_statement.py neuralbox-statement.json` says OK, or where the first difference is.",
        responses={(200, "text/plain"): OpenApiTypes.STR},
        examples=[_PROGRAM_EXAMPLE],
    )
    def get(self, request: Request) -> HttpResponse:
        headers = {"Content-Disposition": 'attachment; filename="verify_statement.py"'}
        return HttpResponse(statements.verifier(), content_type="text/plain; charset=utf-8", headers=headers)
