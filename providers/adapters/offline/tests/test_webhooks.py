"""Webhooks: signed by the engine, believed by the adapter only when fresh and whole."""

import json
import time

import pytest
import requests
from werkzeug import Response

from providers.adapters.offline import wire
from providers.adapters.offline.tests.ordering import adapter, submission, until_done
from providers.base import TaskStatus
from providers.errors import InvalidWebhook


def wait_for(condition, seconds=8):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def inbox(httpserver):
    """A receiver on loopback that keeps what it got; `answers` are its next status codes, then 200."""

    class Inbox:
        url = httpserver.url_for("/hook")
        got = []
        answers = []

        def receive(self, request):
            self.got.append((dict(request.headers), request.get_data()))
            return Response(status=self.answers.pop(0) if self.answers else 200)

    box = Inbox()
    box.got, box.answers = [], []
    httpserver.expect_request("/hook", method="POST").respond_with_handler(box.receive)
    return box


@pytest.mark.usefixtures("offline_engine")
def test_the_end_of_a_task_is_told_once_and_believed(inbox):
    order = submission(webhook_url=inbox.url, simulate={"instant": True})
    accepted = adapter.submit(order)
    wait_for(lambda: inbox.got)
    told = adapter.parse_webhook(*inbox.got[0])
    assert (told.reference, told.external_id) == (order.reference, accepted.external_id)
    assert told.report.status is TaskStatus.SUCCEEDED
    assert told.report == adapter.fetch(accepted.external_id)
    time.sleep(0.5)
    assert len(inbox.got) == 1


@pytest.mark.usefixtures("offline_engine")
def test_a_failure_is_told_too(inbox):
    adapter.submit(submission(webhook_url=inbox.url, simulate={"outcome": "moderation"}))
    wait_for(lambda: inbox.got)
    assert adapter.parse_webhook(*inbox.got[0]).report.failure.moderation


@pytest.mark.usefixtures("offline_engine")
def test_twice_is_the_same_delivery_two_times(inbox):
    adapter.submit(submission(webhook_url=inbox.url, simulate={"instant": True, "webhook": "twice"}))
    wait_for(lambda: len(inbox.got) == 2)
    assert len({adapter.parse_webhook(*one).delivery_id for one in inbox.got}) == 1


@pytest.mark.usefixtures("offline_engine")
def test_none_is_none(inbox):
    done = until_done(adapter.submit(submission(webhook_url=inbox.url, simulate={"instant": True, "webhook": "none"})))
    time.sleep(0.3)
    assert done.status is TaskStatus.SUCCEEDED
    assert inbox.got == []


@pytest.mark.usefixtures("offline_engine")
def test_late_comes_well_after_the_end(inbox):
    until_done(adapter.submit(submission(webhook_url=inbox.url, simulate={"instant": True, "webhook": "late"})))
    assert inbox.got == []
    wait_for(lambda: inbox.got)


@pytest.mark.usefixtures("offline_engine")
def test_an_unanswered_webhook_is_repeated_and_then_given_up(inbox, offline_engine):
    inbox.answers = [500, 503, 404, 500, 500, 500]
    adapter.submit(submission(webhook_url=inbox.url, simulate={"instant": True}))
    attempts = len(offline_engine.options.webhook_pauses)
    wait_for(lambda: len(inbox.got) == attempts)
    time.sleep(0.8)
    assert len(inbox.got) == attempts
    assert len({adapter.parse_webhook(*one).delivery_id for one in inbox.got}) == 1


def signed(body: bytes, *, key=None, at=None, delivery_id="d-1"):
    timestamp = int(at or time.time())
    return {
        wire.DELIVERY_HEADER: delivery_id,
        wire.TIMESTAMP_HEADER: str(timestamp),
        wire.SIGNATURE_HEADER: wire.signature(
            key or wire.api_key(), delivery_id=delivery_id, timestamp=timestamp, body=body
        ),
    }


BODY = json.dumps(
    {"type": "task.finished", "task": {"id": "task_1", "reference": "r", "status": "succeeded", "progress": 1}}
).encode()


def test_header_names_may_come_in_any_case():
    headers = {name.upper(): value for name, value in signed(BODY).items()}
    assert adapter.parse_webhook(headers, BODY).external_id == "task_1"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (signed(BODY, key="another key"), BODY),
        (signed(BODY), BODY.replace(b"succeeded", b"failed")),
        (signed(BODY, at=time.time() - 4000), BODY),
        (signed(BODY, at=time.time() + 40_000), BODY),
        ({**signed(BODY), wire.DELIVERY_HEADER: "d-2"}, BODY),
        ({**signed(BODY), wire.TIMESTAMP_HEADER: str(int(time.time()) - 7)}, BODY),
        ({**signed(BODY), wire.SIGNATURE_HEADER: ""}, BODY),
        ({**signed(BODY), wire.SIGNATURE_HEADER: "v1=ключ"}, BODY),
        ({}, BODY),
        (signed(b"[]"), b"[]"),
        (signed(b"\xff"), b"\xff"),
    ],
    ids=["key", "body", "replayed", "from the future", "delivery", "timestamp", "no signature", "not ascii", "bare",
         "no task", "no json"],
)  # fmt: skip
def test_forged_and_replayed_webhooks_are_refused(headers, body):
    with pytest.raises(InvalidWebhook):
        adapter.parse_webhook(headers, body)


def test_the_engine_posts_nothing_to_private_addresses_but_loopback(offline_engine):
    answer = requests.get(f"{offline_engine.url}/v1/health", timeout=5)
    assert answer.json() == {"status": "ok"}
    adapter.submit(submission(webhook_url="http://10.255.255.1/hook", simulate={"instant": True}))
    assert requests.get(f"{offline_engine.url}/v1/health", timeout=5).ok
