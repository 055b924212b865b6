"""Every page and every action of the back office, opened by who may and by who may not."""

import uuid

import pytest
from auditlog.models import LogEntry
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiKey, Notice, SecurityEvent, User
from accounts.services import api_keys, staff_views
from accounts.services import support as letters
from billing.models import (
    Correction,
    Dispute,
    JournalEntry,
    Package,
    Payment,
    PaymentNotification,
    PromoCode,
    Receipt,
    ReconciliationRun,
    Refund,
    ReviewCase,
    VoucherBatch,
    Wallet,
)  # fmt: skip
from billing.services import corrections, products, starter_shop
from generations.models import ContentAccess, Generation, Model, OutgoingWebhook, PriceProposal, ProviderTask, Upload
from generations.services import lifecycle, support
from legal import selectors as documents
from legal.models import Disclosure, RetentionWarning
from legal.services import consents, deletions, exports, registers, retention
from neuralbox.core import jobs
from neuralbox.core.models import Job
from providers.models import ProviderHealth

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]
REASON = "Ticket 4711"
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


def browser_of(user):
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def root():
    return User.objects.create_superuser("root@example.com", "correct horse battery", name="Root")


@pytest.fixture
def bare():
    """Staff without any right."""
    return User.objects.create_user("bare@example.com", is_staff=True)


@pytest.fixture
def gave_up():
    job = jobs.enqueue("generations.submit", str(uuid.uuid4()))
    Job.objects.filter(pk=job).update(gave_up_at=timezone.now(), attempts=12, last_error="KeyError")
    return Job.objects.get(pk=job)


@pytest.fixture
def rows(root, alice, gave_up):
    """At least one row in every table that the back office lists."""
    started = lifecycle.start(
        lifecycle.Order(user_id=alice.pk, model="demo-image", raw_input={"prompt": "A dog", "size": "512"})
    )
    generation = Generation.objects.get(pk=started.id)
    ProviderTask.objects.create(
        generation=generation, number=1, provider="offline", provider_model="image", status="running", external_id="one"
    )
    support.open_content(generation_id=generation.pk, reason=REASON, by=root)
    Upload.objects.create(user=alice, kind="image", mime="image/png", bytes=1, sha256="0" * 64, storage_key="one")
    OutgoingWebhook.objects.create(
        user=alice, generation=generation, url="https://example.com/hook", event="generation.succeeded"
    )
    api_keys.create(user=alice, name="Nightly", scopes=[ApiKey.Scope.READ])
    Notice.objects.get_or_create(user=alice, kind=Notice._meta.get_field("kind").choices[0][0])
    SecurityEvent.objects.create(user=alice, kind=SecurityEvent.Kind.BLOCKED)
    letters.receive(topic="question", text="Where are my tokens?", user=alice)
    staff_views.begin(user=alice, reason=REASON, by=root)
    wallet = Wallet.objects.get(owner=alice)
    corrections.propose(wallet_id=wallet.pk, amount=corrections.LIMIT + 1, reason=REASON, by=alice)
    model = Model.objects.get(slug="demo-image")
    PriceProposal.objects.create(
        model=model, based_on=model.current_version, price_rule=model.current_version.price_rule, largest_change=50,
        reason=REASON, proposed_by=alice,
    )  # fmt: skip
    ProviderHealth.objects.get_or_create(provider="offline")
    money(alice, wallet)
    Group.objects.create(name="any")
    legal_rows(alice, root)


def legal_rows(person, staff):
    call_command("load_documents", verbosity=0)
    consents.record(person.pk, documents.to_accept(), ip=None, way="sign_up")
    deletions.enter(user=person, way="support", by=staff, reason=REASON)
    deletions.place_hold(user=person, ground=REASON, by=staff)
    registers.receive(kind="access", way="mail", text="What do you hold?", user_id=person.pk)
    exports.request(user=person, language="en")
    retention.set_period(kind="accounts.notices", days=100, by=staff, reason=REASON)
    retention.run(is_dry=True, kinds=["accounts.notices"])
    now = timezone.now()
    Disclosure.objects.create(
        authority="Court", letter="1", ground="Order", scope="Sign-ins", received_at=now, entered_by=person
    )
    RetentionWarning.objects.create(user=person, kind="generations.history", count=1, covers_before=now, purge_at=now)


def money(alice, wallet):
    """One of each row of the finance desk."""
    now = timezone.now()
    starter_shop.load()
    payment = Payment.objects.create(
        wallet=wallet, gateway="sandbox", is_test=True, status="paid", amount=100, full_amount=100, currency="RUB",
        tokens=10, paid_at=now, expires_at=now,
    )  # fmt: skip
    PaymentNotification.objects.create(gateway="sandbox", method="POST", payment=payment)
    Receipt.objects.create(payment=payment, lines=[])
    Refund.objects.create(payment=payment, source="customer", amount=100, tokens=10)
    Dispute.objects.create(payment=payment, external_id="dp_1", status="inquiry", amount=100)
    ReviewCase.objects.create(key="one", kind="amount", gateway="sandbox", payment=payment)
    ReconciliationRun.objects.create(gateway="sandbox", day=now.date())
    products.create_promo_code(code="AUTUMN", discount_percent=10, reason=REASON, by=alice)
    products.make_vouchers(name="Fair", tokens=10, count=1, expires_at=None, reason=REASON, by=alice)


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def test_every_page_opens_for_who_may_see_all_and_for_nobody_else(rows, root, bare):
    may, may_not = browser_of(root), browser_of(bare)
    for model in MODELS:
        row = model._default_manager.first()
        assert row is not None, f"no row of {model._meta.label} to open"
        for page in (address(model, "changelist"), address(model, "change", row.pk)):
            assert may.get(page).status_code == 200, page
            assert may_not.get(page).status_code == 403, page
        adding = address(model, "add")
        allowed = admin.site._registry[model].has_add_permission(_request(root))
        assert may.get(adding).status_code == (200 if allowed else 403), adding
        assert may_not.get(adding).status_code == 403


