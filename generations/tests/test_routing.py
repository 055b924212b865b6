"""Who is asked next. Nothing is asked here: what was tried and how providers do goes in, the choice comes out."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from generations.catalogue.offers import OfferedRoute
from generations.models import ProviderTask
from generations.services import routing
from providers import registry
from providers.models import ProviderHealth, Reason

PICTURE = {"prompt": "A lighthouse", "aspect_ratio": "1:1"}
PROBE = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


def route(provider: str, model: str, priority: int = 10, **limits) -> OfferedRoute:
    return OfferedRoute(uuid4(), provider, model, priority, None, "USD", limits)


KIE = route("kie", "google/nano-banana")
PIAPI = route("piapi", "gemini/gemini-2.5-flash-image", 20)
GOAPI = route("goapi", "gemini/nano-banana-2", 30)
ALL = (KIE, PIAPI, GOAPI)


@pytest.fixture(autouse=True)
def _all_have_keys(fake_providers):
    """Nobody is called: only the settings matter."""


def tried(at: OfferedRoute, failure_code: str = "", *, route_id: UUID | None = None) -> ProviderTask:
    return ProviderTask(route_id=route_id or at.id, provider=at.provider, failure_code=failure_code)


def choose(*attempts: ProviderTask, routes=ALL, given=PICTURE, bound_to=frozenset(), **rows: ProviderHealth):
    health = {slug: rows.get(slug) or ProviderHealth(provider=slug) for slug in registry.ADAPTERS}
    return routing.choose(routes, attempts, health, given, bound_to)


def providers(choice: routing.Choice) -> list[str]:
    return [one.provider for one in choice.ready]


def test_the_first_of_the_catalogue_is_asked_first():
    assert providers(choose()) == ["kie", "piapi", "goapi"]


def test_who_has_no_key_is_passed_over(settings):
    settings.KIE_API_KEY = ""
    assert providers(choose()) == ["piapi", "goapi"]


def test_whoever_failed_is_asked_again_after_the_others():
    assert providers(choose(tried(KIE, "unavailable"))) == ["piapi", "goapi", "kie"]
    both = (tried(KIE, "unavailable"), tried(PIAPI, "failed"))
    assert providers(choose(*both)) == ["goapi", "kie", "piapi"]


@pytest.mark.parametrize("code", sorted(routing.FINAL_FOR_ROUTE))
def test_a_final_answer_is_not_asked_for_twice(code):
    assert providers(choose(tried(KIE, code))) == ["piapi", "goapi"]


def test_a_lost_order_bars_its_provider_on_every_route():
    other = route("kie", "z-image", 40)
    assert providers(choose(tried(KIE, routing.LOST), routes=(KIE, other, PIAPI))) == ["piapi"]


@pytest.mark.parametrize("code", sorted(routing.NOT_COUNTED))
def test_our_own_trouble_does_not_count_as_an_attempt(code):
    many = [tried(KIE, code) for _time in range(routing.MAX_TASKS + 3)]
    assert providers(choose(*many)) == ["kie", "piapi", "goapi"]


def test_a_route_is_tried_three_times_and_a_generation_six():
    assert providers(choose(*[tried(KIE, "failed")] * 3)) == ["piapi", "goapi"]
    assert not choose(*[tried(KIE, "failed")] * 3, *[tried(PIAPI, "failed")] * 3)


def test_who_is_out_gets_nothing_and_who_rests_gets_it_later():
    out = ProviderHealth(provider="kie", status="open", reason=Reason.CREDITS_EXHAUSTED, probe_at=PROBE)
    resting = ProviderHealth(provider="piapi", status="open", reason=Reason.UNAVAILABLE, probe_at=PROBE)
    choice = choose(kie=out, piapi=resting)
    assert (providers(choice), choice.back_at) == (["goapi"], PROBE)
    alone = choose(routes=(KIE, PIAPI), kie=out, piapi=resting)
    assert (providers(alone), alone.back_at, bool(alone)) == ([], PROBE, True)
    assert not choose(routes=(KIE,), kie=out)


def test_staff_s_switch_stands_above_everything():
    assert providers(choose(kie=ProviderHealth(provider="kie", is_switched_off=True))) == ["piapi", "goapi"]


def test_only_who_offers_what_the_input_asks_for_is_asked():
    narrow = route("piapi", "gemini/gemini-2.5-flash-image", properties={"aspect_ratio": {"enum": ["16:9"]}})
    assert providers(choose(routes=(KIE, narrow))) == ["kie"]
    wide = {**PICTURE, "aspect_ratio": "16:9"}
    assert providers(choose(routes=(KIE, narrow), given=wide)) == ["kie", "piapi"]


def test_a_setting_without_a_place_at_the_provider_is_not_dropped():
    assert providers(choose(given={**PICTURE, "resolution": "4K"})) == ["goapi"]
    assert providers(choose(given={**PICTURE, "resolution": None})) == ["kie", "piapi", "goapi"]


def test_a_model_that_the_adapter_does_not_know_is_not_ordered():
    assert not choose(routes=(route("kie", "no-such-model"),))


def test_what_goes_on_from_a_result_stays_where_that_was_made():
    assert providers(choose(bound_to={"piapi"})) == ["piapi"]
    assert not choose(bound_to={"suno"})
    assert not choose(bound_to={"kie", "piapi"}), "nobody knows both"
