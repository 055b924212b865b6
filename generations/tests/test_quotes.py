"""Quotes: an offer that is kept, to its owner, for its time."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from generations.models import Model, ModelVersion, Quote, Route
from generations.services import catalogue as catalogue_service
from generations.services import inputs, pricing, quotes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]


def ask(client, model="demo-image", **given):
    return client.post("/api/v1/quotes", {"model": model, "input": {"prompt": "A lake", **given}}, format="json")


def test_a_quote_says_what_it_costs_and_why(alice, api_client_of):
    answer = ask(api_client_of(alice), count=2)
    assert answer.status_code == 201
    quote = answer.json()
    assert (quote["model"], quote["tokens"]) == ("demo-image", 8)
    assert quote["breakdown"] == [{"label": "Images 1024 px × 2", "tokens": 8}]
    assert quote["input"]["aspect_ratio"] == "1:1"
    stored = Quote.objects.get(pk=quote["id"])
    assert (stored.user_id, stored.status, stored.tokens) == (alice.pk, "open", 8)
    left = stored.expires_at - timezone.now()
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)


def test_a_breakdown_has_a_line_per_part_in_the_callers_language(alice, api_client_of):
    client = api_client_of(alice)
    body = {"model": "demo-avatar", "input": {"script": "x" * 330}}
    in_english = client.post("/api/v1/quotes", body, format="json").json()
    assert in_english["breakdown"] == [
        {"label": "Portrait", "tokens": 5},
        {"label": "Speech and motion, 480p", "tokens": 7},
    ]
    in_russian = client.post("/api/v1/quotes", body, format="json", headers={"Accept-Language": "ru"}).json()
    assert in_russian["breakdown"][0]["label"] == "Портрет"
    assert sum(line["tokens"] for line in in_russian["breakdown"]) == in_russian["tokens"] == 12


def test_asking_costs_three_queries_at_most(alice, api_client_of, django_assert_max_num_queries):
    client = api_client_of(alice)
    ask(client)
    with django_assert_max_num_queries(3):
        assert ask(client).status_code == 201


def test_wrong_input_opens_no_quote(alice, api_client_of):
    answer = ask(api_client_of(alice), size="4096")
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/input/size", "not_allowed")
    assert error["allowed"] == ["512", "1024", "1536", "2048"]
    assert not Quote.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "pointers"),
    [
        ({"model": "demo-image"}, 422, ["/input"]),
        ({"input": {}}, 422, ["/model"]),
        ({"model": "demo-image", "input": {"prompt": "x"}, "surprise": 1}, 422, ["/surprise"]),
        ({"model": "demo-image", "input": "x"}, 422, ["/input"]),
        ({"model": "no-such-model", "input": {}}, 404, []),
        ({"model": ["demo-image"], "input": {}}, 422, ["/model"]),
    ],
)
def test_wrong_requests_are_told_what_is_wrong(alice, api_client_of, body, status, pointers):
    answer = api_client_of(alice).post("/api/v1/quotes", body, format="json")
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers


def test_a_stranger_gets_no_quote(client):
    body = {"model": "demo-image", "input": {"prompt": "x"}}
    assert client.post("/api/v1/quotes", body, content_type="application/json").status_code == 401


def test_a_switched_off_model_is_not_quoted(alice, api_client_of):
    Model.objects.filter(slug="demo-image").update(is_enabled=False)
    catalogue_service.forget()
    answer = ask(api_client_of(alice))
    assert (answer.status_code, answer.json()["code"]) == (409, "model_unavailable")


def test_an_open_quote_keeps_its_price_when_the_price_changes(alice):
    quote = quotes.open_quote(user_id=alice.pk, model="demo-image", raw_input={"prompt": "x"})
    model = Model.objects.get(slug="demo-image")
    old = model.current_version
    rule = {**old.price_rule, "amount": {"kind": "fixed", "amount": "50"}}
    terms = {name: getattr(old, name) for name in ("input_schema", "results", "examples")}
    model.current_version = ModelVersion.objects.create(
        model=model,
        number=2,
        price_rule=rule,
        typical_seconds=old.typical_seconds,
        deadline_seconds=old.deadline_seconds,
        author=ModelVersion.Author.STAFF,
        **terms,
    )
    model.save()
    catalogue_service.forget()
    assert quotes.open_quote(user_id=alice.pk, model="demo-image", raw_input={"prompt": "x"}).tokens == 50
    quote.refresh_from_db()
    assert (quote.tokens, quote.version_id) == (4, old.pk)
    assert catalogue_service.by_version(old.pk).price_rule != catalogue_service.offered("demo-image").price_rule


def test_what_a_provider_would_charge_is_known_beforehand(alice):
    Route.objects.filter(model__slug="demo-video").update(
        cost_rule={
            "kind": "per_unit",
            "measure": "value",
            "of": "duration",
            "rate": {"kind": "fixed", "amount": "0.0125"},
        }
    )
    Route.objects.filter(model__slug="demo-text").update(cost_rule={})
    catalogue_service.forget()
    film, text = catalogue_service.offered("demo-video"), catalogue_service.offered("demo-text")
    accepted = inputs.accept(film, {"prompt": "x", "duration": 5}, user_id=alice.pk)
    assert pricing.provider_cost(film.routes[0], accepted) == Decimal("0.0625")
    assert pricing.provider_cost(text.routes[0], accepted) is None


def test_quotes_whose_time_is_over_are_closed(alice):
    past, present = (
        quotes.open_quote(user_id=alice.pk, model="demo-text", raw_input={"prompt": "x"}) for _each in range(2)
    )
    Quote.objects.filter(pk=past.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert quotes.expire_due() == 1
    assert quotes.expire_due() == 0
    statuses = dict(Quote.objects.values_list("pk", "status"))
    assert statuses == {past.pk: "expired", present.pk: "open"}
