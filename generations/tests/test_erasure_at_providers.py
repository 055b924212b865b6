"""What is erased here is erased at the providers that offer it, too: a single deletion, and a whole account."""

import pytest

from generations.services import erasure, history
from generations.tests import roads
from generations.tests.work import run_due_jobs
from providers.models import Deletion

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def film(alice, tokens_for, api_client_of, fake_providers, offered, settings):
    """A talking photo of alice's, made by HeyGen, with the photo in their store."""
    roads.only(settings, "heygen")
    offered("heygen-talking-photo")
    tokens_for(alice, 5000)
    given = {"images": [roads.picture_of(alice)], "script": "Good evening from the lighthouse.", "voice": "voice_001"}
    return roads.end(api_client_of(alice), "heygen-talking-photo", given)


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