def _request(user):
    from django.test import RequestFactory

    request = RequestFactory().get("/admin/")
    request.user = user
    return request


def test_no_list_shows_a_status_as_its_code():
    """A status that a label does not know would be."""
    unknown = []
    for model in MODELS:
        for name, values in (("shown_status", "Status"), ("shown_verdict", "Verdict")):
            known = getattr(getattr(admin.site._registry[model], name, None), "label", None)
            if isinstance(known, dict):
                unknown += [f"{model._meta.label} {one}" for one in getattr(model, values).values if one not in known]
    assert unknown == []


def actions():
    """Every action of ours on a row: the model and the action's address."""
    found = []
    for model in MODELS:
        owner = admin.site._registry[model]
        for name in getattr(owner, "actions_detail", None) or ():
            path = getattr(owner, name).url_path
            found.append(pytest.param(model, path, id=f"{model._meta.model_name}-{path}"))
    return found


def state():
    """Everything that an action could write, but sessions."""
    tables = (User, Generation, ProviderTask, Job, Wallet, JournalEntry, Correction, PriceProposal, Model, Payment,
              Refund, ReviewCase, Package, PromoCode, VoucherBatch,
              ContentAccess, LogEntry)  # fmt: skip
    return [list(table._default_manager.order_by("pk").values()) for table in tables]


@pytest.mark.parametrize(("model", "path"), actions())
def test_an_action_writes_nothing_on_get_nor_without_a_reason_nor_for_who_may_not(rows, root, bare, model, path):
    row = model._default_manager.exclude(pk=root.pk).order_by("pk").first()
    page = address(model, "change", row.pk).replace("/change/", f"/{path}/")
    may, may_not = browser_of(root), browser_of(bare)
    before = state()
    assert may.get(page).status_code == 200
    assert may.post(page, {"reason": ""}).status_code == 200
    for method in (may_not.get, may_not.post):
        assert method(page, {"reason": REASON}).status_code == 403
    seeing = Permission.objects.filter(codename__startswith="view_").exclude(codename="view_content")
    bare.user_permissions.set(seeing)
    assert may_not.post(page, {"reason": REASON}).status_code == 403
    assert state() == before


@pytest.mark.parametrize("address", ["not-an-id", "019ab7c4-5d5e-7cc3-98a5-3f1d1a3ba001"])
def test_an_action_on_nothing_is_not_found(root, address):
    client = browser_of(root)
    assert client.get(f"/admin/core/job/{address}/run-again/").status_code == 404
    assert client.post(f"/admin/generations/generation/{address}/content/", {"reason": REASON}).status_code == 404


def test_a_job_that_gave_up_runs_again_with_a_reason(root, gave_up):
    client = browser_of(root)
    page = address(Job, "change", gave_up.pk)
    assert "KeyError" in client.get(page).content.decode()
    client.post(page.replace("/change/", "/run-again/"), {"reason": REASON})
    gave_up.refresh_from_db()
    assert (gave_up.gave_up_at, gave_up.attempts) == (None, 0)
    assert gave_up.run_at <= timezone.now()
    entry = LogEntry.objects.get(object_pk=str(gave_up.pk))
    assert (entry.actor, entry.additional_data["event"], entry.additional_data["reason"]) == (
        root, "job_run_again", REASON,
    )  # fmt: skip
    again = client.post(page.replace("/change/", "/run-again/"), {"reason": REASON}, follow=True)
    assert "has not given up" in again.content.decode()
    assert LogEntry.objects.filter(object_pk=str(gave_up.pk)).count() == 1


def test_jobs_that_gave_up_are_listed_alone(root, gave_up):
    jobs.enqueue("generations.sweep_files", "still-trying")
    page = browser_of(root).get("/admin/core/job/", {"gave_up": "yes"}).content.decode()
    assert "generations.submit" in page
    assert "generations.sweep_files" not in page


def test_the_sidebar_shows_what_a_role_may_see(alice):
    call_command("create_roles")
    alice.is_staff = True
    alice.save(update_fields=["is_staff"])
    alice.groups.add(Group.objects.get(name="catalogue"))
    page = browser_of(alice).get("/admin/generations/model/").content.decode()
    assert "/admin/generations/model/" in page
    for hidden in ("/admin/accounts/user/", "/admin/billing/wallet/", "/admin/core/job/"):
        assert hidden not in page


def test_every_listed_model_is_in_the_sidebar_or_reached_from_a_page(root):
    page = browser_of(root).get("/admin/").content.decode()
    missing = [model._meta.label for model in MODELS if address(model, "changelist") not in page]
    assert missing == []


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_first_page_is_in_the_language_of_its_reader(root, language):
    page = browser_of(root).get("/admin/", headers={"Accept-Language": language}).content.decode()
    assert ("За последние 24 часа" in page, "The last 24 hours" in page) == (language == "ru", language == "en")
