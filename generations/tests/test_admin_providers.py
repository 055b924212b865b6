"""The console of providers: what staff see there, and what they can do about it."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from generations import selectors_providers
from generations.models import Generation, ModelVersion, PriceProposal, ProviderTask, Route
from generations.services import catalogue, lifecycle, price_drift
from neuralbox.core import ids
from providers import selectors
from providers.errors import CreditsExhausted
from providers.models import ProviderHealth
from providers.services import health

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]

REASON = {"reason": "Ticket 4711"}


def staff(role: str) -> Client:
    call_command("create_roles", verbosity=0)
    user = User.objects.create_user(f"{role}@example.com", name=role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def keeper():
    """Looks after the catalogue and its providers."""
    return staff("catalogue")


@pytest.fixture
def row():
    selectors.forget()
    yield health.row_of("offline")
    selectors.forget()


@pytest.fixture
def route() -> Route:
    """Of a model that costs us ten cents, as the catalogue says."""
    route = Route.objects.get(model__slug="demo-image")
    route.cost_rule = {"kind": "fixed", "amount": "0.10"}
    route.save(update_fields=["cost_rule"])
    catalogue.forget()
    return route


def page(row: ProviderHealth, action: str = "change") -> str:
    return f"/admin/providers/providerhealth/{row.pk}/{action}/"


def work(user, route: Route, *, cost: str, times: int = 1, status: str = "succeeded") -> None:
    """Finished attempts that took five seconds each."""
    for _time in range(times):
        given = {"prompt": "Dunes", "size": "512"}
        started = lifecycle.start(lifecycle.Order(user_id=user.pk, model="demo-image", raw_input=given))
        Generation.objects.filter(pk=started.id).update(
            status="succeeded", provider="offline", tokens_captured=started.tokens
        )
        now = timezone.now()
        ProviderTask.objects.create(
            generation_id=started.id, route=route, number=1, provider="offline", provider_model="demo-image",
            status=status, cost=Decimal(cost), cost_currency="USD", external_id=ids.new().hex,
            prompt_sent_at=now - timezone.timedelta(seconds=5), finished_at=None if status == "running" else now,
        )  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh_figures():
    from django.core.cache import cache

    cache.delete("providers:now")


def test_the_list_tells_how_each_provider_does(keeper, alice, row, route):
    work(alice, route, cost="0.1", times=5)
    work(alice, route, cost="0", status="failed")
    shown = keeper.get("/admin/providers/providerhealth/").content.decode()
    assert "offline" in shown
    assert "83 %" in shown
    assert "5.0 s" in shown
    assert "0.5 USD" in shown


def test_the_page_shows_cost_price_and_margin_by_day_and_model(keeper, alice, row, route, settings):
    settings.TOKEN_VALUE_USD = Decimal("0.1")
    work(alice, route, cost="0.1", times=2)
    (day,) = selectors_providers.days("offline")
    price = day.tokens * Decimal("0.1")
    assert (day.model, day.tasks, day.succeeded, day.cost, day.price) == ("demo-image", 2, 2, Decimal("0.2"), price)
    assert day.margin == int(100 * (price - Decimal("0.2")) / price)
    shown = keeper.get(page(row)).content.decode()
    assert f"{day.margin} %" in shown


def test_a_price_that_drifted_is_proposed_and_a_person_applies_it(keeper, alice, row, route):
    work(alice, route, cost="0.09", times=5)
    (drift,) = selectors_providers.drifts("offline")
    assert (drift.factor, drift.percent, drift.is_large) == (Decimal("0.900"), -10, True)
    assert "prices × 0.9" in keeper.get(page(row)).content.decode()
    before = catalogue.known("demo-image").version_id
    address = page(row, f"price/{route.pk}")
    assert "multiplied by 0.9" in keeper.get(address).content.decode()
    assert catalogue.known("demo-image").version_id == before
    keeper.post(address, REASON)
    version = ModelVersion.objects.filter(model__slug="demo-image").order_by("-number").first()
    catalogue.forget()
    assert version.reason == REASON["reason"]
    assert catalogue.known("demo-image").version_id == version.pk != before


def test_a_large_step_waits_for_a_second_person(keeper, alice, row, route):
    work(alice, route, cost="0.20", times=5)
    keeper.post(page(row, f"price/{route.pk}"), REASON)
    assert PriceProposal.objects.get().status == "open"


def test_few_results_prove_no_drift(keeper, alice, row, route):
    work(alice, route, cost="0.9", times=4)
    assert selectors_providers.drifts("offline") == []
    assert keeper.get(page(row, f"price/{route.pk}")).status_code == 404


def test_a_small_difference_is_no_reason_to_act(alice, row, route):
    work(alice, route, cost="0.104", times=5)
    (drift,) = selectors_providers.drifts("offline")
    assert not drift.is_large


@pytest.mark.parametrize(
    ("amount", "after"),
    [
        ({"kind": "fixed", "amount": "2"}, {"kind": "fixed", "amount": "3.0"}),
        (
            {"kind": "labelled", "label": {}, "amount": {"kind": "fixed", "amount": "2"}},
            {"kind": "labelled", "label": {}, "amount": {"kind": "fixed", "amount": "3.0"}},
        ),
        (
            {"kind": "sum", "parts": [{"kind": "fixed", "amount": "2"}, {"kind": "table"}]},
            {
                "kind": "sum",
                "parts": [
                    {"kind": "fixed", "amount": "3.0"},
                    {"kind": "product", "factors": [{"kind": "table"}, {"kind": "fixed", "amount": "1.5"}]},
                ],
            },
        ),
    ],
    ids=["fixed", "labelled", "sum"],
)
def test_a_scaled_price_keeps_its_labels(amount, after):
    rule = {"amount": amount, "rows": [1], "minimum": 1}
    assert price_drift.scaled(rule, Decimal("1.5")) == {"amount": after, "rows": [1], "minimum": 1}


def test_switching_off_takes_its_models_out_of_the_offer_until_it_is_switched_on(keeper, alice, row, api_client_of):
    client = api_client_of(alice)
    body = {"model": "demo-image", "input": {"prompt": "Sea"}}
    assert "new work" in keeper.get(page(row, "switch-off")).content.decode()
    keeper.post(page(row, "switch-off"), REASON)
    refused = client.post("/api/v1/quotes", body, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "model_unavailable")
    assert "switched off" in keeper.get(page(row)).content.decode()
    keeper.post(page(row, "switch-on"), REASON)
    assert client.post("/api/v1/quotes", body, format="json").status_code == 201


def test_limits_are_changed_in_a_form_and_half_a_rate_is_refused(keeper, row):
    address = page(row, "limits")
    half = keeper.post(address, {**REASON, "requests": "5"})
    assert "A rate needs both numbers." in half.content.decode()
    keeper.post(address, {**REASON, "requests": "5", "per_seconds": "10", "concurrent": "2"})
    row.refresh_from_db()
    assert (row.requests, row.per_seconds, row.concurrent) == (5, 10, 2)
    assert "5 requests in 10 s, 2 tasks at once" in keeper.get(page(row)).content.decode()


def test_a_probe_brings_a_provider_back(keeper, row, offline_engine):
    health.take_out("offline", CreditsExhausted("0 credits left"))
    assert "our credits are used up" in keeper.get(page(row)).content.decode()
    keeper.post(page(row, "probe"), REASON)
    row.refresh_from_db()
    assert row.status == "closed"


def test_the_first_page_of_the_back_office_says_who_gets_no_work(row, alice):
    support = staff("support")
    health.take_out("offline", CreditsExhausted("0 credits left"))
    shown = support.get("/admin/").content.decode()
    assert "gets no work since" in shown
    assert "0 credits left" in shown


def test_stuck_tasks_are_listed_and_can_be_asked_about(alice, row, route):
    support = staff("support")
    work(alice, route, cost="0", status="running")
    assert selectors_providers.stuck("offline") == []
    ProviderTask.objects.update(prompt_sent_at=timezone.now() - timezone.timedelta(hours=1))
    Generation.objects.update(status="running")
    (task,) = selectors_providers.stuck("offline")
    asked = f"/admin/generations/generation/{task.generation_id}/ask/"
    assert asked in support.get(page(row)).content.decode()
    support.post(asked, REASON)
    task.refresh_from_db()
    assert task.next_poll_at <= timezone.now()


def test_support_looks_and_does_not_switch(row):
    support = staff("support")
    assert support.get(page(row)).status_code == 200
    for action in ("switch-off", "switch-on", "probe", "limits", f"price/{ids.new()}"):
        assert support.post(page(row, action), REASON).status_code == 403
    row.refresh_from_db()
    assert not row.is_switched_off
