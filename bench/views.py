"""What the API is compared with: an empty view, and views written by hand that return the same bytes.

They stand behind the same authentication, permissions and rate limits, in the same server.
"""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generations.services import files

SQL = """
    SELECT g.id, m.slug, g.modality, g.status, g.progress, g.stage, g.input, g.tokens_quoted, g.tokens_captured,
           g.error, g.provider, g.source, g.hidden, g.metadata, g.retry_of_id, g.deadline, g.created_at, g.started_at,
           g.finished_at, (SELECT json_agg(json_build_object('id', a.id, 'kind', a.kind, 'mime', a.mime,
           'bytes', a.bytes, 'width', a.width, 'height', a.height, 'seconds', a.seconds, 'key', a.storage_key,
           'thumbnail', a.thumbnail_key, 'sha256', a.sha256, 'is_late', a.is_late, 'expires_at', a.expires_at))
           FROM generations_asset a WHERE a.generation_id = g.id)
    FROM generations_generation g JOIN generations_model m ON m.id = g.model_id WHERE g.user_id = %s
"""


class Empty(APIView):
    def get(self, request: Request) -> Response:
        return Response({})

    def post(self, request: Request) -> Response:
        return Response({}, status=202)


class HandWrittenOne(APIView):
    def get(self, request: Request, generation_id: UUID) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute(f"{SQL} AND g.id = %s", [request.user.pk, generation_id])
            row = cursor.fetchone()
        return _answer(_shown(row, request))


class HandWrittenList(APIView):
    def get(self, request: Request) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute(f"{SQL} AND NOT g.hidden ORDER BY g.created_at DESC, g.id DESC LIMIT 21", [request.user.pk])
            rows = cursor.fetchall()
        shown = [_shown(row, request) for row in rows[:20]]
        return _answer({"next": "x" * 150, "previous": None, "results": shown})


def _answer(content: Any) -> HttpResponse:
    return HttpResponse(json.dumps(content, ensure_ascii=False), content_type="application/json")


def _time(value: datetime | None) -> str | None:
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03}Z" if value else None


def _shown(row: Any, request: Request) -> dict[str, Any]:
    base = f"{request.scheme}://{request.get_host()}"
    name = f"{row[1]}-{str(row[0])[:8]}.png"
    assets = []
    for asset in json.loads(row[19]) if isinstance(row[19], str) else row[19] or []:
        key, thumbnail = asset.pop("key"), asset.pop("thumbnail")
        asset["url"] = base + files.link(key, mime=asset["mime"], filename=name)
        asset["download_url"] = base + files.link(key, mime=asset["mime"], filename=name, download=True)
        asset["thumbnail_url"] = base + files.link(thumbnail, mime="image/webp", filename="thumbnail.webp")
        assets.append(asset)
    return {
        "id": str(row[0]),
        "model": row[1],
        "modality": row[2],
        "status": row[3],
        "progress": row[4],
        "stage": row[5],
        "input": json.loads(row[6]),
        "tokens": {"quoted": row[7], "held": 0, "captured": row[8], "released": row[7] - row[8]},
        "assets": assets,
        "error": None,
        "provider": row[10],
        "source": row[11],
        "hidden": row[12],
        "metadata": json.loads(row[13]),
        "retry_of": None,
        "deadline": _time(row[15]),
        "created_at": _time(row[16]),
        "started_at": _time(row[17]),
        "finished_at": _time(row[18]),
        "queue_position": None,
        "estimated_finish_at": None,
    }
