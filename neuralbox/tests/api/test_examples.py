"""What the document shows as an example is done as it says, with the answer that it promises."""

import json
import re
from io import StringIO

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from accounts.services import email_proofs
from billing.models import Voucher, VoucherBatch
from billing.services import products
from generations.models import Asset, Generation, ProviderTask, Route
from legal.models import DocumentVersion, Export
from legal.services import deletions

METHODS = {"get", "post", "put", "patch", "delete"}
# They need cookies or tokens of their own, do not end, or ask a provider: their own tests call them.
ELSEWHERE = re.compile(r"/auth/|/events$|/choices/")


def documented():
    """Method, path, promised statuses, and the body of each example (None: the operation takes none)."""
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    for path, here in paths.items():
        for method in METHODS & here.keys():
            if ELSEWHERE.search(path):
                continue
            operation = here[method]
            promised = {int(status) for status in operation["responses"] if status[0] in "23"}
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if "requestBody" in operation and body is None:
                continue  # files
            for example in (body or {}).get("examples", {"": {"value": None}}).values():
                yield method, path.removeprefix("/api/v1"), promised, example["value"]


def put_to_work(generation_id):
    generation = Generation.objects.get(pk=generation_id)
    route = Route.objects.first()
    Generation.objects.update(status="running")
    ProviderTask.objects.create(
        generation=generation, route=route, number=1, provider="offline", provider_model=route.provider_model,
        status="running", external_id="task_1",
    )  # fmt: skip


def write_to_support(things):
    """A request by letter waits for a member of staff, and the person can still see it and call it off."""
    deletions.enter(user=things["alice"], way="support", by=None, reason="A letter")


def one_result(generation_id):
    Asset.objects.create(
        generation_id=generation_id, position=0, kind="image", mime="image/png", bytes=1, sha256="0" * 64,
        storage_key="0.png", created_at=timezone.now(),
    )  # fmt: skip


# What must be there first, beside one of everything that alice can own.
GIVEN = {
    ("delete", "/generations/{generation_id}"): lambda things: Generation.objects.update(status="failed"),
    ("post", "/generations/{generation_id}/retry"): lambda things: Generation.objects.update(status="failed"),
    ("post", "/generations/{generation_id}/check"): lambda things: put_to_work(things["generation_id"]),
    ("post", "/generations/download"): lambda things: one_result(things["generation_id"]),
    ("get", "/me/deletion-request"): write_to_support,
    ("delete", "/me/deletion-request"): write_to_support,
    ("delete", "/me/identities/{identity_id}"): lambda things: SocialAccount.objects.create(
        user=things["alice"], provider="google", uid="1"
    ),
    ("post", "/me/exports"): lambda things: Export.objects.all().delete(),
    ("post", "/wallet/vouchers"): lambda things: Voucher.objects.create(
        batch=VoucherBatch.objects.create(name="Example", tokens=5, count=1, reason="Example"),
        digest=products.digest("K7QWM-2HXRD-9TFPA-VB4CN"),
        last_four="B4CN",
    ),
}


def with_real_ids(path, body, things):
    """The example with ids that are alice's in place of those that stand for them."""
    if path.startswith("/generations/") and "ids" in body:
        return {**body, "ids": [str(things["generation_id"])]}
    for name in ("versions", "token"):
        if name in (body or {}):
            return {**body, name: things[name]}
    return body


@pytest.fixture
def things(hers, alice, person_client_of, gateway_fakes):
    call_command("load_documents", stdout=StringIO())
    call_command("load_products", verbosity=0)
    versions = [str(pk) for pk in DocumentVersion.objects.values_list("pk", flat=True)[:1]]
    return {
        **hers,
        "slug": "demo-image",
        "alice": alice,
        "client": person_client_of(alice),
        "sign_in": person_client_of,
        "versions": versions,
        "token": email_proofs.token_of(email_proofs.ask(user=alice, email="liddell@example.org")),
    }


def test_every_example_gets_its_promised_answer(things):
    wrong = {}
    for method, path, promised, body in sorted(documented(), key=str):
        address = re.sub(r"\{(\w+)\}", lambda match: str(things[match[1]]), path)
        sent = "" if body is None else json.dumps(with_real_ids(path, body, things))
        with transaction.atomic():
            GIVEN.get((method, path), lambda things: None)(things)
            answer = things["client"].generic(
                method.upper(), f"/api/v1{address}", sent, content_type="application/json"
            )
            transaction.set_rollback(True)  # each example meets the same world
        if answer.status_code not in promised:
            wrong[f"{method.upper()} {address} {sent}"] = answer.json() if answer.content else answer.status_code
    assert wrong == {}
