"""The back office of the catalogue: forms on GET, changes on POST, with a reason, by who may."""

import json

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.services import users
from generations.errors import ProposalOutdated, ProposalPending, SecondPersonNeeded
from generations.models import Model, ModelVersion, PriceProposal, Route
from generations.services import catalogue as catalogue_service
from generations.services import catalogue_changes
from neuralbox.core.errors import InvalidInput

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]

ACTIONS = ["price", "routes", "switch-off", "switch-on"]


def staff(name, *, may_change=True):
    user = users.join(email=f"{name}@example.com", name=name, language="en")
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    wanted = ["view_model", "view_modelversion", "view_priceproposal"] + ["change_model"] * may_change
    user.user_permissions.set(Permission.objects.filter(codename__in=wanted, content_type__app_label="generations"))
    return user


@pytest.fixture
def olga():
    """Looks after the catalogue."""
    return staff("olga")


@pytest.fixture
def pavel():
    """Looks after the catalogue, too."""
    return staff("pavel")


def browser_of(user):
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def demo():
    return Model.objects.select_related("current_version").get(slug="demo-image")


def address(row, action=""):
    name = type(row)._meta.model_name
    return f"/admin/generations/{name}/{row.pk}/{action or 'change'}/"


def rule_with(price, *, slug="demo-image"):
    """The present rule with another price for 512 px, or for everything."""
    rule = json.loads(json.dumps(demo().current_version.price_rule))
    rule["amount"]["amount"]["factors"][0]["rows"][0]["amount"] = price
    return json.dumps(rule)


def rows_of(kind):
    return kind.objects.order_by("pk").values()


def everything():
    return [list(rows_of(kind)) for kind in (Model, ModelVersion, Route, PriceProposal)]


def test_the_list_and_the_page_of_a_model_open(olga):
    client = browser_of(olga)
    assert client.get("/admin/generations/model/").status_code == 200
    page = client.get(address(demo()))
    assert page.status_code == 200
    assert "2–16" in page.content.decode()
    assert client.get(address(demo().current_version)).status_code == 200
    assert client.get("/admin/generations/modelversion/").status_code == 200


@pytest.mark.parametrize("action", ACTIONS)
def test_looking_at_a_form_changes_nothing(olga, action):
    before = everything()
    page = browser_of(olga).get(address(demo(), action))
    assert page.status_code == 200
    assert "<form" in page.content.decode()
    assert everything() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_who_may_only_look_can_change_nothing(action):
    client, before = browser_of(staff("igor", may_change=False)), everything()
    assert client.post(address(demo(), action), {"reason": "Because"}).status_code == 403
    assert everything() == before


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("row", ["nonsense", "019ab7c4-5d5e-7cc3-98a5-3f1d1a3ba002"])
def test_what_does_not_exist_is_not_found(olga, action, row):
    answer = browser_of(olga).post(f"/admin/generations/model/{row}/{action}/", {"reason": "Because"})
    assert answer.status_code == 404


@pytest.mark.parametrize("action", ACTIONS)
def test_without_a_reason_nothing_changes(olga, action):
    before = everything()
    given = {"reason": " ", "save": "1", "price_rule": rule_with("2.5")}
    assert browser_of(olga).post(address(demo(), action), given).status_code == 200
    assert everything() == before


def test_a_model_is_switched_off_and_on_again(olga):
    client = browser_of(olga)
    client.post(address(demo(), "switch-off"), {"reason": "The provider is ill"})
    assert not demo().is_enabled
    assert not catalogue_service.known("demo-image").is_enabled
    entry = LogEntry.objects.get(additional_data__event="model_switched_off")
    assert (entry.actor, entry.additional_data["reason"]) == (olga, "The provider is ill")
    client.post(address(demo(), "switch-on"), {"reason": "It is well again"})
    assert demo().is_enabled


def test_routes_are_ordered_and_switched(olga):
    route = demo().routes.get()
    given = {f"{route.pk}-priority": "3", "reason": "Too slow today"}
    browser_of(olga).post(address(demo(), "routes"), given)
    route.refresh_from_db()
    assert (route.is_enabled, route.priority) == (False, 3)
    entry = LogEntry.objects.get(additional_data__event="route_changed")
    assert entry.changes == {"is_enabled": ["True", "False"], "priority": ["10", "3"]}
    assert catalogue_service.known("demo-image").routes == ()


def test_the_consequences_are_shown_before_anything_happens(olga):
    before = everything()
    given = {"price_rule": rule_with("2.5"), "preview": "1"}
    page = browser_of(olga).post(address(demo(), "price"), given).content.decode()
    assert "<strong>3</strong>" in page
    assert everything() == before


