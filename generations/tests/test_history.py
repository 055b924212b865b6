"""Owners hide, show and erase generations, one or many; nobody else's are touched (P18)."""

import pytest
from django.utils import timezone

from accounts.models import ApiKey
from billing.models import JournalEntry
from generations.models import Asset, Generation
from generations.services import lifecycle
from neuralbox.core.models import Job

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]


def ordered(user, ended=True):
    raw = {"prompt": "A lighthouse", "size": "512"}
    started = lifecycle.start(lifecycle.Order(user_id=user.pk, model="demo-image", raw_input=raw))
    generation = Generation.objects.get(pk=started.id)
    if ended:
        lifecycle.fail(generation, "offline")
        key = f"results/{user.pk}/{generation.pk}/0.png"
        Asset.objects.create(
            generation=generation, position=0, kind="image", mime="image/png", bytes=1, sha256="0" * 64,
            storage_key=key,
            created_at=timezone.now(),
        )  # fmt: skip
    return str(generation.pk)


@pytest.mark.promise("P2")
@pytest.mark.promise("P4")
def test_the_history_lists_every_generation_whatever_became_of_it(alice, mallory, api_client_of):
    mine = {str(status): ordered(alice, ended=False) for status in Generation.Status}
    for status, generation_id in mine.items():
        Generation.objects.filter(pk=generation_id).update(status=status)
    ordered(mallory)
    shown = api_client_of(alice).get("/api/v1/generations?page_size=50").json()["results"]
    assert {one["status"]: one["id"] for one in shown} == mine
    assert {one["input"]["prompt"] for one in shown} == {"A lighthouse"}


@pytest.mark.promise("P18")
def test_many_are_hidden_and_shown_again(alice, mallory, api_client_of):
    mine, hers = [ordered(alice), ordered(alice)], ordered(mallory)
    client = api_client_of(alice)
    assert client.post("/api/v1/generations/hide", {"ids": [*mine, hers]}, format="json").json() == {"count": 2}
    assert client.get("/api/v1/generations").json()["results"] == []
    assert {one["id"] for one in client.get("/api/v1/generations?hidden=true").json()["results"]} == set(mine)
    assert not Generation.objects.get(pk=hers).hidden
    client.post("/api/v1/generations/hide", {"ids": mine, "hidden": False}, format="json")
    assert len(client.get("/api/v1/generations").json()["results"]) == 2


@pytest.mark.promise("P18")
def test_many_are_erased_with_their_files_and_the_ledger_stays(alice, mallory, api_client_of):
    mine, running, hers = [ordered(alice), ordered(alice)], ordered(alice, ended=False), ordered(mallory)
    books = JournalEntry.objects.count()
    client = api_client_of(alice)
    answer = client.post("/api/v1/generations/delete", {"ids": [*mine, running, hers]}, format="json")
    assert answer.json() == {"deleted": 2, "active": 1}
    assert set(map(str, Generation.objects.values_list("pk", flat=True))) == {running, hers}
    removed = Job.objects.get(name="generations.delete_files").args
    assert {key.split("/")[2] for key in removed} == set(mine)
    assert JournalEntry.objects.count() == books
    again = client.post("/api/v1/generations/delete", {"ids": mine}, format="json")
    assert again.json() == {"deleted": 0, "active": 0}


def test_a_key_that_only_reads_erases_nothing(alice, api_client_of):
    mine = ordered(alice)
    client = api_client_of(alice)
    ApiKey.objects.update(scopes=["read"])
    assert client.post("/api/v1/generations/delete", {"ids": [mine]}, format="json").status_code == 403
    assert Generation.objects.filter(pk=mine).exists()
