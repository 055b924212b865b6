"""Who wants to hear of finished generations hears of them; nobody else does."""

import pytest
from django.utils import translation

from accounts import notice_texts
from accounts.models import Notice, User
from generations.models import Generation
from generations.services import lifecycle

pytestmark = pytest.mark.django_db


def said(notice, language):
    with translation.override(language):
        return notice_texts.title_of(notice)


def finished(user):
    order = lifecycle.Order(user_id=user.pk, model="demo-image", raw_input={"prompt": "A lighthouse", "size": "512"})
    generation = Generation.objects.get(pk=lifecycle.start(order).id)
    Generation.objects.filter(pk=generation.pk).update(status="saving")
    generation.refresh_from_db()
    assert lifecycle.succeed(generation, delivered=1, expected=1)
    return generation


@pytest.mark.promise("P8")
def test_finished_generations_are_told_to_who_asked_for_it(catalogue, alice, mallory):
    User.objects.filter(pk=alice.pk).update(notice_settings={"generations": True})
    made = finished(alice)
    finished(mallory)
    told = Notice.objects.get(kind=Notice.Kind.GENERATION_FINISHED)
    assert (told.user, told.link) == (alice, f"/g/{made.pk}")
    assert {name: said(told, name) for name in ("ru", "en")} == {
        "ru": "Готово: Демо: картинка",
        "en": "Ready: Demo image",
    }
