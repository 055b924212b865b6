"""Every model by every route: ordered, made by the stand-in, brought home as a file of the type that is promised."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import pytest

from billing.tests.helpers import assert_ledger_is_clean
from generations.catalogue import input_schemas
from generations.catalogue.files import ModelFile, RoutePart
from generations.models import Asset, Generation, ProviderTask, Route, Upload
from generations.services import catalogue, lifecycle
from generations.tests import roads
from generations.tests.fixtures import read_catalogue
from generations.tests.route_inputs import inputs_of, offered
from generations.tests.work import run_due_jobs, work_until
from neuralbox.core import storage
from providers import registry
from providers.fakes import samples
from providers.models import ProviderHealth

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("whole_catalogue")]

Ordered = tuple[ModelFile, RoutePart]
ENTRIES = [one for one in read_catalogue() if not one.local_only]
# Fits everywhere.
FILES = {
    "image": {"mime": "image/jpeg", "width": 1024, "height": 1024, "seconds": None},
    "video": {"mime": "video/mp4", "width": 1280, "height": 720, "seconds": 5.0},
    "audio": {"mime": "audio/mpeg", "width": None, "height": None, "seconds": 10.0},
}
CONTENT = bytes(1000)


@pytest.fixture
def quick_films(monkeypatch) -> Iterator[None]:
    """Films of few frames: what is made here is only looked at for its type."""
    samples._film.cache_clear()
    monkeypatch.setattr(samples, "_FRAMES_PER_SECOND", 2)
    yield
    samples._film.cache_clear()


@pytest.fixture(params=roads.PROVIDERS)
def provider(request, fake_providers, settings, live_server, quick_films) -> str:
    """The only one that is connected. It takes as much at once as is ordered here, and can call us back."""
    roads.only(settings, request.param)
    settings.WEBHOOK_BASE_URL = live_server.url
    ProviderHealth.objects.create(provider=request.param, requests=10_000, per_seconds=1, concurrent=10_000)
    return request.param


@pytest.fixture
def customer(alice, tokens_for, tmp_path):
    """Has tokens for everything, and a file of each kind."""
    tokens_for(alice, 1_000_000)
    for kind, facts in FILES.items():
        (tmp_path / "file").write_bytes(CONTENT)
        key = f"uploads/{alice.pk}/{kind}"
        storage.store().put(key, tmp_path / "file", mime=str(facts["mime"]))
        Upload.objects.create(user=alice, sha256="0" * 64, storage_key=key, kind=kind, bytes=len(CONTENT), **facts)
    return alice


def rounds(provider: str) -> Iterator[list[Ordered]]:
    """All routes there, in rounds with one route of each model, so that it cannot be served by another one.

    Models that go on from an earlier result come when there are some.
    """
    routes = [[(one, route) for route in one.routes if route.provider == provider] for one in ENTRIES]
    for continuing in (False, True):
        chosen = [some for some in routes if some and goes_on(some[0][0]) is continuing]
        for column in zip_longest(*chosen):
            yield [pair for pair in column if pair]


def goes_on(one: ModelFile) -> bool:
    return any(input_schemas.is_result(field) for field in one.input["properties"].values())


def open_only(chosen: list[Ordered]) -> None:
    names = {(one.slug, route.provider, route.provider_model) for one, route in chosen}
    for row in Route.objects.select_related("model"):
        row.is_enabled = (row.model.slug, row.provider, row.provider_model) in names
        row.save(update_fields=["is_enabled"])
    catalogue.forget()


def given_for(one: ModelFile, route: RoutePart, customer: Any) -> dict[str, Any]:
    """The first input that the route takes, with real files, results and choices where it only says "some"."""
    given = next(inputs_of(one, offered(route)))
    if "prompt" in given:
        # The same words for all: the stand-ins make each of their films once.
        given["prompt"] = "A lighthouse at dusk"
    for name, field in one.input["properties"].items():
        if name not in given:
            continue
        if accepted := field.get("items", field).get("x-accept"):
            upload = {"upload": str(Upload.objects.get(user=customer, kind=accepted[0]).pk)}
            given[name] = [upload] if field["type"] == "array" else upload
        elif input_schemas.is_result(field):
            given[name] = {"asset": str(earlier_result(field, route.provider, customer).pk)}
        elif "x-choices" in field:
            given[name] = registry.adapter(route.provider).choices(field["x-choices"]["setting"])[0].value
    return given


def earlier_result(field: Any, provider: str, customer: Any) -> Asset:
    """A clip that was made larger cannot be continued, so what asks for certain settings gets another one."""
    made_with = {f"generation__input__{name}__in": values for name, values in field.get("x-made-with", {}).items()}
    mine = Asset.objects.filter(generation__user=customer, generation__provider=provider)
    fitting = mine.filter(generation__model__slug__in=field["x-from"], **made_with).order_by("pk")
    return fitting[0] if made_with else fitting.reverse()[0]


def ordered(chosen: list[Ordered], customer: Any) -> list[Generation]:
    started = [
        lifecycle.start(
            lifecycle.Order(user_id=customer.pk, model=one.slug, raw_input=given_for(one, route, customer))
        ).id
        for one, route in chosen
    ]
    by_id = Generation.objects.in_bulk(started)
    return [by_id[one] for one in started]


def work(fake_providers: Any) -> None:
    """Order; let the providers call back; ask about what nobody was told of; bring all of it home."""
    run_due_jobs()
    fake_providers.webhooks.settle()
    run_due_jobs()
    work_until(lambda: not Generation.objects.filter(status__in=Generation.ACTIVE).exists(), seconds=120)


@pytest.mark.slow
def test_every_model_comes_home_by_every_route(provider, customer, fake_providers):
    seen = []
    for chosen in rounds(provider):
        open_only(chosen)
        generations = ordered(chosen, customer)
        work(fake_providers)
        for (one, route), generation in zip(chosen, generations, strict=True):
            generation.refresh_from_db()
            tasks = list(generation.tasks.values_list("provider", "provider_model", "failure_code", "failure"))
            assert (generation.status, tasks) == ("succeeded", [(provider, route.provider_model, "", "")]), one.slug
            assets = list(generation.assets.all())
            assert {asset.kind for asset in assets} == {one.results.kind}, one.slug
            promised = catalogue.by_version(generation.version_id).results.promised(generation.input)
            assert {asset.mime for asset in assets} <= set(promised), one.slug
            seen.append((one.slug, route.provider_model))
    everything = [
        (one.slug, route.provider_model) for one in ENTRIES for route in one.routes if route.provider == provider
    ]
    assert sorted(seen) == sorted(everything)
    assert set(fake_providers.webhooks.answers) <= {200}
    assert ProviderTask.objects.filter(polls=0).exists()
    assert_ledger_is_clean()
