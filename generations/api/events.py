"""Server-sent events over plain HTTP. Under an ASGI server `generations.streams` keeps them open instead.

Here each request is answered with the present state and with what was missed since `Last-Event-ID`, and then ends:
a client that follows the standard comes again after `retry` milliseconds. So streams degrade to polling.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

import billing.selectors
from accounts.authentication import caller
from generations import selectors
from generations.models import Event
from generations.representations import moment
from generations.services import history
from neuralbox.core.errors import FieldError, InvalidInput

RETRY_MILLISECONDS = 3000
REPLAYED_AT_MOST = 500
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may listen to what, from which event on, until when."""

    user_id: UUID
    generation_id: UUID | None
    last_event_id: int | None
    until: datetime | None


def encoded(kind: str, data: dict[str, Any], event_id: int | None = None) -> str:
    """One event in the text/event-stream format (HTML Standard, section 9.2)."""
    lines = [f"id: {event_id}"] if event_id is not None else []
    lines += [f"event: {kind}", f"data: {json.dumps(data, ensure_ascii=False)}"]
    return "\n".join(lines) + "\n\n"


def opening(admission: Admission) -> Iterator[str]:
    """What every stream begins with: missed events, then the present state, which is the truth."""
    yield f"retry: {RETRY_MILLISECONDS}\n\n"
    yield from _missed(admission)
    if admission.generation_id:
        row = selectors.generation_row(admission.user_id, admission.generation_id)
        yield from _present(row)
    else:
        active = selectors.HistoryFilter(status=("queued", "running", "saving"), hidden=None)
        for row in reversed(selectors.history(admission.user_id, active, page_size=100).rows):
            yield from _present(row)
        yield encoded("balance", asdict(billing.selectors.balance(admission.user_id)))


def _missed(admission: Admission) -> Iterator[str]:
    if admission.last_event_id is None:
        return
    events = Event.objects.filter(user_id=admission.user_id, id__gt=admission.last_event_id)
    if admission.generation_id:
        events = events.filter(generation_id=admission.generation_id)
    for event in events.order_by("id")[:REPLAYED_AT_MOST]:
        yield encoded(event.kind, {"generation": str(event.generation_id), **event.payload}, event.pk)


def _present(row: selectors.Row) -> Iterator[str]:
    generation = str(row["id"])
    error = (row["error"] or {}).get("code")
    yield encoded(
        "status",
        {
            "generation": generation,
            "status": row["status"],
            "queue_position": row["queue_position"],
            "deadline": moment(row["deadline"]),
            "error": error,
        },
    )
    if row["status"] == "running":
        yield encoded("progress", {"generation": generation, "progress": row["progress"], "stage": row["stage"]})


class _AnyAccept(BaseContentNegotiation):
    """A stream is what it is, whatever `Accept` says."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class Admitted(HttpResponse):
    """The finite answer, and the admission from which an open stream can be made of it."""

    def __init__(self, admission: Admission, body: str) -> None:
        super().__init__(body, content_type="text/event-stream; charset=utf-8", headers=HEADERS)
        self.admission = admission


_STREAM = OpenApiResponse(
    OpenApiTypes.STR,
    description="Events `status`, `progress`, `asset`, `balance`.",
    examples=[
        OpenApiExample(
            "A change of status",
            value='id: 41\nevent: status\ndata: {"generation": "019ab7c4-…", "status": "running", "error": null}\n\n',
            media_type="text/event-stream",
        )
    ],
)
_LAST_EVENT = OpenApiParameter(
    "Last-Event-ID", OpenApiTypes.STR, OpenApiParameter.HEADER, description="The last event seen: go on from there."
)


class _StreamApi(APIView):
    content_negotiation_class = _AnyAccept

    def admit(self, request: Request, generation_id: UUID | None) -> HttpResponse:
        admission = Admission(
            user_id=caller(request).pk,
            generation_id=generation_id,
            last_event_id=_last_event_id(request),
            until=getattr(request.auth, "expires_at", None),
        )
        if generation_id:
            history.owned(caller(request).pk, generation_id)
        kept_open = getattr(request._request, "is_kept_open", False)
        return Admitted(admission, "" if kept_open else "".join(opening(admission)))


class EventsApi(_StreamApi):
    @extend_schema(
        operation_id="events",
        parameters=[_LAST_EVENT],
        responses={(200, "text/event-stream"): _STREAM},
        tags=["events"],
        summary="Follow everything of yours",
    )
    def get(self, request: Request) -> HttpResponse:
        """Server-sent events of all your generations and of your balance. Begins with the present state."""
        return self.admit(request, None)


class GenerationEventsApi(_StreamApi):
    @extend_schema(
        operation_id="generation_events",
        parameters=[_LAST_EVENT],
        responses={(200, "text/event-stream"): _STREAM},
        tags=["events"],
        summary="Follow one generation",
    )
    def get(self, request: Request, generation_id: UUID) -> HttpResponse:
        """Server-sent events of one generation. The stream ends after the generation has ended."""
        return self.admit(request, generation_id)


def _last_event_id(request: Request) -> int | None:
    text = request.headers.get("Last-Event-ID") or request.query_params.get("last_event_id") or ""
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise InvalidInput(errors=[FieldError("/Last-Event-ID", _("Send the id of an event that you received."))])
    return int(text)
