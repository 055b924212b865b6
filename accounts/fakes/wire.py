"""A request and an answer, as the imitations see them."""

import base64
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl


@dataclass
class Call:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""

    @cached_property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True))

    @cached_property
    def json(self) -> dict[str, Any]:
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def basic(self) -> tuple[str, str]:
        """User and password of HTTP Basic; empty without it."""
        scheme, _space, packed = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return "", ""
        user, _colon, password = base64.b64decode(packed).decode().partition(":")
        return user, password

    def token(self, scheme: str) -> str:
        """The token after that word in `Authorization`."""
        sent, _space, token = self.headers.get("authorization", "").partition(" ")
        return token if sent.lower() == scheme.lower() else ""

    @property
    def language(self) -> str:
        return "ru" if self.headers.get("accept-language", "").lower().startswith("ru") else "en"


@dataclass
class Answer:
    status: int
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    mime: str = ""
