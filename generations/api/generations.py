"""The API of generations: order, list, look, cancel, hide, retry, delete."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from accounts.models import ApiKey
from generations import representations, selectors
from generations.api import examples, schemas
from generations.models import Generation
from generations.services import archives, history, lifecycle
from neuralbox.core.errors import FieldError, InvalidInput

LONGEST_KEY = 255
KEY_HEADER = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Same key and body: the first answer again. Same key, other body: 422. Kept for two days.",
)


def _payer(request: Request) -> dict[str, Any]:
    """Who pays, and under which limits: the person on the website, or an API key with its caps."""
    if isinstance(request.auth, ApiKey):
        key = request.auth
        return {"source": Generation.Source.API, "api_key_id": key.pk, "spender": key.spender, "caps": key.caps}
    return {"source": Generation.Source.WEB}


def _idempotency_key(request: Request) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise InvalidInput(
            errors=[FieldError("/Idempotency-Key", _("1 to 255 printable characters."), "invalid_header")]
        )
    return key


def base_url(request: Request) -> str:
    """The site as this caller addresses it."""
    return f"{request.scheme}://{request.get_host()}"


def _accepted(started: lifecycle.Started) -> Response:
    headers = {"Idempotent-Replayed": "true"} if started.replayed else {}
    headers["Location"] = f"/api/v1/generations/{started.id}"
    return Response(representations.started(started), status=202, headers=headers)


class GenerationsApi(APIView):
    @extend_schema(
        operation_id="generations_create",
        request=schemas.NewGeneration,
        responses={202: schemas.GenerationOutput},
        parameters=[KEY_HEADER],
        examples=[examples.CREATE, examples.CREATED],
        tags=["generations"],
        summary="Order a generation",
    )
    def post(self, request: Request) -> Response:
        """Redeems a quote, or prices and orders in one step. The price is held on your balance at once."""
        body = schemas.NewGeneration(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        order = lifecycle.Order(
            user_id=caller(request).pk,
            quote_id=wanted.get("quote"),
            model=wanted.get("model", ""),
            raw_input=wanted.get("input"),
            max_tokens=wanted.get("max_tokens"),
            webhook_url=wanted.get("webhook_url", ""),
            metadata=wanted.get("metadata"),
            idempotency_key=_idempotency_key(request),
            body=request.data,
            **_payer(request),
        )
        return _accepted(lifecycle.start(order))

    @extend_schema(
        operation_id="generations_list",
        parameters=[schemas.HistoryQuery],
        responses={200: schemas.GenerationPageOutput},
        tags=["generations"],
        summary="List your generations",
    )
    def get(self, request: Request) -> Response:
        """Newest first. Hidden ones are left out unless `hidden` says otherwise."""
        query = schemas.HistoryQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        wanted = dict(query.validated_data)
        cursor, page_size = wanted.pop("cursor", ""), wanted.pop("page_size")
        hidden = {"true": True, "false": False, "all": None}[wanted.pop("hidden")]
        page = selectors.history(
            caller(request).pk,
            selectors.HistoryFilter(**wanted, hidden=hidden),
            page_size=page_size,
            position=selectors.Position.decoded(cursor) if cursor else None,
        )
        return Response(
            {
                "next": _page_address(request, page.next),
                "previous": _page_address(request, page.previous),
                "results": [representations.generation(row, base_url(request)) for row in page.rows],
            }
        )


def _page_address(request: Request, position: selectors.Position | None) -> str | None:
    if position is None:
        return None
    query = request.query_params.copy()
    query["cursor"] = position.encoded()
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


class GenerationApi(APIView):
    @extend_schema(
        operation_id="generations_get",
        responses={200: schemas.GenerationOutput},
        examples=[examples.CREATED],
        tags=["generations"],
        summary="One generation",
    )
    def get(self, request: Request, generation_id: UUID) -> Response:
        return Response(
            representations.generation(selectors.generation_row(caller(request).pk, generation_id), base_url(request))
        )

    @extend_schema(
        operation_id="generations_delete", responses={204: None}, tags=["generations"], summary="Erase a generation"
    )
    def delete(self, request: Request, generation_id: UUID) -> Response:
        """Erases it with its files, for good. The ledger keeps what was paid, without the content."""
        history.delete(caller(request).pk, generation_id)
        return Response(status=204)


class _Action(APIView):
    """Does one thing with one generation of the caller's and shows it as it is afterwards."""

    http_method_names = ["post", "options"]

    def shown(self, request: Request, generation_id: UUID, status: int = 200) -> Response:
        row = selectors.generation_row(caller(request).pk, generation_id)
        return Response(representations.generation(row, base_url(request)), status=status)


