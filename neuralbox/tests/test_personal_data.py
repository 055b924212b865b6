"""Nobody can forget personal data: every table that leads to a person, and every folder of files, is declared."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import FileField, ForeignKey, UUIDField
from django.utils import timezone

from neuralbox.core import personal_data

OWNER_IDS = {"user_id", "owner_id", "person_id"}
OURS = ("accounts", "billing", "generations", "legal", "neuralbox", "providers")


def declared():
    return {label for holder in personal_data.holders() for label in holder.models}


def impersonal():
    return {label: reason for holder in personal_data.holders() for label, reason in holder.impersonal.items()}


def test_every_table_that_leads_to_a_person_is_declared():
    exempt = set(impersonal())
    leading = {get_user_model()}
    models = [model for model in apps.get_models() if model._meta.label not in exempt]
    grew = True
    while grew:
        found = {model for model in models if model not in leading and _leads(model, leading)}
        grew = bool(found)
        leading |= found
    undeclared = {model._meta.label for model in leading} - declared()
    assert not undeclared


def _leads(model, leading):
    """By a foreign key, or by a column that holds the id of a person."""
    return any(
        (isinstance(field, ForeignKey) and field.related_model in leading)
        or (isinstance(field, UUIDField) and field.attname in OWNER_IDS)
        for field in model._meta.concrete_fields
    )


def test_what_is_declared_exists_and_is_declared_once():
    labels = {model._meta.label for model in apps.get_models()}
    everything = [label for holder in personal_data.holders() for label in (*holder.models, *holder.impersonal)]
    assert set(everything) <= labels
    assert len(everything) == len(set(everything))
    assert all(len(reason) > 20 for reason in impersonal().values())


def test_every_app_with_tables_of_people_has_a_holder():
    holders = {holder.name for holder in personal_data.holders()}
    assert holders == {label.split(".")[0] for label in declared() if label.split(".")[0] in OURS}


@pytest.mark.parametrize("app", ["accounts", "billing", "generations", "legal", "providers"])
def test_every_table_that_names_a_stored_file_is_declared(app):
    naming = {
        model._meta.label
        for model in apps.get_app_config(app).get_models()
        if any(isinstance(field, FileField) or field.attname == "storage_key" for field in model._meta.concrete_fields)
    }
    assert naming <= declared()


def test_every_folder_that_our_code_writes_to_is_declared():
    """Each module that puts files into the store belongs to an app that declares its folders.

    The core writes too: a backup that is restored, into the folders it came from.
    """
    writing = set()
    for app in sorted({*OURS} - {"neuralbox"}):
        for path in Path(settings.BASE_DIR, app).rglob("*.py"):
            if "tests" not in path.parts and re.search(r"\bstore(\(\))?\.put\(", path.read_text(encoding="utf-8")):
                writing.add(app)
    with_folders = {holder.name for holder in personal_data.holders() if holder.folders}
    assert writing == with_folders


@pytest.mark.promise("P10")
def test_every_table_of_people_is_purged_by_age_or_says_what_ends_it():
    purged = {label for rule in personal_data.rules().values() for label in rule.models}
    kept = {label: reason for holder in personal_data.holders() for label, reason in holder.kept.items()}
    assert declared() - purged - set(kept) == set()
    assert set(kept) <= declared() - purged
    assert purged <= declared() | set(impersonal())
    assert all(len(reason) > 20 for reason in kept.values())


@pytest.mark.django_db
def test_a_rule_looks_at_one_of_the_tables_that_it_names():
    for rule in personal_data.rules().values():
        assert rule.due(timezone.now()).model._meta.label in rule.models, rule.kind


def test_every_kind_stands_in_the_documentation_with_its_period():
    page = Path(settings.BASE_DIR, "docs", "privacy.md").read_text(encoding="utf-8")
    for kind, rule in personal_data.rules().items():
        row = f"| `{kind}` | {rule.default.days} | {rule.shortest.days}–{rule.longest.days} |"
        assert row in page, row


def test_a_kind_of_data_has_sensible_limits():
    for rule in personal_data.rules().values():
        assert rule.shortest <= rule.default <= rule.longest, rule.kind
        assert rule.ground, rule.kind
        assert rule.effect, rule.kind


@pytest.mark.django_db
def test_what_is_due_can_be_counted_and_owned_for_every_kind():

    for rule in personal_data.rules().values():
        due = rule.due(timezone.now())
        assert due.count() == 0, rule.kind
        assert list(due.order_by(rule.age_from, "pk").values_list("pk", *([rule.owner] if rule.owner else []))) == []


def test_holders_stand_lowest_app_first():
    order = [app for app in settings.INSTALLED_APPS if app in OURS]
    names = [holder.name for holder in personal_data.holders()]
    assert names == [name for name in order if name in names]
