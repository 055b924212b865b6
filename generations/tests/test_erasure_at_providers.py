"""What is erased here is erased at the providers that offer it, too: a single deletion, and a whole account."""

import pytest

from generations.services import erasure, history, sent_files
from generations.tests import roads
from generations.tests.work import run_due_jobs
from providers.models import Deletion

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ordered(alice, tokens_for, api_client_of, fake_providers, offered, settings):
    """Orders a talking photo of alice's from HeyGen, and works until that has ended."""
    roads.only(settings, "heygen")
    offered("heygen-talking-photo")
    tokens_for(alice, 5000)

    def order(script):
        given = {"images": [roads.picture_of(alice)], "script": script, "voice": "voice_001"}
        return roads.end(api_client_of(alice), "heygen-talking-photo", given)

    return order


@pytest.fixture
def film(ordered):
    """A talking photo with the photo in HeyGen's store."""
    return ordered("Good evening from the lighthouse.")


@pytest.fixture
def there(fake_providers):
    return lambda: (len(fake_providers.apps["heygen"].tasks), len(fake_providers.apps["heygen"].assets))


@pytest.mark.promise("P12")
def test_a_deleted_generation_goes_at_its_provider_with_the_files_that_were_sent(film, alice, there):
    assert (film.status, there()) == ("succeeded", (1, 1))
    history.delete(alice.pk, film.pk)
    run_due_jobs()
    assert there() == (0, 0)
    assert list(Deletion.objects.values_list("provider", "status", "external_id")) == [("heygen", "done", "")] * 2


@pytest.mark.promise("P12")
def test_the_erasure_of_an_account_counts_what_it_asked_of_whom(film, alice, there):
    counts = erasure.erase_all_of(alice.pk)
    assert counts["deletion requests to heygen"] == 2
    run_due_jobs()
    assert there() == (0, 0)
    assert "deletion requests to heygen" not in erasure.erase_all_of(alice.pk)


@pytest.mark.promise("P12")
def test_files_of_an_order_that_the_provider_refused_are_erased_there_at_once(ordered, fake_providers, there):
    refused = ordered("Good evening [fault:rejected]")
    assert refused.status == "failed"
    assert len(fake_providers.calls("/v3/assets")) >= 1
    run_due_jobs()
    assert there() == (0, 0)
    assert set(Deletion.objects.values_list("provider", "status")) == {("heygen", "done")}
    assert list(refused.tasks.values_list("uploads", flat=True)) == [[]] * refused.tasks.count()


@pytest.mark.promise("P12")
def test_a_file_that_arrives_after_its_generation_was_erased_is_erased_too(film, alice, fake_providers, there):
    task = film.tasks.get()
    history.delete(alice.pk, film.pk)
    fake_providers.apps["heygen"].assets["asset_late"] = b"a photo"
    sent_files.note(task, "assets:asset_late")
    run_due_jobs()
    assert there() == (0, 0)


def test_a_file_is_noted_once_however_often_the_same_order_is_sent(film):
    task = film.tasks.get()
    (name,) = task.uploads
    sent_files.note(task, name)
    task.refresh_from_db()
    assert task.uploads == [name]