class CancelApi(_Action):
    @extend_schema(
        operation_id="generations_cancel",
        request=None,
        responses={200: schemas.GenerationOutput},
        tags=["generations"],
        summary="Cancel",
    )
    def post(self, request: Request, generation_id: UUID) -> Response:
        """Stops it and gives the tokens back. 409 once the results are being saved."""
        lifecycle.cancel(history.owned(caller(request).pk, generation_id))
        return self.shown(request, generation_id)


class CheckApi(_Action):
    @extend_schema(
        operation_id="generations_check",
        request=None,
        responses={202: schemas.GenerationOutput},
        tags=["generations"],
        summary="Ask the provider now",
    )
    def post(self, request: Request, generation_id: UUID) -> Response:
        """Does not wait for the next poll. 409 when there is nothing to ask about."""
        lifecycle.check(history.owned(caller(request).pk, generation_id))
        return self.shown(request, generation_id, status=202)


class RetryApi(_Action):
    @extend_schema(
        operation_id="generations_retry",
        request=None,
        responses={202: schemas.GenerationOutput},
        tags=["generations"],
        summary="Order the same again",
    )
    def post(self, request: Request, generation_id: UUID) -> Response:
        """A new generation with the same input, at today's price. Only for what failed or was cancelled."""
        generation = history.owned(caller(request).pk, generation_id)
        return _accepted(lifecycle.retry(generation, **_payer(request)))


class HideApi(_Action):
    hidden = True

    @extend_schema(
        operation_id="generations_hide_one",
        request=None,
        responses={200: schemas.GenerationOutput},
        tags=["generations"],
        summary="Hide from the history",
    )
    def post(self, request: Request, generation_id: UUID) -> Response:
        history.set_hidden(caller(request).pk, [generation_id], self.hidden)
        return self.shown(request, generation_id)


class UnhideApi(HideApi):
    hidden = False

    @extend_schema(
        operation_id="generations_unhide_one",
        request=None,
        responses={200: schemas.GenerationOutput},
        tags=["generations"],
        summary="Show in the history again",
    )
    def post(self, request: Request, generation_id: UUID) -> Response:
        return super().post(request, generation_id)


class HideManyApi(APIView):
    @extend_schema(
        operation_id="generations_hide",
        request=schemas.Ids,
        responses={200: schemas.CountOutput},
        examples=[examples.HIDE],
        tags=["generations"],
        summary="Hide or show many",
    )
    def post(self, request: Request) -> Response:
        """Ids that are not yours are passed over; `count` says how many were yours."""
        body = schemas.Ids(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        return Response({"count": history.set_hidden(caller(request).pk, wanted["ids"], wanted["hidden"])})


class DeleteManyApi(APIView):
    @extend_schema(
        operation_id="generations_delete_many",
        request=schemas.Several,
        responses={200: schemas.DeletedOutput},
        examples=[examples.DELETE_MANY],
        tags=["generations"],
        summary="Erase many",
    )
    def post(self, request: Request) -> Response:
        """Erases them with their files, for good. Ids that are not yours are passed over."""
        body = schemas.Several(data=request.data)
        body.is_valid(raise_exception=True)
        outcome = history.delete_many(caller(request).pk, body.validated_data["ids"])
        return Response({"deleted": outcome.deleted, "active": outcome.active})


class DownloadManyApi(APIView):
    @extend_schema(
        operation_id="generations_download_many",
        request=schemas.Wanted,
        responses={200: schemas.DownloadOutput},
        examples=[examples.DOWNLOAD],
        tags=["generations"],
        summary="Download many",
    )
    def post(self, request: Request) -> Response:
        """A link to one ZIP of their results. Ids that are not yours are passed over; 404 when no file is left."""
        body = schemas.Wanted(data=request.data)
        body.is_valid(raise_exception=True)
        found = archives.link(caller(request).pk, body.validated_data["ids"])
        expires_at = datetime.fromtimestamp(found.expires_at, UTC)
        return Response(
            {
                "url": base_url(request) + found.path,
                "files": found.files,
                "bytes": found.bytes,
                "expires_at": representations.moment(expires_at),
            }
        )


class StoryApi(APIView):
    @extend_schema(
        operation_id="generations_story",
        responses={200: schemas.StoryOutput},
        tags=["generations"],
        summary="What happened to it",
    )
    def get(self, request: Request, generation_id: UUID) -> Response:
        """Its status changes, and which provider received the prompt and when."""
        generation = history.owned(caller(request).pk, generation_id)
        steps = [{**step, "at": representations.moment(step["at"])} for step in selectors.story(generation.pk)]
        return Response({"steps": steps})
