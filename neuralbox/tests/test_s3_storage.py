import pytest
import requests
from django.core.files.base import ContentFile
from django.test import override_settings

from neuralbox.core.s3_storage import PrivateS3Storage


@pytest.fixture
def storage(s3_server):
    with override_settings(**s3_server.environment):
        yield PrivateS3Storage()


def test_a_signed_link_opens_the_file(storage):
    name = storage.save("results/one.txt", ContentFile(b"kept"))
    assert requests.get(storage.url(name), timeout=10).content == b"kept"


def test_without_a_signature_nothing_is_shown(storage):
    name = storage.save("results/two.txt", ContentFile(b"private"))
    unsigned = storage.url(name).partition("?")[0]
    assert requests.get(unsigned, timeout=10).status_code == 403


def test_a_link_with_a_changed_signature_is_refused(storage):
    name = storage.save("results/three.txt", ContentFile(b"private"))
    link = storage.url(name)
    assert requests.get(link[:-4] + "0000", timeout=10).status_code == 403
