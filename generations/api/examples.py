"""Examples for the API's documentation. A test sends and compares them."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

NEW_GENERATION = {
    "model": "demo-image",
    "input": {"prompt": "A lighthouse on a cliff at dusk, calm sea"},
    "max_tokens": 20,
    "metadata": {"order": "A-17"},
}

GENERATION: dict[str, Any] = {
    "id": "019ab7c4-5d5e-7cc3-98a5-3f1d1a3ba001",
    "model": "demo-image",
    "modality": "image",
    "status": "queued",
    "progress": 0.0,
    "stage": "",
    "input": {"prompt": "A lighthouse on a cliff at dusk, calm sea", "count": 1, "aspect_ratio": "1:1"},
    "tokens": {"quoted": 4, "held": 4, "captured": 0, "released": 0},
    "assets": [],
    "error": None,
    "provider": None,
    "source": "api",
    "hidden": False,
    "metadata": {"order": "A-17"},
    "retry_of": None,
    "deadline": "2026-11-24T12:05:00.000Z",
    "created_at": "2026-11-24T12:00:00.000Z",
    "started_at": None,
    "finished_at": None,
    "queue_position": None,
    "estimated_finish_at": None,
}

CREATE = OpenApiExample("A picture, at most 20 tokens", value=NEW_GENERATION, request_only=True)
CREATED = OpenApiExample("Accepted", value=GENERATION, response_only=True, status_codes=["200", "202"])
DELETE_MANY = OpenApiExample("Delete", {"ids": ["01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e"]}, request_only=True)
HIDE = OpenApiExample("Hide one", value={"ids": [GENERATION["id"]]}, request_only=True)
DOWNLOAD = OpenApiExample("Download one", value={"ids": [GENERATION["id"]]}, request_only=True)
