import pytest
from django.test import Client, override_settings


def test_alive_answers_without_touching_the_database(client: Client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_ready_names_every_dependency(client: Client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"] == {"database": "ok", "broker": "ok", "storage": "ok"}


@pytest.mark.django_db
def test_ready_is_503_with_the_reason_when_the_broker_is_away(client: Client):
    nobody = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    with override_settings(CACHES={"default": nobody}):
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["broker"] == "ConnectionError"
    assert answer.json()["checks"]["database"] == "ok"


@pytest.mark.django_db
def test_metrics_count_requests_by_route(client: Client):
    client.get("/healthz")
    text = client.get("/metrics").content.decode()
    assert 'neuralbox_request_seconds_count{method="GET",route="healthz",status="200"}' in text
    assert 'neuralbox_jobs{state="waiting"} 0.0' in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "caller",
    [{"REMOTE_ADDR": "203.0.113.7"}, {"HTTP_X_FORWARDED_FOR": "203.0.113.7"}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}],
    ids=["from elsewhere", "through an unknown proxy", "pretending"],
)
def test_metrics_do_not_exist_for_strangers(client: Client, caller):
    assert client.get("/metrics", **caller).status_code == 404


@pytest.mark.django_db
def test_metrics_answer_an_allowed_network_behind_a_known_proxy(client: Client):
    with override_settings(TRUSTED_PROXIES=1, METRICS_ALLOWED=["198.51.100.0/24"]):
        assert client.get("/metrics", HTTP_X_FORWARDED_FOR="198.51.100.9").status_code == 200
        assert client.get("/metrics", HTTP_X_FORWARDED_FOR="198.51.100.9, 203.0.113.7").status_code == 404
