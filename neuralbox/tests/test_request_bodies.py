"""Bodies are limited before they are received, whatever the server."""

import json

import pytest

from neuralbox.core.request_bodies import BodyLimit
from neuralbox.tests import asynchronous

LIMIT = 2 * 1024 * 1024
PIECE = bytes(64 * 1024)


class Connection:
    """One request to an application that receives the whole body, then says how much came."""

    def __init__(self, path: str, headers: dict[str, str]) -> None:
        self.scope = {
            "type": "http",
            "path": path,
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        self.received_by_us = self.received_by_application = 0
        self.sent: list[dict] = []

    def send_pieces(self, number: int) -> "Connection":
        asynchronous.run(BodyLimit(self._application)(self.scope, self._receiver(number), self._send))
        return self

    def _receiver(self, number: int):
        async def receive() -> dict:
            self.received_by_us += len(PIECE)
            return {"type": "http.request", "body": PIECE, "more_body": self.received_by_us < number * len(PIECE)}

        return receive

    async def _application(self, scope, receive, send) -> None:
        while (message := await receive())["type"] == "http.request":
            self.received_by_application += len(message["body"])
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    async def _send(self, message: dict) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return self.sent[0]["status"]

    @property
    def body(self) -> dict:
        return json.loads(self.sent[-1]["body"])


def test_a_body_within_the_limit_passes():
    connection = Connection("/api/v1/generations", {}).send_pieces(32)
    assert connection.status == 200
    assert connection.received_by_application == LIMIT


def test_a_body_that_announces_too_much_is_not_received():
    connection = Connection("/api/v1/generations", {"content-length": str(LIMIT + 1), "accept-language": "en"})
    connection.send_pieces(33)
    assert (connection.status, connection.received_by_us) == (413, 0)
    assert connection.body["code"] == "body_too_large"
    assert connection.body["limit_bytes"] == LIMIT
    assert connection.body["title"] == "The request is too large"
    assert len(connection.sent) == 2


@pytest.mark.parametrize("headers", [{}, {"content-length": "10"}, {"content-length": "many"}])
def test_a_body_that_turns_out_too_large_is_cut(headers):
    connection = Connection("/api/v1/generations", headers).send_pieces(1000)
    assert connection.status == 413
    assert connection.received_by_us == LIMIT + len(PIECE)
    assert connection.received_by_application == LIMIT
    assert len(connection.sent) == 2


def test_uploads_may_be_larger(settings):
    settings.LARGE_BODIES = {"/api/v1/uploads": {"bytes": 2 * LIMIT, "code": "upload_too_large"}}
    assert Connection("/api/v1/uploads", {}).send_pieces(64).status == 200
    refused = Connection("/api/v1/uploads", {}).send_pieces(65)
    assert (refused.status, refused.body["code"]) == (413, "upload_too_large")


@pytest.mark.django_db
def test_json_beyond_the_limit_is_refused_under_wsgi_too(alice, api_client_of):
    huge = json.dumps({"model": "demo-image", "input": {"prompt": "x" * LIMIT}})
    refused = api_client_of(alice).post("/api/v1/generations", huge, content_type="application/json")
    assert refused.status_code == 413
    assert refused.json()["code"] == "body_too_large"
