"""When a provider fails on the way: who is asked next, who is asked twice, who pays, and who hears of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing.selectors import balance
from billing.tests.helpers import assert_ledger_is_clean
from generations.models import Generation, ProviderTask
from generations.services import polls, reports, submissions, sweeps
from generations.tests import roads
from generations.tests.work import pass_deadline, run_due_jobs, skip_pauses, work_until, work_until_ended
from neuralbox.core.models import Job
from providers import registry
from providers.base import Output, TaskReport, TaskStatus
from providers.models import ProviderHealth
from providers.services import health, limits

pytestmark = pytest.mark.django_db(transaction=True)

PROMPT = {"prompt": "A lighthouse at dusk"}
LOST = ["lost_answer", "server_error_after_accepting", "malformed"]


@pytest.fixture(autouse=True)
def _no_pauses_of_other_tests(fake_providers):
    for provider in roads.PROVIDERS:
        limits.forget(provider)


@pytest.fixture
def two_routes(fake_providers, offered, settings) -> str:
    """A model that Kie.ai makes, and PiAPI too."""
    roads.only(settings, "kie", "piapi")
    offered("nano-banana", "z-image")
    return "nano-banana"


@pytest.fixture
def one_route(fake_providers, offered, settings) -> str:
    """A model that Kie.ai alone makes."""
    roads.only(settings, "kie")
    offered("z-image")
    return "z-image"


def asked(generation: Generation) -> list[tuple[str, str]]:
    """Who was asked, in order, and what became of it."""
    return list(generation.tasks.order_by("number").values_list("provider", "failure_code"))


def given(model: str, fault: str = "") -> dict:
    shape = {"aspect_ratio": "1:1"} if model == "nano-banana" else {}
    return {"prompt": f"A lighthouse [fault:{fault}]" if fault else "A lighthouse", **shape}


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.promise("P13")
def test_a_lost_answer_goes_elsewhere_and_never_twice_to_the_same(
    two_routes, alice, api_client_of, fake_providers, settings, fault
):
    settings.UNKNOWN_OUTCOME_PATIENCE = timedelta(0)
    fake_providers.fail_next(fault, path="createTask")
    client = api_client_of(alice)
    before = balance(alice.pk).available
    created = roads.order(client, two_routes, given(two_routes))
    generation = work_until_ended(created["id"])
    assert (generation.status, generation.provider) == ("succeeded", "piapi")
    assert asked(generation) == [("kie", "lost"), ("piapi", "")]
    assert len(roads.submissions(fake_providers, "kie")) == 1
    assert balance(alice.pk).available == before - created["tokens"]["quoted"]
    assert_ledger_is_clean()
    steps = client.get(f"/api/v1/generations/{generation.pk}/story").json()["steps"]
    assert [step["provider"] for step in steps if step["kind"] == "sent"] == ["kie", "piapi"]


def test_without_another_route_a_lost_order_waits_for_its_webhook(
    one_route, alice, api_client_of, fake_providers, live_server, settings
):
    settings.WEBHOOK_BASE_URL = live_server.url
    settings.UNKNOWN_OUTCOME_PATIENCE = timedelta(0)
    fake_providers.fail_next("lost_answer", path="createTask")
    generation = roads.end(api_client_of(alice), one_route, given(one_route))
    assert generation.status == "succeeded"
    assert len(roads.submissions(fake_providers, "kie")) == 1
    assert generation.tasks.count() == 1


def test_a_lost_order_that_is_never_heard_of_ends_at_the_deadline_and_is_not_repeated(
    one_route, alice, api_client_of, fake_providers, settings
):
    settings.UNKNOWN_OUTCOME_PATIENCE = timedelta(0)
    before = balance(alice.pk)
    created = roads.order(api_client_of(alice), one_route, given(one_route, "no_webhook"))
    fake_providers.fail_next("lost_answer", path="createTask")
    run_due_jobs()
    for _time in range(3):
        skip_pauses()
        polls.poll_due()
        run_due_jobs()
    assert len(roads.submissions(fake_providers, "kie")) == 1
    pass_deadline(created["id"])
    sweeps.fail_overdue()
    assert Generation.objects.get(pk=created["id"]).error["code"] == "deadline_exceeded"
    assert balance(alice.pk) == before


def test_a_lost_attempt_that_comes_back_is_taken_and_the_other_is_not_charged(
    two_routes, alice, api_client_of, fake_providers, live_server, settings
):
    settings.UNKNOWN_OUTCOME_PATIENCE = timedelta(0)
    fake_providers.fail_next("lost_answer", path="createTask")
    before = balance(alice.pk).available
    created = roads.order(api_client_of(alice), two_routes, given(two_routes, "never"))
    tasks = ProviderTask.objects.filter(generation_id=created["id"])
    work_until(lambda: tasks.filter(provider="piapi", status__in=ProviderTask.OPEN).exists())
    lost = tasks.get(provider="kie")
    assert lost.status == "unknown"
    link = fake_providers.files.publish(fake_providers.url, "png")
    reports.apply(lost, TaskReport("found-again", TaskStatus.SUCCEEDED, outputs=(Output(link, "image"),)))
    generation = work_until_ended(created["id"])
    assert (generation.status, generation.provider) == ("succeeded", "kie")
    assert balance(alice.pk).available == before - created["tokens"]["quoted"]
    work_until(lambda: not tasks.filter(status__in=ProviderTask.OPEN).exists())
    assert_ledger_is_clean()


def test_an_idempotency_key_lets_the_same_order_be_sent_again(alice, api_client_of, fake_providers, offered, settings):
    roads.only(settings, "heygen")
    offered("heygen-avatar")
    adapter = registry.adapter("heygen")
    choices = {setting: adapter.choices(setting)[0].value for setting in ("avatar", "voice")}
    fake_providers.fail_next("lost_question", path="/v3/videos")
    generation = roads.end(api_client_of(alice), "heygen-avatar", {**roads.ORDERS["heygen"][1], **choices})
    assert generation.status == "succeeded"
    assert asked(generation) == [("heygen", "")]
    sent = roads.submissions(fake_providers, "heygen")
    assert len(sent) == 2
    assert len({call.headers["idempotency-key"] for call in sent}) == 1


@pytest.mark.parametrize(("fault", "reason"), [("no_credits", "credits_exhausted"), ("bad_key", "credentials_refused")])
def test_our_own_trouble_takes_the_provider_out_and_moves_the_work_on(
    two_routes, alice, api_client_of, fake_providers, fault, reason
):
    fake_providers.fail_next(fault, path="createTask")
    client = api_client_of(alice)
    generation = roads.end(client, two_routes, given(two_routes))
    assert (generation.status, generation.provider) == ("succeeded", "piapi")
    assert asked(generation) == [("kie", reason), ("piapi", "")]
    row = ProviderHealth.objects.get(provider="kie")
    assert (row.status, row.reason) == ("open", reason)
    roads.end(client, two_routes, given(two_routes))
    assert len(roads.submissions(fake_providers, "kie")) == 1, "nothing more is sent there"


@pytest.mark.parametrize("fault", ["no_credits", "bad_key"])
def test_our_own_trouble_is_never_the_customer_s_fault(one_route, alice, api_client_of, fake_providers, fault):
    fake_providers.fail_next(fault, path="createTask")
    client = api_client_of(alice)
    before = balance(alice.pk)
    generation = roads.end(client, one_route, given(one_route))
    shown = client.get(f"/api/v1/generations/{generation.pk}").json()["error"]
    assert (shown["code"], shown["retryable"], shown["charged"]) == ("provider_unavailable", True, False)
    assert not any(word in shown["detail"].lower() for word in ("credit", "key", "401", "402"))
    assert balance(alice.pk) == before
    again = client.post("/api/v1/generations", {"model": one_route, "input": given(one_route)}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "model_unavailable")


def test_a_provider_that_was_too_busy_is_asked_again_after_its_pause(one_route, alice, api_client_of, fake_providers):
    fake_providers.fail_next("too_fast", path="createTask")
    created = roads.order(api_client_of(alice), one_route, given(one_route))
    run_due_jobs()
    row = health.row_of("kie")
    assert limits.take(row, "somebody else") > 0, "all workers pause"
    assert (row.status, row.failures) == ("closed", 0)
    limits.forget("kie")
    generation = work_until_ended(created["id"])
    assert generation.status == "succeeded"
    assert asked(generation) == [("kie", "rate_limited"), ("kie", "")]


def test_maintenance_passes_by_itself(one_route, alice, api_client_of, fake_providers):
    fake_providers.fail_next("maintenance", path="createTask")
    created = roads.order(api_client_of(alice), one_route, given(one_route))
    run_due_jobs()
    limits.forget("kie")
    assert work_until_ended(created["id"]).status == "succeeded"


def test_an_order_does_not_wait_for_a_provider_that_rests_for_long_while_another_is_free(
    two_routes, alice, api_client_of, fake_providers
):
    fake_providers.fail_next("maintenance", path="createTask")
    created = roads.order(api_client_of(alice), two_routes, given(two_routes))
    run_due_jobs()
    generation = Generation.objects.get(pk=created["id"])
    assert [provider for provider, _code in asked(generation)] == ["kie", "piapi"]
    assert limits.take(health.row_of("kie"), "somebody else") > 0, "nobody disturbs the one that rests"


def test_refused_settings_are_tried_elsewhere_and_then_told(two_routes, alice, api_client_of, fake_providers):
    fake_providers.fail_next("rejected", path="createTask")
    generation = roads.end(api_client_of(alice), two_routes, given(two_routes))
    assert asked(generation) == [("kie", "rejected"), ("piapi", "")]
    assert generation.status == "succeeded"


def test_refused_content_is_shown_to_no_other_provider(two_routes, alice, api_client_of, fake_providers):
    before = balance(alice.pk)
    generation = roads.end(api_client_of(alice), two_routes, given(two_routes, "moderation"))
    assert generation.error["code"] == "moderation"
    assert [provider for provider, _code in asked(generation)] == ["kie"]
    assert balance(alice.pk) == before


def test_an_unreachable_provider_rests_and_its_work_goes_elsewhere(
    two_routes, alice, api_client_of, fake_providers, settings
):
    settings.KIE_BASE_URL = "http://127.0.0.1:9"
    settings.KIE_UPLOAD_BASE_URL = "http://127.0.0.1:9"
    client = api_client_of(alice)
    for _time in range(health.FAILURES_TO_OPEN - 1):
        health.failed("kie", "no connection")
    generation = roads.end(client, two_routes, given(two_routes))
    assert asked(generation) == [("kie", "unavailable"), ("piapi", "")]
    row = ProviderHealth.objects.get(provider="kie")
    assert (row.status, row.reason) == ("open", "unavailable")
    generation = roads.end(client, two_routes, given(two_routes))
    assert asked(generation) == [("piapi", "")], "it is spared while it rests"


def test_work_of_a_resting_provider_waits_for_its_probe(one_route, alice, api_client_of, fake_providers, settings):
    for _time in range(health.FAILURES_TO_OPEN):
        health.failed("kie", "HTTP 502")
    created = roads.order(api_client_of(alice), one_route, given(one_route))
    run_due_jobs()
    assert not ProviderTask.objects.exists()
    assert Job.objects.get(name="generations.submit").run_at > timezone.now()
    ProviderHealth.objects.update(probe_at=timezone.now())
    assert health.probe_due() == 1
    assert work_until_ended(created["id"]).status == "succeeded"


def test_no_more_tasks_are_open_at_once_than_the_provider_bears(one_route, alice, api_client_of, fake_providers):
    row = health.row_of("kie")
    ProviderHealth.objects.filter(pk=row.pk).update(concurrent=2)
    client = api_client_of(alice)
    for _number in range(4):
        roads.order(client, one_route, given(one_route, "never"))
    run_due_jobs()
    assert len(roads.submissions(fake_providers, "kie")) == 2
    assert ProviderTask.objects.filter(status__in=submissions.AT_THE_PROVIDER).count() == 2
    assert Job.objects.filter(name="generations.submit", run_at__gt=timezone.now()).count() == 2
    first = ProviderTask.objects.order_by("number", "created_at").first()
    client.post(f"/api/v1/generations/{first.generation_id}/cancel")
    run_due_jobs()
    skip_pauses()
    run_due_jobs()
    assert len(roads.submissions(fake_providers, "kie")) == 3


def test_no_more_is_sent_than_the_provider_s_rate(one_route, alice, api_client_of, fake_providers):
    row = health.row_of("kie")
    ProviderHealth.objects.filter(pk=row.pk).update(requests=3, per_seconds=60)
    client = api_client_of(alice)
    for _number in range(5):
        roads.order(client, one_route, given(one_route))
    run_due_jobs()
    skip_pauses()
    run_due_jobs()
    assert len(roads.submissions(fake_providers, "kie")) == 3
    assert limits.waiting("kie") == 2
    assert not ProviderTask.objects.filter(failure_code="rate_limited").exists()


def test_a_dead_link_is_renewed_by_asking_again(one_route, alice, api_client_of, fake_providers):
    generation = roads.end(api_client_of(alice), one_route, given(one_route, "expired_link"))
    assert generation.status == "succeeded"


@pytest.mark.parametrize("fault", ["wrong_type", "endless_file"])
def test_a_result_that_is_not_what_was_promised_is_refused_and_costs_nothing(
    one_route, alice, api_client_of, fake_providers, settings, fault
):
    before = balance(alice.pk)
    generation = roads.end(api_client_of(alice), one_route, given(one_route, fault))
    assert generation.error["code"] == "no_result"
    assert not generation.assets.exists()
    assert balance(alice.pk) == before


def test_a_sound_file_of_another_type_than_promised_is_refused_and_recorded(
    fake_providers, offered, alice, api_client_of, settings
):
    roads.only(settings, "kie")
    offered("nano-banana")
    before = balance(alice.pk)
    asked_for = {"prompt": "A lighthouse [fault:other_type]", "output_format": "png"}
    generation = roads.end(api_client_of(alice), "nano-banana", asked_for)
    assert (generation.status, generation.error["code"]) == ("failed", "wrong_type")
    task = generation.tasks.get()
    assert (task.failure_code, task.failure) == (
        "wrong_type",
        "promised image/png: not a promised type: image/webp",
    )
    assert not generation.assets.exists()
    assert balance(alice.pk) == before
    assert_ledger_is_clean()


@pytest.mark.parametrize("fault", ["private_redirect", "broken_off_file"])
def test_a_result_that_cannot_be_fetched_is_tried_again_until_the_deadline(
    one_route, alice, api_client_of, fake_providers, fault
):
    created = roads.order(api_client_of(alice), one_route, given(one_route, fault))
    saving = Generation.objects.filter(pk=created["id"], status="saving")
    work_until(saving.exists)
    run_due_jobs()
    job = Job.objects.get(name="generations.save_results")
    assert job.attempts >= 1
    assert not saving.get().assets.exists()
    pass_deadline(created["id"])
    sweeps.fail_overdue()
    assert Generation.objects.get(pk=created["id"]).error["code"] == "deadline_exceeded"
