"""The pages of models with the whole catalogue: found on a phone, light, and honest about who receives a prompt."""

import json
import re

import brotli
import pytest
from django.core.cache import cache

from generations.models import Model
from generations.tests.fixtures import read_catalogue
from neuralbox.core import ids
from neuralbox.pages import catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_catalogue")]

HEAVIEST_DOCUMENT = 20 * 1024


@pytest.fixture
def _all_providers(settings):
    for name in ("KIE", "PIAPI", "GOAPI", "SUNO", "HEYGEN"):
        setattr(settings, f"{name}_API_KEY", str(ids.new()))


def page(client, path, **query):
    answer = client.get(path, query)
    assert answer.status_code == 200
    return answer.content.decode()


def slugs_in(html):
    return re.findall(r'href="/en/models/([a-z0-9-]+)"', html)


def data_in(html, name):
    return json.loads(re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', html)[1])


@pytest.mark.usefixtures("_all_providers")
@pytest.mark.parametrize(
    ("wanted", "some", "others"),
    [
        ({"task": "lip_sync"}, {"infinitalk", "volcengine-lip-sync"}, {"kling-3-0"}),
        ({"kind": "music", "price": "2"}, {"suno-wav", "suno-video"}, {"suno-v5-5"}),
        ({"provider": "heygen"}, {"heygen-avatar", "heygen-speech"}, {"demo-avatar"}),
        ({"q": "background removal"}, {"recraft-remove-background"}, {"nano-banana"}),
        ({"kind": "video", "task": "video_edit", "provider": "kie"}, {"runway-aleph"}, {"veo-3-1"}),
    ],
)
def test_models_are_found_by_what_they_do_who_makes_them_and_what_they_cost(client, wanted, some, others):
    found = set(slugs_in(page(client, "/en/models", **wanted)))
    assert some <= found
    assert not others & found


@pytest.mark.usefixtures("_all_providers")
def test_many_models_of_a_kind_stand_by_their_task(client):
    html = page(client, "/en/models", kind="image")
    assert re.findall(r'shelf__part">([^<]+)', html) == [
        *("Picture from words", "Picture editing", "Larger picture", "Background removal")
    ]
    assert f"{len(read_catalogue())} models" in page(client, "/en/models")
    assert "No such model yet" in page(client, "/en/models", q="nothing like that")


@pytest.mark.usefixtures("_all_providers")
@pytest.mark.parametrize("path", ["/ru/models", "/ru/create", "/ru/create/seedance-2", "/ru/models/seedance-2", "/ru/"])
def test_a_page_with_every_model_stays_light(client, path):
    assert len(brotli.compress(page(client, path).encode(), quality=5)) < HEAVIEST_DOCUMENT


@pytest.mark.usefixtures("_all_providers")
def test_the_studio_carries_the_form_of_one_model_only(client):
    html = page(client, "/en/create/veo-3-1-fast")
    assert data_in(html, "first")["slug"] == "veo-3-1-fast"
    assert len(data_in(html, "models")) == len(read_catalogue())
    assert not any("input_schema" in one for one in data_in(html, "models"))
    assert data_in(page(client, "/en/create", kind="speech"), "first")["modality"] == "speech"


@pytest.mark.promise("P13")
@pytest.mark.usefixtures("_all_providers")
def test_a_model_s_page_says_who_receives_the_prompt(client):
    html = page(client, "/en/models/heygen-avatar")
    assert "<strong>HeyGen</strong>" in html
    assert "HeyGen Technology Inc., the United States" in html
    assert 'href="https://www.heygen.com/privacy"' in html
    several = page(client, "/en/models/kling-3-0")
    assert several.index("Kie.ai") < several.index("PiAPI")
    assert "if the one before it fails" in several


@pytest.mark.usefixtures("_all_providers")
def test_the_wait_is_that_of_our_own_jobs_or_not_said(client):
    cache.delete(catalogue.WAITS_KEY)
    assert "not enough data" in page(client, "/en/models/kling-3-0")
    cache.set(catalogue.WAITS_KEY, {"kling-3-0": 152.0}, 60)
    html = page(client, "/en/models/kling-3-0")
    assert "about\xa03\xa0minutes" in html
    assert "by our jobs of the last day" in html
    assert data_in(page(client, "/en/create"), "waits") == {"kling-3-0": 152.0}
    cache.delete(catalogue.WAITS_KEY)


@pytest.mark.usefixtures("_all_providers")
@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_parameter_of_every_model_has_its_name_and_limits_on_the_page(client, language):
    for card in catalogue.models():
        html = page(client, f"/{language}/models/{card['slug']}")
        for name, field in card["input_schema"]["properties"].items():
            if name != "simulate":
                assert f'<code class="quiet">{name}</code>' in html, (card["slug"], name)
            assert field["title"]


def test_without_keys_customers_see_the_demonstration_alone(client):
    assert {slug[:5] for slug in slugs_in(page(client, "/en/models"))} == {"demo-"}
    assert client.get("/en/models/kling-3-0").status_code == 404
    assert client.get("/en/create/kling-3-0").status_code == 404


def test_staff_see_what_is_not_available_here(admin_client):
    model = Model.objects.get(slug="kling-3-0")
    html = admin_client.get("/admin/generations/model/?q=kling-3-0", headers={"Accept-Language": "en"}).content.decode()
    assert model.slug in html
    assert "not available on this installation" in html
