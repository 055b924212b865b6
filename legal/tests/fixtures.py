"""What tests of legal stand on: the documents of the product, files in a folder of the test, one member of staff."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from legal.models import Document, DocumentVersion
from legal.services import documents

REASON = "Ticket 4711"


@pytest.fixture
def olga(db):
    """A member of staff who may do everything."""
    return get_user_model().objects.create_superuser("olga@staff.example", "correct horse battery", name="Olga")


@pytest.fixture
def piotr(db):
    """Another one."""
    return get_user_model().objects.create_superuser("piotr@staff.example", "correct horse battery", name="Piotr")


@pytest.fixture
def file_store(settings, tmp_path):
    """An empty store of files. Returns its folder."""
    folder = tmp_path / "files"
    storage = {"BACKEND": "neuralbox.core.storage.LocalStorage", "OPTIONS": {"location": folder}}
    settings.STORAGES = {**settings.STORAGES, "default": storage}
    settings.DATA_DIR = tmp_path
    return folder


@pytest.fixture
def terms(db):
    """Terms with one version in force, which people agree to."""
    document = Document.objects.create(slug="terms", position=1, is_accepted=True)
    DocumentVersion.objects.create(
        document=document,
        number=1,
        status=DocumentVersion.Status.PUBLISHED,
        title_ru="Условия",
        title_en="Terms",
        body_ru="Первая строка.\n\nВторая строка о токенах.",
        body_en="The first line.\n\nThe second line is about tokens.",
        effective_at=timezone.now() - timedelta(days=100),
        published_at=timezone.now() - timedelta(days=100),
        needs_acceptance=True,
    )
    return document


@pytest.fixture
def terms_that_changed(terms, olga):
    """The terms, with a version in force since an hour that people have to agree to; announced nine days ago."""
    version = documents.draft(document=terms, by=olga)
    version.effective_at = timezone.now() - timedelta(hours=1)
    version.is_significant = version.needs_acceptance = True
    version.change_ru, version.change_en = "Цены", "Prices"
    version.save()
    with time_machine.travel(timezone.now() - timedelta(days=9)):
        documents.publish(version_id=version.pk, by=olga, reason=REASON)
    return terms