def test_a_small_change_of_a_price_is_one_persons_decision(olga):
    rule = json.loads(rule_with("2"))
    rule["amount"]["amount"]["factors"][0]["rows"][3]["amount"] = "13"
    given = {"price_rule": json.dumps(rule), "reason": "The provider asks for more", "save": "1"}
    browser_of(olga).post(address(demo(), "price"), given)
    version = demo().current_version
    assert (version.number, version.author, version.created_by) == (2, "staff", olga)
    assert version.reason == "The provider asks for more"
    assert catalogue_changes.price_list(version) == [2, 4, 7, 13, 16]
    entry = LogEntry.objects.get(additional_data__event="price_changed")
    assert (entry.actor, entry.additional_data["version"]) == (olga, 2)
    assert "13" in entry.changes["price_rule"][1]


def test_a_large_change_waits_for_a_second_person(olga, pavel):
    browser_of(olga).post(
        address(demo(), "price"), {"price_rule": rule_with("3"), "reason": "Costs went up", "save": "1"}, follow=True
    )
    assert demo().current_version.number == 1
    proposal = PriceProposal.objects.get()
    assert (proposal.status, proposal.largest_change) == ("open", 50)
    page = browser_of(pavel).get(address(proposal))
    assert "512 px: 2 → 3" in page.content.decode()
    browser_of(olga).post(address(proposal, "approve"), {"reason": "I agree with me"})
    assert demo().current_version.number == 1
    browser_of(pavel).post(address(proposal, "approve"), {"reason": "Checked the bill"})
    version = demo().current_version
    assert (version.number, version.created_by, version.reason) == (2, olga, "Costs went up")
    assert catalogue_changes.price_list(version)[0] == 3
    proposal.refresh_from_db()
    assert (proposal.status, proposal.decided_by) == ("approved", pavel)


def propose(by, price="3"):
    return catalogue_changes.change_price(model=demo(), rule_text=rule_with(price), reason="Costs went up", by=by)


def test_nobody_approves_what_they_proposed(olga):
    with pytest.raises(SecondPersonNeeded):
        catalogue_changes.approve(proposal=propose(olga), reason="I agree with me", by=olga)


def test_a_proposal_is_decided_once(olga, pavel):
    proposal = propose(olga)
    with pytest.raises(ProposalPending):
        propose(pavel, "4")
    catalogue_changes.reject(proposal=proposal, reason="Not now", by=pavel)
    with pytest.raises(ProposalOutdated):
        catalogue_changes.approve(proposal=proposal, reason="Now after all", by=pavel)
    assert demo().current_version.number == 1
    assert isinstance(propose(pavel, "4"), PriceProposal)


def test_a_proposal_can_be_withdrawn(olga):
    proposal = propose(olga)
    catalogue_changes.reject(proposal=proposal, reason="A slip", by=olga)
    proposal.refresh_from_db()
    assert (proposal.status, proposal.decided_by) == ("rejected", None)


def test_a_proposal_about_older_terms_is_refused(olga, pavel):
    proposal = propose(olga)
    old = demo().current_version
    terms = {name: getattr(old, name) for name in ("input_schema", "price_rule", "results", "examples")}
    newer = ModelVersion.objects.create(
        model=demo(), number=2, typical_seconds=4, deadline_seconds=120, author="file", **terms
    )
    Model.objects.filter(slug="demo-image").update(current_version=newer)
    with pytest.raises(ProposalOutdated):
        catalogue_changes.approve(proposal=proposal, reason="Checked the bill", by=pavel)


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("{", "/price_rule"),
        ("[]", "/price_rule"),
        ('{"amount": {"kind": "fixed", "amount": 0.5}, "rows": []}', "/price_rule/amount"),
        ('{"amount": {"kind": "formula"}, "rows": []}', "/price_rule/amount"),
    ],
)
def test_what_is_no_rule_is_refused_with_the_place(olga, text, pointer):
    with pytest.raises(InvalidInput) as caught:
        catalogue_changes.change_price(model=demo(), rule_text=text, reason="Because", by=olga)
    assert caught.value.errors[0].pointer.startswith(pointer)


def test_a_rule_with_a_gap_is_refused(olga):
    rule = json.loads(rule_with("2"))
    del rule["amount"]["amount"]["factors"][0]["rows"][0]
    with pytest.raises(InvalidInput) as caught:
        catalogue_changes.change_price(model=demo(), rule_text=json.dumps(rule), reason="Because", by=olga)
    assert "512" in caught.value.errors[0].detail


def test_the_present_price_is_no_change(olga):
    with pytest.raises(InvalidInput):
        catalogue_changes.change_price(model=demo(), rule_text=rule_with("2"), reason="Because", by=olga)
