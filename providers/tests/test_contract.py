"""What holds for every adapter in the registry."""

import inspect
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from providers import registry
from providers.base import Output, ProviderAdapter, Submission
from providers.errors import InvalidWebhook, ProviderUnavailable

SLUGS = sorted(registry.ADAPTERS)
METHODS = (
    "build",
    "balance",
    "choices",
    "is_configured",
    "submit",
    "fetch",
    "find",
    "cancel",
    "delete",
    "parse_webhook",
    "open_output",
)


@pytest.fixture(params=SLUGS)
def adapter(request):
    return registry.adapter(request.param)


def test_the_registry_knows_each_adapter_under_its_own_slug():
    assert {slug: one.slug for slug, one in registry.ADAPTERS.items()} == {slug: slug for slug in SLUGS}


def test_an_unknown_slug_is_an_error():
    with pytest.raises(KeyError):
        registry.adapter("nobody")


@pytest.mark.parametrize("method", METHODS)
def test_every_method_takes_the_arguments_of_the_contract(adapter, method):
    expected = list(inspect.signature(getattr(ProviderAdapter, method)).parameters)[1:]
    assert list(inspect.signature(getattr(adapter, method)).parameters) == expected


def test_every_adapter_says_what_it_can_do(adapter):
    assert isinstance(adapter.has_idempotency_keys, bool)
    assert isinstance(adapter.accepts_webhooks, bool)
    assert adapter.is_configured() in {True, False}
    assert adapter.facts.name
    assert adapter.facts.requests > 0
    assert adapter.facts.per_seconds > 0
    assert adapter.facts.results_kept.total_seconds() > 0


def test_every_model_says_what_it_makes_and_takes(adapter):
    assert adapter.models
    for name, facts in adapter.models.items():
        assert facts.kind in {"image", "video", "audio", "text"}, name
        assert facts.inputs, name


def test_no_adapter_lists_what_nobody_knows(adapter, fake_providers, offline_engine):
    assert adapter.choices("weather") == ()


def test_every_adapter_tells_its_balance_or_that_it_cannot(adapter, fake_providers, offline_engine):
    balance = adapter.balance()
    assert balance is None or (balance.amount >= 0 and balance.unit)


def test_an_unreachable_provider_is_unavailable_and_never_surely_lost(settings):
    for slug in SLUGS:
        settings_of(slug, settings, "http://127.0.0.1:9")

    def errors_of(slug):
        return slug, [future.exception() for future in [threads.submit(call) for call in calls_of(slug)]]

    # Each call waits between its attempts: all wait together.
    with ThreadPoolExecutor(5 * len(SLUGS)) as threads, ThreadPoolExecutor(len(SLUGS)) as adapters:
        found = dict(adapters.map(errors_of, SLUGS))
    for slug, errors in found.items():
        assert [type(error) for error in errors[:3]] == [ProviderUnavailable] * 3, slug
        assert {type(error) for error in errors[3:]} <= {ProviderUnavailable, type(None)}, slug


def settings_of(slug, settings, address):
    for name in ("BASE_URL", "UPLOAD_BASE_URL"):
        setattr(settings, f"{slug.upper()}_{name}", address)
    setattr(settings, f"{slug.upper()}_API_KEY", "a-key")


def calls_of(slug):
    """Every call that goes out. The last two may know without asking that they cannot tell, or cannot stop it."""
    adapter = registry.adapter(slug)
    model = next(name for name, facts in adapter.models.items() if "prompt" in facts.inputs)

    def read_output():
        with adapter.open_output(Output("http://127.0.0.1:9/x", "image")) as download:
            list(download.chunks)

    return (
        lambda: adapter.submit(Submission(uuid.uuid4().hex, model, {"prompt": "sea"}, {}, "")),
        lambda: adapter.fetch("videos:task_1" if slug == "heygen" else "task_1"),
        read_output,
        lambda: adapter.find("reference"),
        lambda: adapter.cancel("task_1"),
    )


def test_who_offers_no_deletion_says_so_without_asking_anybody(fake_providers):
    deleting = [slug for slug, adapter in registry.ADAPTERS.items() if adapter.facts.deletes_on_request]
    assert deleting == ["heygen"]
    assert {adapter.delete("task_1") for slug, adapter in registry.ADAPTERS.items() if slug not in deleting} == {False}
    assert fake_providers.calls() == []


@pytest.mark.parametrize("body", [b"", b"{}", b"\x00\xff", b'{"task": {}}'])
def test_a_webhook_without_proof_is_refused(adapter, body):
    with pytest.raises(InvalidWebhook):
        adapter.parse_webhook({"Content-Type": "application/json"}, body)


def test_results_are_never_fetched_from_private_addresses(adapter, settings):
    settings.OFFLINE_BASE_URL = "http://127.0.0.1:8010"
    for url in ("http://169.254.169.254/latest", "http://10.0.0.1/x", "http://127.0.0.1:6379/", "file:///etc/passwd"):
        with pytest.raises(ProviderUnavailable), adapter.open_output(Output(url, "image")) as download:
            list(download.chunks)
